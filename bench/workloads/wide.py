"""1,000 to 1,000,000 operators in layers of 1,000 on an executor that does nothing, state in SQLite.

By `crates/dag-engine/examples/wide.rs`: the same engine, writer and store, without Python.
"""

import json
import subprocess

from floors import commit
from harness.bench import ROOT, Bench, Sides
from harness.figures import Figure
from harness.program import FailedError

BINARY = ROOT / "target" / "release" / "examples" / "wide"
COLD = True
FIGURES = [
    Figure("1,000: an operator", "us", "us1000"),
    Figure("10,000: an operator", "us", "us10000"),
    Figure("100,000: an operator", "us", "us100000", "us10000"),
    Figure("1,000,000: an operator, against that at 10,000", "us", "us1000000", "us10000", 1.3),
    Figure("memory of the engine, an operator", "kB", "kb", 1.0, 1.0),
    Figure("100,000: an operator, against a row of a group commit", "us", "us100000", "row", 2.0),
]
GROUP = 1000
"""Rows of a commit of the floor: a layer's."""


def sides(bench: Bench) -> Sides:
    counts = (1_000, 10_000, 100_000) if bench.quick else (1_000, 10_000, 100_000, 1_000_000)
    if bench.quick:
        bench.words.append("1,000,000 are left out under QUICK=1, and so count as missed")

    def run(count: int) -> float:
        done = subprocess.run([BINARY, str(count), bench.fresh("wide")], capture_output=True, text=True)
        if done.returncode != 0:
            raise FailedError(f"wide {count}: {done.stderr.strip()}")
        found = json.loads(done.stdout)
        if found["successes"] != count:
            raise FailedError(f"wide {count}: {found['successes']} successful attempts in the database")
        if count == counts[-1]:
            bench.also("kb", found["engine_bytes"] / count / 1e3)
        return found["seconds"] / count * 1e6

    return {f"us{count}": lambda count=count: run(count) for count in counts} | {
        "row": lambda: commit.sample(bench.directory, 50, GROUP) / GROUP * 1e6,
    }
