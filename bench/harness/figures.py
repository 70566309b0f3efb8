"""Figures: medians of samples, set against a floor from the same run and a target. What is missing is missed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Medians = Mapping[str, float]
"""By the name of the side that was measured."""


@dataclass(frozen=True)
class Figure:
    """One line of the report: `side` divided by `floor` must be at most `target`."""

    metric: str
    unit: str
    side: str
    floor: str | float | Callable[[Medians], float] | None = None
    """Another side's name, a constant in the figure's unit, or worked out from the medians of all sides."""
    target: float | None = None


@dataclass(frozen=True)
class Row:
    """One entry of `latest.json`."""

    workload: str
    metric: str
    unit: str
    median: float | None
    min: float | None
    max: float | None
    runs: int
    floor: float | None
    ratio: float | None
    target: float | None
    met: bool | None
    """None where no target is set; without a figure, a target is missed."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def row(workload: str, figure: Figure, samples: Mapping[str, Sequence[float]]) -> Row:
    """The figure from what was sampled. A side without samples gives nulls, and misses its target."""
    own = [value for value in samples.get(figure.side, ()) if math.isfinite(value)]
    median = statistics.median(own) if own else None
    floor = _floor(figure, samples)
    ratio = median / floor if median is not None and floor else None
    met: bool | None = None
    if figure.target is not None:
        met = ratio is not None and ratio <= figure.target
    return Row(
        workload=workload,
        metric=figure.metric,
        unit=figure.unit,
        median=median,
        min=min(own) if own else None,
        max=max(own) if own else None,
        runs=len(own),
        floor=floor,
        ratio=ratio,
        target=figure.target,
        met=met,
    )


def _floor(figure: Figure, samples: Mapping[str, Sequence[float]]) -> float | None:
    if figure.floor is None or isinstance(figure.floor, int | float):
        return figure.floor
    medians = {name: statistics.median(values) for name, values in samples.items() if values}
    try:
        return medians[figure.floor] if isinstance(figure.floor, str) else figure.floor(medians)
    except KeyError:
        return None


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, by nearest rank; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
