"""Writes what was measured: `results/latest.json` for programs, `docs/benchmarks.md` for people."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.bench import ROOT, Measured
from harness.figures import Row

LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn")
HEAD = """# Benchmarks

What Suanzi costs, measured by `make bench` through the real program. Written by it; don't edit. The same workloads
through other systems are in [benchmarks beside other systems](benchmarks-peers.md).

{machine}

{taken}

How it is measured:

- Operators of the workloads are ordinary user code in [`bench/operators`](../bench/operators), given as `--operators`
  gives them. Default configuration, the cache off but for `credit_again`, commits with `synchronous=FULL`.
- After each sample the attempts and the end of the run are read back from SQL; a run that didn't do all its work is no
  figure. `nonce1000` does the same with an operator of a name drawn anew, whose 1,000 values nobody could know before.
- A workload and what it is set against are sampled in turns, after one round that isn't counted. Figures are medians,
  with the smallest and the largest. *ratio* is the median divided by that of the floor. A figure that couldn't be
  measured counts as missed.
- Each workload is [a small file](../bench/workloads); what the machine itself takes is in
  [`bench/floors`](../bench/floors).
- Where other programs share the processors, all figures grow, most those of the side that wakes more processes.

"""


def machine() -> str:
    """The host and the versions, in one paragraph."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) >> 20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} processors{f' ({model})' if model else ''}, {memory} GiB, {platform.platform()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}."
    )


def write_json(path: Path, rows: Sequence[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.to_json() for row in rows], indent=1) + "\n")


def markdown(measured: Sequence[Measured], taken: str, notes: dict[str, str], abouts: dict[str, str]) -> str:
    """The report's text."""
    rows = [row for one in measured for row in one.rows]
    judged = [row for row in rows if row.target is not None]
    met = sum(row.met is True for row in judged)
    lines = [
        HEAD.format(machine=machine(), taken=taken).rstrip(),
        "",
        f"**{met} of {len(judged)} targets are met.**",
        "",
    ]
    lines += [
        "| workload | figure | median | min – max | floor | ratio | target | met |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row.workload, row.metric, _value(row.median, row.unit), _span(row), _value(row.floor, row.unit)]
        cells += [_number(row.ratio), _target(row), {None: "", True: "yes", False: "**no**"}[row.met]]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## The workloads", ""]
    for one in measured:
        missed = [row for row in one.rows if row.met is False]
        lines.append(
            f"**`{one.name}`**: {abouts.get(one.name, '')} {' '.join(f'{word}.' for word in one.words)}".rstrip()
        )
        if one.fault is not None:
            lines.append(f"It could not be measured: {one.fault.replace(f'{ROOT}/', '')}")
        for row in missed:
            if row.ratio is not None:
                lines.append(
                    f"Missed: {row.metric} is {_number(row.ratio)} × its floor; the target is {_number(row.target)}."
                )
        if missed and one.name in notes:
            lines.append(f"Where the time goes: {notes[one.name]}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def table(rows: Sequence[Row]) -> str:
    """For a terminal, as one workload's figures come in."""
    lines = []
    for row in rows:
        met = {None: "", True: "met", False: "MISSED"}[row.met]
        against = "" if row.ratio is None else f"{row.ratio:6.2f} x floor"
        target = "" if row.target is None else f"target {row.target:g}"
        lines.append(
            f"{row.workload:<13}{row.metric:<58}{_value(row.median, row.unit):>12} {against:<15}{target:<12}{met}"
        )
    return "\n".join(lines)


def _value(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{_number(value)} {unit}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _span(row: Row) -> str:
    return "" if row.min is None or row.max is None else f"{_number(row.min)} – {_number(row.max)}"


def _target(row: Row) -> str:
    return "" if row.target is None else f"≤ {row.target:g}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "(absent)"


def revision(root: Path) -> str:
    """The commit that was measured, in short; with a plus where files differ from it."""
    command: list[Any] = ["git", "-C", root, "describe", "--always", "--dirty=+"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "an unknown revision"


if __name__ == "__main__":
    sys.exit("run bench/run.py")
