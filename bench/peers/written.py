"""Writes what was compared: `results/peers.json` for programs, `docs/benchmarks-peers.md` for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import report

from peers.compared import Outcome, from_json, unit
from peers.systems import COUNTS, WORKLOADS, System

ABOUT = {
    "light40": "40 tasks one after the other, each `fib(10)`",
    "noop1000": "1,000 independent tasks that do nothing, and one that takes what they gave",
    "chain1000": "1,000 tasks that do nothing, each after the one before",
    "credit8": "Eight operators on 30,000 rows of credit data: read, split 80/20, regression and GBDT on the 80 %, two "
    "predictions and two evaluations on the 20 %",
    "handoff": "1,000,000 × 25 float64, 200 MB, from the task that makes them to the task that sums them",
    "trigger": "From the call by which a run is asked for to the first line of the user's Python, median of some calls",
}
HEAD = """# Benchmarks beside other systems

The same workloads through Suanzi and through other systems, each by its own idiomatic API, each in an environment of
its own. Written by `make bench-peers`; don't edit. What Suanzi costs against the machine is in
[benchmarks](benchmarks.md).

{machine}

{taken}

How to read it:

- Each workload is one small file per system in [`bench/peers`](../bench/peers), so that you can see whether it is fair;
  what the tasks do is [the same code](../bench/peers/same) for all. If one is not how you would write it, tell us.
- A sample counts if the *values* that came out are right: each task leaves its trace in them. The first sample of a
  workload isn't counted. Figures are medians, with the smallest and the largest, of as many samples as fit in
  {seconds:.0f} seconds, at most {samples} and at least one.
- Systems differ in what they promise. One that keeps nothing does less than one whose word for "done" survives a loss
  of power: read a figure together with [what is in it](#what-is-in-a-figure).
- Systems that take long are measured on fewer tasks, which the table tells: their figure *per task* is that of the
  smaller number, and is not measured at 1,000.
- Servers are on loopback in a network of their own, homes are new, telemetry is off, and lines of logs that a task
  would write to a terminal are off where there is a switch for them.
- One system is measured after the other, not in turns, so that the load of the machine differs between them; the load
  average of the minute before is told for each. Suanzi and the pool are sampled before the others and again after them.
- A system may have been measured again later (`AGAIN=1`); the table tells when.
"""


@dataclass
class Sampled:
    """One system's share of the report."""

    name: str
    title: str
    included: str
    keeps: str
    version: str | None
    load: float
    outcomes: list[Outcome] = field(default_factory=list)
    fault: str | None = None
    """Why there are none."""

    def of(self, workload: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.workload == workload), None)

    again: str | None = None
    """When it was measured, where that was after the others."""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "outcomes": [one.to_json() for one in self.outcomes]}


def write_json(path: Path, taken: str, sampled: Sequence[Sampled]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {"taken": taken, "systems": [one.to_json() for one in sampled]}
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def read_json(path: Path) -> tuple[str, list[Sampled]]:
    """How an earlier run was taken, and what came of it."""
    found = json.loads(path.read_text())
    systems = [
        Sampled(**{**entry, "outcomes": [from_json(one) for one in entry["outcomes"]]}) for entry in found["systems"]
    ]
    return found["taken"], systems


def replaced(earlier: Sequence[Sampled], now: Sequence[Sampled]) -> list[Sampled]:
    """An earlier run's systems, with those in place that were measured again."""
    found = {one.name: one for one in now}
    kept = [found.pop(one.name, one) for one in earlier]
    return [*kept, *found.values()]


def markdown(
    sampled: Sequence[Sampled],
    systems: Sequence[System],
    taken: str,
    samples: int,
    seconds: float,
    counts: dict[str, int],
) -> str:
    """`sampled` has Suanzi first; `systems` are those that were asked for, whether anything came of them or not."""
    lines = [HEAD.format(machine=report.machine(), taken=taken, samples=samples, seconds=seconds)]
    for workload in WORKLOADS:
        lines += [
            f"## {workload}",
            "",
            f"{ABOUT[workload]}.",
            *_smaller(workload, counts),
            "",
            *_table(workload, sampled),
            "",
        ]
    lines += ["## What is in a figure", "", *_included(sampled), "", "## Not measured", ""]
    missing = list(_missing(sampled, systems))
    lines += missing or ["Everything was."]
    return "\n".join(lines).rstrip() + "\n"


def _smaller(workload: str, counts: dict[str, int]) -> list[str]:
    if counts[workload] == COUNTS[workload] or workload == "trigger":
        return []
    return [f"This run was a quick one, with {counts[workload]:,} instead of {COUNTS[workload]:,}."]


def _table(workload: str, sampled: Sequence[Sampled]) -> list[str]:
    found = [
        (one, outcome.tasks, figures)
        for one in sampled
        if (outcome := one.of(workload)) and (figures := outcome.figures) is not None
    ]
    found.sort(key=lambda entry: entry[2].median)
    own = next((figures.median for one, _, figures in found if one.name == "suanzi"), None)
    lines = [
        f"| system | median, {unit(workload)} | min – max | samples | of | × Suanzi |",
        "|---|---|---|---|---|---|",
    ]
    for one, tasks, figures in found:
        title = f"**{one.title}**" if one.name == "suanzi" else one.title
        ratio = "" if own is None or one.name == "suanzi" else number(figures.median / own)
        cells = [title, number(figures.median), f"{number(figures.min)} – {number(figures.max)}", str(figures.runs)]
        lines.append(f"| {' | '.join([*cells, _count(workload, tasks), ratio])} |")
    return lines


def _count(workload: str, tasks: int) -> str:
    what = {"handoff": "rows", "trigger": "calls a sample"}.get(workload, "tasks")
    note = f", not {COUNTS[workload]:,}" if what == "tasks" and tasks < COUNTS[workload] else ""
    return f"{tasks:,} {what}{note}"


def _included(sampled: Sequence[Sampled]) -> list[str]:
    lines = [
        "| system | version | measured | left on the disk when the end is told | load average before |",
        "|---|---|---|---|---|",
    ]
    for one in sampled:
        if one.fault is None:
            load = f"{one.load:.1f}" + (f", measured again {one.again}" if one.again else "")
            lines.append(f"| {one.title} | {one.version or ''} | {one.included} | {one.keeps} | {load} |")
    return lines


def _missing(sampled: Sequence[Sampled], systems: Sequence[System]) -> list[str]:
    lines = []
    absent = {system.name: system.absent for system in systems}
    for one in sampled:
        if one.fault is not None:
            lines.append(f"- {one.title}: {one.fault}.")
            continue
        for outcome in one.outcomes:
            if outcome.fault is not None:
                lines.append(f"- {one.title}, {outcome.workload}: {outcome.fault}.")
        for workload, why in absent.get(one.name, {}).items():
            lines.append(f"- {one.title}, {workload}: {why}.")
    asked = {one.name for one in sampled}
    lines += [f"- {system.title}: left out of this run." for system in systems if system.name not in asked]
    return lines


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1g}"
