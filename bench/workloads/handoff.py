"""200 MB made by one operator and read by the next, against the same in one process."""

from floors import arrow, script
from harness.bench import Bench, Sides
from harness.dags import dag
from harness.figures import Figure

FIGURES = [
    Figure("default placement, against one process", "ms", "default", "one process", 1.03),
    Figure("read by another worker, against one process", "ms", "elsewhere", "one process", 1.25),
    Figure("Arrow write and map", "ms", "arrow"),
    Figure("Arrow write, fsync and map", "ms", "synced"),
]
SCRIPT = "from bench_tables import make, read\nprint(read(make({rows})))\n"


def sides(bench: Bench) -> Sides:
    rows = 200_000 if bench.quick else 1_000_000
    bench.words.append(
        f"{rows:,} rows of 25 float64. Files reach the disk in the background; a run is told as ended after that."
    )
    server = bench.server()
    path = bench.directory / "handoff.py"
    path.write_text(SCRIPT.format(rows=rows))
    warm = script.Warm(bench.operators)
    bench.keep.callback(warm.close)

    def flow(make: str) -> float:
        text = dag("handoff", {"make": (make, {"rows": rows}), "read": ("bench_read", {})}, [("make", 0, "read", 0)])
        return server.run(text, 2, operator_dirs=bench.dirs)[0] * 1e3

    return {
        "default": lambda: flow("bench_make"),
        "elsewhere": lambda: flow("bench_make_and_spoil"),
        "one process": lambda: warm.run(path) * 1e3,
        "arrow": lambda: arrow.sample(bench.directory, rows) * 1e3,
        "synced": lambda: arrow.sample(bench.directory, rows, sync=True) * 1e3,
    }
