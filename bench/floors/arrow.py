"""Writing a table as an Arrow file and mapping it again, as two processes would hand it over."""

import os
import time
from pathlib import Path


def sample(directory: Path, rows: int, sync: bool = False) -> float:
    """Seconds to write `rows` × 25 float64, (and to sync it,) and to map it with all pages touched."""
    import pyarrow as pa
    from bench_tables import make, read

    table = make(rows)
    path = directory / "floor.arrow"
    began = time.perf_counter()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    if sync:
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
    with pa.memory_map(str(path)) as source:
        read(pa.ipc.open_file(source).read_all())
    took = time.perf_counter() - began
    path.unlink()
    return took
