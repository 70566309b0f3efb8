"""Read a CSV of 10,000,000 × 10, filter, aggregate, split: against the best of three scripts that do the same."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from floors import script
from harness.bench import Bench, Sides
from harness.dags import dag
from harness.figures import Figure

COLD = True
FIGURES = [
    Figure(
        "cold CLI, against the best cold script", "ms", "suanzi", lambda m: min(m[k] for k in SCRIPTS if k in m), 1.1
    ),
    Figure("peak memory of an operator", "MB", "peak"),
]
MAKE = """
import sys
import numpy as np, pyarrow as pa
from pyarrow import csv
rows, path = int(sys.argv[1]), sys.argv[2]
draw = np.random.default_rng(0)
columns = {"k": draw.integers(0, 1000, rows), "flag": draw.integers(0, 2, rows)}
columns |= {f"x{n}": draw.integers(0, 100_000, rows) / 100 for n in range(8)}
csv.write_csv(pa.table(columns), path)
"""
SCRIPTS = {
    "pandas": """
import pandas as pd
d = pd.read_csv({path!r})
d = d[d["flag"] > 0]
g = d.groupby("k", as_index=False)["x0"].mean()
test = d.sample(frac=0.2, random_state=0)
train = d.drop(test.index)
print(len(g), len(train), len(test))
""",
    "pyarrow": """
import numpy as np, pyarrow as pa, pyarrow.compute as pc
from pyarrow import csv
d = csv.read_csv({path!r})
d = d.filter(pc.greater(d["flag"], 0))
g = d.group_by("k").aggregate([("x0", "mean")])
order = np.random.default_rng(0).permutation(d.num_rows)
cut = d.num_rows // 5
test, train = d.take(order[:cut]), d.take(order[cut:])
print(len(g), len(train), len(test))
""",
    "polars": """
import polars as pl
d = pl.read_csv({path!r}).filter(pl.col("flag") > 0)
g = d.group_by("k").agg(pl.col("x0").mean())
d = d.sample(fraction=1, shuffle=True, seed=0)
cut = d.height // 5
test, train = d[:cut], d[cut:]
print(len(g), len(train), len(test))
""",
}


def sides(bench: Bench) -> Sides:
    rows = 500_000 if bench.quick else 10_000_000
    path = bench.directory / f"rows{rows}.csv"
    subprocess.run([sys.executable, "-c", MAKE, str(rows), path], check=True)
    installed = [name for name in SCRIPTS if importlib.util.find_spec(name)]
    absent = sorted(SCRIPTS.keys() - set(installed))
    bench.words.append(f"{rows:,} rows" + (f"; not installed, so not compared: {', '.join(absent)}" if absent else ""))
    bench.stop_server()
    alone = bench.alone("rows10m")
    pipeline = bench.directory / "rows10m.json"
    pipeline.write_text(_dag(path))

    def suanzi() -> float:
        took = alone.cli("run", pipeline, "--no-cache", "--quiet")
        key = alone.check(None, 4)
        bench.also("peak", alone.peak_bytes(key) / 1e6)
        return took * 1e3

    def plain(name: str) -> Path:
        file = bench.directory / f"rows-{name}.py"
        file.write_text(SCRIPTS[name].format(path=str(path)))
        return file

    files = {name: plain(name) for name in installed}
    return {"suanzi": suanzi} | {name: lambda file=file: script.cold(file) * 1e3 for name, file in files.items()}


def _dag(path: Path) -> str:
    operators = {
        "read": ("read_csv", {"path": str(path)}),
        "filter": ("filter_rows", {"expression": "flag > 0"}),
        "aggregate": ("group_aggregate", {"by": ["k"], "aggregations": {"x0": "mean"}}),
        "split": ("split", {"test_size": 0.2, "random_state": 0}),
    }
    return dag(
        "rows10m", operators, [("read", 0, "filter", 0), ("filter", 0, "aggregate", 0), ("filter", 0, "split", 0)]
    )
