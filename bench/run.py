"""Runs the benchmarks: workloads through the real program, and in turns with them what the machine itself takes.

`make bench` runs all, five samples each; `make bench QUICK=1` takes three, of smaller data. `--only NAME` runs one.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "operators")]

import report  # noqa: E402
from harness.bench import ROOT, Bench, Measured, measure  # noqa: E402
from harness.figures import Row  # noqa: E402
from harness.program import Program  # noqa: E402
from notes import NOTES  # noqa: E402
from workloads import ORDER  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/release/suanzi", help="the program to measure")
    parser.add_argument("--only", action="append", choices=ORDER, metavar="NAME", help=f"one of {', '.join(ORDER)}")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where latest.json goes")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs/benchmarks.md", help="where the report goes")
    args = parser.parse_args()
    if not args.suanzi.is_file():
        parser.error(f"there is no program {args.suanzi}; `make build` makes it, or name one with --suanzi")
    quick = bool(os.environ.get("QUICK"))
    began = time.monotonic()
    measured = run_all(args.suanzi.resolve(), args.only or list(ORDER), quick)
    rows = [row for one in measured for row in one.rows]
    if args.only:
        # What wasn't measured now stays out of the files that speak of all.
        report.write_json(args.results / "only.json", rows)
        return 0
    report.write_json(args.results / "latest.json", rows)
    args.docs.write_text(report.markdown(measured, taken(args.suanzi, quick, began), NOTES, abouts()))
    print(f"\nwrote {args.results / 'latest.json'} and {args.docs}; {missed(rows)} targets missed")
    return 0


def run_all(binary: Path, names: Sequence[str], quick: bool) -> list[Measured]:
    """One workload after the other, in one directory, with one server for those that need one."""
    directory = Path(tempfile.mkdtemp(prefix="suanzi-bench-"))
    bench = Bench(Program(binary, directory / "home", Path(sys.executable)), directory, quick)
    measured = []
    try:
        for name in names:
            one = measure(importlib.import_module(f"workloads.{name}"), bench)
            measured.append(one)
            print(report.table(one.rows), flush=True)
            print(f"{'':13}{one.seconds:.0f} s{f'; {one.fault}' if one.fault else ''}", flush=True)
    finally:
        bench.stop_server()
        shutil.rmtree(directory, ignore_errors=True)
    return measured


def taken(binary: Path, quick: bool, began: float) -> str:
    """When and how the figures were taken, for the report."""
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()
    load = os.getloadavg()[2]
    day = datetime.datetime.now(datetime.UTC).date()
    samples = "three samples each, smaller data (QUICK=1)" if quick else "five samples each"
    busy = (
        ""
        if load < (os.cpu_count() or 1) * 1.5
        else " **The machine was busy with other things: take the figures as rough.**"
    )
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        busy += " It ran with real-time priority over them."
    return (
        f"{version} ({report.revision(ROOT)}), {day}, {samples}, {time.monotonic() - began:.0f} s in all; "
        f"load average over a quarter of an hour {load:.1f}.{busy}"
    )


def abouts() -> dict[str, str]:
    """The first paragraph of what each workload says of itself."""
    modules = {name: importlib.import_module(f"workloads.{name}") for name in ORDER}
    return {name: " ".join((module.__doc__ or "").split("\n\n")[0].split()) for name, module in modules.items()}


def missed(rows: Sequence[Row]) -> int:
    return sum(row.met is False for row in rows)


def latest(path: Path) -> list[Row]:
    """Rows that were written earlier."""
    return [Row(**entry) for entry in json.loads(path.read_text())]


if __name__ == "__main__":
    sys.exit(main())
