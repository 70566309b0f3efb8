"""A map and a combine over many rows, in pieces and in one process: the same results, times, memory of each process.

`.venv/bin/python bench/large_data.py --suanzi target/release/suanzi` runs the real program on generated data.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 20_000_000
GROUP_ROWS = 1_000_000
SAMPLE_SECONDS = 0.1
MIB = 1 << 20
OPERATORS = """
from suanzi.sdk import Metrics, Partition, Table, operator

@operator(partition=Partition(rows={rows}))
def share(data: Table) -> Table:
    kept = data[data["age"] >= 18].reset_index(drop=True)
    kept["share"] = kept["paid"] / kept["owed"]
    return kept

def total(parts: list) -> dict:
    return {{name: sum(part[name] for part in parts) for name in parts[0]}}

@operator(partition=Partition(combine=total, rows={rows}))
def figures(data: Table) -> Metrics:
    return {{"rows": len(data), "paid": int(data["paid"].sum()), "ages": int(data["age"].sum())}}
"""
DAG = """
dag:
 name: large-data
 operator_list: [data, share, figures]
 operator_rels:
  data: [{target: share, source_index: 0, target_index: 0}]
  share: [{target: figures, source_index: 0, target_index: 0}]
 operator_details:
  data: {algo_name: algo_local_read_file, params: {data_id: 1}}
  share: {algo_name: share, resources: {cpu: CPU}}
  figures: {algo_name: figures, resources: {cpu: CPU}}
"""


def generate(path: Path, rows: int) -> None:
    """Five columns, 29 bytes a row; ages with gaps."""
    rng = np.random.default_rng(1)
    schema = pa.schema({"id": pa.int64(), "age": pa.int32(), "paid": pa.int64(), "owed": pa.int64(), "new": pa.bool_()})
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, GROUP_ROWS):
            n = min(GROUP_ROWS, rows - start)
            ages = pa.array(rng.integers(0, 90, n, dtype=np.int32), mask=rng.random(n) < 0.01)
            columns = [
                pa.array(np.arange(start, start + n)),
                ages,
                pa.array(rng.integers(0, 1_000_000, n)),
                pa.array(rng.integers(1, 1_000_000, n)),
                pa.array(rng.random(n) < 0.5),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


class Watch(threading.Thread):
    """The most memory that each process of a tree had: its own pages, and its share of those it shares (PSS)."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak = 0
        """Bytes, of one process other than the program itself."""
        self.peak_all = 0
        self.processes = 0
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(SAMPLE_SECONDS):
            found = [pss(pid) for pid in tree(self.root) if pid != self.root]
            self.peak = max([self.peak, *found])
            self.peak_all = max(self.peak_all, sum(found))
            self.processes = max(self.processes, len(found))


def tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                children = Path(f"/proc/{pid}/task/{thread}/children").read_text()
                found.extend(int(word) for word in children.split())
        except OSError:
            continue
    return found


def pss(pid: int) -> int:
    """Without pages of files, which the kernel may drop."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def run(suanzi: Path, folder: Path, what: str, rows_of_piece: int | None, cpu: int) -> dict:
    """Runs the DAG in a home of its own; figures by operator."""
    place = folder / what
    (place / "mine").mkdir(parents=True)
    (place / "mine" / "large.py").write_text(OPERATORS.format(rows=rows_of_piece))
    (place / "dag.yaml").write_text(DAG.replace("CPU", str(cpu)))
    command = [suanzi, "run", "dag.yaml", "-q", "--json", "--operators", "mine"]
    command += ["--dataset", f"1={folder / 'big.parquet'}"]
    environment = {**os.environ, "SUANZI_HOME": str(place / "home")}
    # The source reads its file whole; what is measured is what comes after it.
    subprocess.run([*command, "--to", "data"], cwd=place, env=environment, stdout=subprocess.DEVNULL, check=True)
    process = subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    watch.start()
    out, _ = process.communicate()
    watch.stop.set()
    watch.join()
    if process.returncode != 0:
        raise SystemExit(f"{what}: the run failed\n{out}")
    report = json.loads(out)
    operators = {found["id"]: found for found in report["operators"]}
    return {
        "seconds": {name: operators[name]["duration_ms"] / 1000 for name in ("share", "figures")},
        "peak": watch.peak,
        "peak_all": watch.peak_all,
        "processes": watch.processes,
        "metrics": report["metrics"]["figures"],
        "table": operators["share"]["outputs"][0]["path"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suanzi", type=Path, required=True, help="the program")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--cpu", type=int, default=os.cpu_count() or 1, help="pieces at a time")
    options = parser.parse_args()
    suanzi = options.suanzi.resolve()
    with tempfile.TemporaryDirectory(prefix="suanzi-large-") as name:
        folder = Path(name)
        generate(folder / "big.parquet", options.rows)
        print(f"{options.rows:,} rows, {options.cpu} processors", flush=True)
        found = {}
        for what, rows in (("in pieces", None), ("whole", 10**12)):
            one = found[what] = run(suanzi, folder, what.replace(" ", "-"), rows, options.cpu)
            seconds = ", ".join(f"{name} {took:.1f} s" for name, took in one["seconds"].items())
            print(
                f"{what}: {seconds}; own memory of the largest process {one['peak'] / MIB:,.0f} MiB, "
                f"of all together {one['peak_all'] / MIB:,.0f} MiB",
                flush=True,
            )
        same = found["in pieces"]["metrics"] == found["whole"]["metrics"] and equal(
            *(f["table"] for f in found.values())
        )
    print("results are equal" if same else "RESULTS DIFFER")
    return 0 if same else 1


def equal(*paths: str) -> bool:
    """Whether two Arrow files hold the same table, read row by row."""
    with pa.memory_map(paths[0]) as one, pa.memory_map(paths[1]) as other:
        return pa.ipc.open_file(one).read_all().equals(pa.ipc.open_file(other).read_all())


if __name__ == "__main__":
    sys.exit(main())
