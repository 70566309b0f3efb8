"""Runs the benchmarks: workloads through the real program, floors and a peer in the same run.

Figures are medians of at least five runs (three with QUICK=1).
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dags
import floors

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


class Bench:
    def __init__(self, suanzi: Path, runs: int) -> None:
        self.suanzi = suanzi
        self.runs = runs
        self.rows: list[dict] = []
        self.dir = Path(tempfile.mkdtemp(prefix="suanzi-bench-"))
        self.env = {**os.environ, "SUANZI_HOME": str(self.dir / "home")}

    def cli(self, *args: str) -> float:
        """Seconds of one command."""
        began = time.perf_counter()
        done = subprocess.run(
            [self.suanzi, *args],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode != 0:
            sys.exit(f"suanzi {' '.join(args)}: {done.stderr.decode()}")
        return time.perf_counter() - began

    def span_us(self, operators: int) -> float:
        """Microseconds an operator of the newest run, read back from SQL, where every attempt must be a success.

        From the first end (Python is up then) to the last.
        """
        db = sqlite3.connect(f"file:{self.dir}/home/suanzi.db?mode=ro", uri=True)
        run = db.execute("select max(key) from runs").fetchone()[0]
        first, last, count = db.execute(
            "select min(ended_at), max(ended_at), count(*) from attempts where run = ? and state = 'success'",
            (run,),
        ).fetchone()
        db.close()
        if count != operators:
            sys.exit(f"{count} successful attempts in the database, {operators} expected")
        return (last - first) * 1000 / (operators - 1)

    def add(
        self,
        workload: str,
        metric: str,
        unit: str,
        sample: Callable[[], float],
        floor: float | None = None,
        target: float | None = None,
    ) -> float:
        values = [sample() for _ in range(self.runs)]
        median = statistics.median(values)
        ratio = median / floor if floor else None
        met = ratio <= target if ratio is not None and target is not None else None
        row = {
            "workload": workload,
            "metric": metric,
            "unit": unit,
            "median": median,
            "min": min(values),
            "max": max(values),
        }
        self.rows.append(
            {
                **row,
                "runs": len(values),
                "floor": floor,
                "ratio": ratio,
                "target": target,
                "met": met,
            }
        )
        shown = f"{median:12.1f} {unit:<3} (min {min(values):.1f}, max {max(values):.1f})"
        against = f"  {ratio:.2f} x floor" + (f", target {target}" if target else "") if ratio else ""
        print(f"{workload:<14}{metric:<28}{shown}{against}", flush=True)
        return median


def measure(bench: Bench) -> None:
    start = bench.add("floor", "python -c pass", "ms", lambda: floors.python_start() * 1000)
    trip = bench.add("floor", "socket round trip", "us", floors.socket_round_trip)
    commits = iter(range(1000))

    def commit() -> float:
        directory = bench.dir / f"commit-{next(commits)}"
        directory.mkdir()
        return floors.full_commit(directory)

    bench.add("floor", "FULL commit", "us", commit)
    pool_async = bench.add("floor", "Pool.apply_async a task", "us", floors.pool_apply_async)
    pool_apply = bench.add("floor", "Pool.apply a task", "us", floors.pool_apply)

    operators = str(HERE / "operators")

    def workload(name: str, text: str, count: int) -> Callable[[], float]:
        file = bench.dir / f"{name}.json"
        file.write_text(text)

        def once() -> float:
            bench.cli("run", str(file), "--operators", operators, "--no-cache", "--quiet")
            return bench.span_us(count)

        return once

    bench.add(
        "noop1000",
        "an operator",
        "us",
        workload("noop1000", dags.independent("noop1000", "bench_noop", 1000), 1001),
        pool_async,
        0.7,
    )
    bench.add(
        "chain1000",
        "a hop",
        "us",
        workload("chain1000", dags.chain("chain1000", "bench_noop", 1000), 1000),
        pool_apply,
        0.4,
    )
    chain = bench.rows[-1]["median"]
    bench.rows.append(
        {
            "workload": "chain1000",
            "metric": "a hop against the socket",
            "unit": "x",
            "median": chain / trip,
            "min": None,
            "max": None,
            "runs": bench.runs,
            "floor": trip,
            "ratio": chain / trip,
            "target": 2.5,
            "met": chain / trip <= 2.5,
        }
    )
    bench.add(
        "fib40",
        "an operator",
        "us",
        workload("fib40", dags.chain("fib40", "bench_fib", 40), 40),
        pool_apply,
    )

    data = bench.dir / "credit.csv"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "suanzi.demo_data",
            data,
            "--rows",
            "30000",
            "--seed",
            "0",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    seed = [
        "run",
        str(ROOT / "examples/seed-dag.yaml"),
        "--dataset",
        f"40={data}",
        "--quiet",
    ]
    bench.add(
        "credit",
        "cold CLI, nothing cached",
        "ms",
        lambda: bench.cli(*seed, "--no-cache") * 1000,
    )
    bench.add(
        "credit-again",
        "cold CLI, all cached",
        "ms",
        lambda: bench.cli(*seed) * 1000,
        start,
        3,
    )


def cell(value: object) -> str:
    return "" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)


def report(bench: Bench) -> None:
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "latest.json").write_text(json.dumps(bench.rows, indent=1) + "\n")
    machine = f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` on {machine}; medians of {bench.runs} runs.",
        "",
        "| workload | metric | median | min | max | ratio to floor | target | met |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in bench.rows:
        met = {None: "", True: "yes", False: "**no**"}[row["met"]]
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        cells = [row["workload"], row["metric"], f"{cell(row['median'])} {row['unit']}", cell(row["min"])]
        cells += [cell(row["max"]), ratio, cell(row["target"]), met]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "Operators of the workloads are user code (`bench/operators`), the cache is off but for `credit-again`,",
        "attempts are counted in the database, commits are `synchronous=FULL`.",
    ]
    (results / "latest.md").write_text("\n".join(lines) + "\n")
    print(f"\nwrote {results}/latest.json and latest.md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/release/suanzi")
    args = parser.parse_args()
    bench = Bench(args.suanzi.resolve(), 3 if os.environ.get("QUICK") else 5)
    measure(bench)
    report(bench)


if __name__ == "__main__":
    main()
