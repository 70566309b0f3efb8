"""What came of the samples: those with a right value are figures, all others are told as faults."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from peers.same import expected

PER_TASK = ("noop1000", "chain1000")
"""Told in µs a task; all others in ms."""


@dataclass(frozen=True)
class Figures:
    """Of the samples of one workload through one system, in the workload's unit."""

    median: float
    min: float
    max: float
    runs: int


@dataclass
class Outcome:
    """One workload through one system."""

    workload: str
    tasks: int
    seconds: list[float] = field(default_factory=list)
    """Counted samples whose value is right."""
    fault: str | None = None
    earlier: Figures | None = None
    """Of a run whose samples are gone, as its file told them."""

    @property
    def figures(self) -> Figures | None:
        """None where something was wrong, or nothing was measured."""
        if self.fault is not None or not self.seconds:
            return None if self.fault is not None else self.earlier
        scale = 1e6 / self.tasks if self.workload in PER_TASK else 1e3
        values = [second * scale for second in self.seconds]
        return Figures(statistics.median(values), min(values), max(values), len(values))

    def to_json(self) -> dict[str, Any]:
        own = {"workload": self.workload, "tasks": self.tasks, "unit": unit(self.workload)}
        found = self.figures
        figures = asdict(found) if found else {"median": None, "min": None, "max": None, "runs": 0}
        return {**own, **figures, "checked": found is not None, "fault": self.fault}


def from_json(entry: Mapping[str, Any]) -> Outcome:
    figures = Figures(entry["median"], entry["min"], entry["max"], entry["runs"]) if entry["checked"] else None
    return Outcome(entry["workload"], entry["tasks"], fault=entry["fault"], earlier=figures)


def unit(workload: str) -> str:
    return "µs a task" if workload in PER_TASK else "ms"


def judged(lines: Iterable[Mapping[str, Any]], counts: Mapping[str, int], workloads: Iterable[str]) -> list[Outcome]:
    """Outcomes of what a session printed. A wrong value, or a number of tasks that wasn't asked for, is a fault."""
    found = {name: Outcome(name, counts[name]) for name in workloads}
    seen: dict[str, int] = {}
    for line in lines:
        one = found.get(line["workload"])
        if one is None:
            continue
        if "fault" in line:
            one.fault = line["fault"] + (f": {last(line['said'])}" if line.get("said") else "")
            continue
        wrong = _wrong(line, counts)
        if wrong is not None:
            one.fault = wrong
        elif seen.get(one.workload):
            one.seconds.append(line["seconds"])
        seen[one.workload] = seen.get(one.workload, 0) + 1
    for one in found.values():
        if not one.seconds and one.fault is None:
            one.fault = "it gave no figure after the sample that isn't counted"
    return list(found.values())


def _wrong(line: Mapping[str, Any], counts: Mapping[str, int]) -> str | None:
    asked = counts[line["workload"]]
    if line["tasks"] != asked:
        return f"{line['tasks']} tasks ran, {asked} were asked for"
    if not (math.isfinite(line["seconds"]) and line["seconds"] > 0):
        return f"a sample took {line['seconds']} s"
    return expected.fault(line["workload"], asked, line["value"])


def last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
