"""Bins of one feature and their weights of evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FINE_BINS = 50
"""Numeric features are first cut into so many bins of equal counts, which are then merged."""
SMOOTHING = 0.5
"""Rows added to both labels of a bin in which one of them is missing."""


@dataclass
class Binning:
    """How a feature's values become weights of evidence."""

    feature: str
    numeric: bool
    cuts: list[float]
    """Upper bounds (inclusive) of all numeric bins but the last."""
    groups: list[list[Any]]
    """Categories of each bin; those unseen in the fit count as missing."""
    counts: list[tuple[int, int]]
    """Negative and positive rows of each bin; the last bin is that of missing values."""
    woe: list[float]
    iv: float

    def bins_of(self, column: pd.Series) -> np.ndarray:
        """Number of each value's bin."""
        import numpy as np

        last = len(self.counts) - 1
        if self.numeric:
            values = column.to_numpy(dtype="float64", na_value=np.nan)
            places = np.searchsorted(self.cuts, values, side="left")
            return np.where(np.isnan(values), last, places)
        place = {category: number for number, group in enumerate(self.groups) for category in group}
        found: np.ndarray = column.astype(object).map(place).fillna(last).to_numpy(dtype="int64")
        return found

    def labels(self) -> list[str]:
        """What each bin holds, in words."""
        if not self.numeric:
            return [*(", ".join(map(str, group)) for group in self.groups), "(missing)"]
        edges = ["-inf", *(f"{cut:g}" for cut in self.cuts), "inf"]
        return [*(f"({low}, {high}]" for low, high in pairwise(edges)), "(missing)"]


def bin_feature(column: pd.Series, positive: np.ndarray, *, max_bins: int, min_share: float, monotone: bool) -> Binning:
    """Merges neighbouring fine bins until they are few, large and, if asked, of rising or falling risk."""
    import numpy as np

    numeric = column.dtype.kind in "iufb"
    present = column.notna().to_numpy()
    values = column[present]
    if numeric:
        numbers = values.to_numpy(dtype="float64")
        cuts = _quantile_cuts(numbers)
        places = np.searchsorted(cuts, numbers, side="left")
        groups: list[list[Any]] = [[cut] for cut in cuts] + [[math.inf]]
    else:
        risk = [(positive[present][(values == c).to_numpy()].mean(), str(c), c) for c in values.unique()]
        groups = [[entry[2]] for entry in sorted(risk, key=lambda entry: entry[:2])]
        place = {group[0]: number for number, group in enumerate(groups)}
        places = values.astype(object).map(place).to_numpy(dtype="int64")
    counts = [
        [int(n), int(p)]
        for n, p in zip(
            np.bincount(places[~positive[present]], minlength=len(groups)),
            np.bincount(places[positive[present]], minlength=len(groups)),
            strict=True,
        )
    ]
    _merge(groups, counts, max_bins, min_share * len(column), monotone and numeric)
    missing = positive[~present]
    counts.append([int((~missing).sum()), int(missing.sum())])
    woe, iv = weights([(n, p) for n, p in counts])
    cuts = [float(group[-1]) for group in groups[:-1]] if numeric else []
    pairs = [(n, p) for n, p in counts]
    return Binning(str(column.name), numeric, cuts, [] if numeric else groups, pairs, woe, iv)


def count_bins(binning: Binning, column: pd.Series, positive: np.ndarray) -> list[tuple[int, int]]:
    """Negative and positive rows of each bin of a binning whose bounds are known, that of missing values last."""
    import numpy as np

    bins = (len(binning.cuts) + 1 if binning.numeric else len(binning.groups)) + 1
    binning.counts = [(0, 0)] * bins
    places = binning.bins_of(column)
    negatives = np.bincount(places[~positive], minlength=bins)
    positives = np.bincount(places[positive], minlength=bins)
    return [(int(n), int(p)) for n, p in zip(negatives, positives, strict=True)]


def weights(counts: list[tuple[int, int]]) -> tuple[list[float], float]:
    """Weight of evidence of each bin, ln(share of positives / share of negatives), and the information value."""
    negatives, positives = sum(n for n, _ in counts), sum(p for _, p in counts)
    woe, iv = [], 0.0
    for negative, positive in counts:
        if negative + positive == 0:
            woe.append(0.0)
            continue
        extra = SMOOTHING if 0 in (negative, positive) else 0.0
        of_positives, of_negatives = (positive + extra) / positives, (negative + extra) / negatives
        woe.append(math.log(of_positives / of_negatives))
        iv += (of_positives - of_negatives) * woe[-1]
    return woe, iv


def _quantile_cuts(values: np.ndarray) -> list[float]:
    import numpy as np

    if len(values) == 0:
        return []
    cuts = np.unique(np.quantile(values, np.linspace(0, 1, FINE_BINS + 1)[1:-1], method="lower"))
    return [float(cut) for cut in cuts if cut < values.max()]


def _merge(groups: list[list[Any]], counts: list[list[int]], max_bins: int, least_rows: float, monotone: bool) -> None:
    """Joins the two neighbours that differ least, as long as a rule is broken."""
    while len(counts) > 1:
        small = [i for i, (n, p) in enumerate(counts) if n + p < least_rows or 0 in (n, p)]
        if small:
            around = [i for i in {small[0] - 1, small[0]} if 0 <= i < len(counts) - 1]
        elif len(counts) > max_bins:
            around = list(range(len(counts) - 1))
        elif monotone and len(counts) > 2:
            around = _against_the_trend(counts)
        else:
            around = []
        if not around:
            return
        best = min(around, key=lambda i: (_chi_square(counts[i], counts[i + 1]), i))
        groups[best : best + 2] = [groups[best] + groups[best + 1]]
        counts[best : best + 2] = [[a + b for a, b in zip(counts[best], counts[best + 1], strict=True)]]


def _against_the_trend(counts: list[list[int]]) -> list[int]:
    """Pairs of neighbours whose risk goes against the way of most rows."""
    risks = [p / (n + p) for n, p in counts]
    steps = [later - earlier for earlier, later in pairwise(risks)]
    rows = [sum(counts[i]) + sum(counts[i + 1]) for i in range(len(steps))]
    trend = sum(step * count for step, count in zip(steps, rows, strict=True))
    return [i for i, step in enumerate(steps) if step * trend < 0]


def _chi_square(one: list[int], other: list[int]) -> float:
    total = sum(one) + sum(other)
    found = 0.0
    for label in (0, 1):
        of_label = one[label] + other[label]
        for pair in (one, other):
            expected = sum(pair) * of_label / total
            found += (pair[label] - expected) ** 2 / expected if expected else 0.0
    return found
