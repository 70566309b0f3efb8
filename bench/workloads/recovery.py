"""`kill -9` with 100,000 operators under way on an executor that never ends them, state in SQLite: how soon the next
engine hands out work again.

By `crates/dag-engine/examples/recovery.rs`: the same engine, writer and store, without Python.
"""

import os
import signal
import subprocess
import threading
from pathlib import Path

from harness.bench import ROOT, Bench, Sides
from harness.figures import Figure, quantile
from harness.program import FailedError

BINARY = ROOT / "target" / "release" / "examples" / "recovery"
SAMPLED_ONCE = True
OPERATORS = 100_000
KILLS_PER_HOME = 8
"""A task that is lost more than ten times with its engine fails."""
PATIENCE_SECONDS = 300.0
FIGURES = [
    Figure("p99 from the start of the next engine to its first dispatch", "s", "p99", 5.0, 1.0),
    Figure("p50 of the same", "s", "p50"),
    Figure("p99 until the rows of all are committed again", "s", "all"),
    Figure("kills, each with all under way", "kills", "kills"),
]


def sides(bench: Bench) -> Sides:
    kills, operators = (5, 10_000) if bench.quick else (50, OPERATORS)
    if bench.quick:
        bench.words.append(f"{kills} kills with {operators:,} operators under QUICK=1")

    def sample() -> float:
        first: list[float] = []
        whole: list[float] = []
        while len(first) < kills:
            home = bench.fresh(f"recovery-{len(first)}")
            _life(home, operators)
            for _ in range(min(KILLS_PER_HOME, kills - len(first))):
                scheduling, in_flight = _life(home, operators)
                first.append(scheduling)
                whole.append(in_flight)
        bench.also("p50", quantile(first, 0.5))
        bench.also("all", quantile(whole, 0.99))
        bench.also("kills", len(first))
        return quantile(first, 0.99)

    return {"p99": sample}


def _life(home: Path, operators: int) -> tuple[float, float]:
    """One engine, killed once all is under way: seconds to its first dispatch, and until all is under way."""
    process = subprocess.Popen(
        [BINARY, str(operators), home], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    giving_up = threading.Timer(PATIENCE_SECONDS, process.kill)
    giving_up.start()
    try:
        told: dict[str, float] = {}
        assert process.stdout is not None
        for line in process.stdout:
            what, _, milliseconds = line.partition(" ")
            told[what] = float(milliseconds) / 1e3
            if what == "in_flight":
                os.kill(process.pid, signal.SIGKILL)
                break
    finally:
        giving_up.cancel()
        process.kill()
        said = process.communicate()[1]
    if "in_flight" not in told:
        raise FailedError(f"recovery: {said.strip() or told}")
    return told["scheduling"], told["in_flight"]
