"""Writes what was compared: `results/peers.json` for programs, `docs/benchmarks-peers.md` for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import report

from peers.compared import Outcome, unit
from peers.systems import COUNTS, WORKLOADS, System

ABOUT = {
    "light40": "40 tasks one after the other, each `fib(10)`",
    "noop1000": "1,000 independent tasks that do nothing, and one that takes what they gave",
    "chain1000": "1,000 tasks that do nothing, each after the one before",
    "credit8": "eight operators on 30,000 rows of credit data: read, split 80/20, regression and GBDT on the 80 %, two "
    "predictions and two evaluations on the 20 %",
    "handoff": "1,000,000 × 25 float64, 200 MB, from the task that makes them to the task that sums them",
    "trigger": "from the call by which a run is asked for to the first line of the user's Python, median of some calls",
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

    def to_json(self) -> dict[str, Any]:
        outcomes = [one.to_json() for one in self.outcomes]
        return {"system": self.name, "version": self.version, "load": self.load, "fault": self.fault} | {
            "workloads": outcomes
        }


def write_json(path: Path, sampled: Sequence[Sampled]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([one.to_json() for one in sampled], indent=1) + "\n")


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
    found = [(one, outcome) for one in sampled if (outcome := one.of(workload)) and outcome.median is not None]
    found.sort(key=lambda pair: pair[1].median or 0)
    own = next((outcome.median for one, outcome in found if one.name == "suanzi"), None)
    lines = [
        f"| system | median, {unit(workload)} | min – max | samples | of | × Suanzi |",
        "|---|---|---|---|---|---|",
    ]
    for one, outcome in found:
        values, median = outcome.per_unit(), outcome.median or 0
        title = f"**{one.title}**" if one.name == "suanzi" else one.title
        ratio = "" if own is None or one.name == "suanzi" else number(median / own)
        span = f"{number(min(values))} – {number(max(values))}"
        lines.append(
            f"| {title} | {number(median)} | {span} | {len(values)} | {_count(workload, outcome.tasks)} | {ratio} |"
        )
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
            lines.append(f"| {one.title} | {one.version or ''} | {one.included} | {one.keeps} | {one.load:.1f} |")
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
