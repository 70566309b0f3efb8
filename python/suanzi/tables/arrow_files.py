"""Arrow IPC files: what imports write and outputs are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import Source


def open_arrow(path: Path) -> Source:
    """Opens the file by mapping it."""
    try:
        file = pa.ipc.open_file(pa.memory_map(str(path)))
        first = file.get_batch(0) if file.num_record_batches else None
    except (pa.ArrowException, OSError) as error:
        raise RefusalError(f"the file is no readable Arrow table: {str(error).splitlines()[0]}") from None
    sample = file.schema.empty_table() if first is None else pa.Table.from_batches([first])
    return Source(file.schema, sample, _rows(file), whole=file.num_record_batches <= 1)


def _rows(file: pa.ipc.RecordBatchFileReader) -> Iterator[pa.RecordBatch]:
    for index in range(file.num_record_batches):
        yield file.get_batch(index)
