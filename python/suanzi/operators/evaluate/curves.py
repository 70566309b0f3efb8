"""Curves of a binary classifier from one sort of its scores, thinned for drawing without changing their shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MAX_CURVE_POINTS = 200
DENSE_FACTOR = 10
"""Longer curves are first cut evenly to this many times the drawn points."""
CALIBRATION_BINS = 10
THRESHOLDS = 101
DECIMALS = 6


@dataclass
class Ranking:
    """Counts at each distinct score, from the highest: rows at or above it that are positive and negative."""

    thresholds: np.ndarray
    tp: np.ndarray
    fp: np.ndarray
    positives: int
    negatives: int

    @property
    def tpr(self) -> np.ndarray:
        return self.tp / max(1, self.positives)

    @property
    def fpr(self) -> np.ndarray:
        return self.fp / max(1, self.negatives)

    @property
    def auc(self) -> float:
        """Area under the ROC curve (trapezoids: ties count half)."""
        import numpy as np

        return float(np.trapezoid(np.r_[0.0, self.tpr], np.r_[0.0, self.fpr]))

    @property
    def average_precision(self) -> float:
        import numpy as np

        precision = self.tp / (self.tp + self.fp)
        return float(np.sum(np.diff(np.r_[0.0, self.tpr]) * precision))

    @property
    def ks(self) -> tuple[float, float]:
        """Largest distance between the classes' distributions, and the score where it is."""
        import numpy as np

        gap = self.tpr - self.fpr
        at = int(np.argmax(np.abs(gap)))
        return float(abs(gap[at])), float(self.thresholds[at])


def rank(truth: np.ndarray, score: np.ndarray) -> Ranking:
    """Sorts once; `truth` is True for positives, `score` holds no NaN."""
    import numpy as np

    order = np.argsort(-score, kind="stable")
    sorted_score, sorted_truth = score[order], truth[order]
    last = np.r_[np.flatnonzero(np.diff(sorted_score)), len(score) - 1]
    tp = np.cumsum(sorted_truth)[last]
    positives = int(tp[-1])
    return Ranking(sorted_score[last], tp, last + 1 - tp, positives, len(score) - positives)


def curves(ranking: Ranking, truth: np.ndarray, score: np.ndarray, *, probabilities: bool) -> dict[str, Any]:
    """ROC, precision-recall, KS, gain, lift and (for probabilities) calibration, each as lists to draw."""
    import numpy as np

    tpr, fpr, thresholds = ranking.tpr, ranking.fpr, ranking.thresholds
    above = (ranking.tp + ranking.fp) / (ranking.positives + ranking.negatives)
    precision = ranking.tp / (ranking.tp + ranking.fp)
    start = np.r_[0.0]
    drawn: dict[str, Any] = {}
    at = thin(np.r_[start, fpr], np.r_[start, tpr])
    drawn["roc"] = _lists(at, fpr=np.r_[start, fpr], tpr=np.r_[start, tpr], threshold=np.r_[thresholds[0], thresholds])
    at = thin(tpr, precision)
    drawn["pr"] = _lists(at, recall=tpr, precision=precision, threshold=thresholds)
    at = thin(np.r_[start, above], np.r_[start, tpr - fpr])
    drawn["ks"] = _lists(
        at,
        share=np.r_[start, above],
        tpr=np.r_[start, tpr],
        fpr=np.r_[start, fpr],
        threshold=np.r_[thresholds[0], thresholds],
    )
    at = thin(np.r_[start, above], np.r_[start, tpr])
    drawn["gain"] = _lists(at, share=np.r_[start, above], gain=np.r_[start, tpr])
    at = thin(above, tpr / above)
    drawn["lift"] = _lists(at, share=above, lift=tpr / above)
    if probabilities:
        drawn["calibration"] = calibration(truth, score)
    return drawn


def thin(x: np.ndarray, y: np.ndarray, limit: int = MAX_CURVE_POINTS) -> np.ndarray:
    """Positions of at most `limit` points between which straight lines stay closest to the curve.

    Starting from both ends, the point farthest from the drawn line is added until the budget is spent.
    """
    import heapq

    import numpy as np

    if len(x) <= limit:
        return np.arange(len(x))
    if len(x) > limit * DENSE_FACTOR:
        even = np.linspace(0, len(x) - 1, limit * DENSE_FACTOR - 2).astype(np.int64)
        dense = np.unique(np.r_[even, np.argmax(y), np.argmin(y)])
        kept_dense: np.ndarray = dense[thin(x[dense], y[dense], limit)]
        return kept_dense
    width, height = float(np.ptp(x)) or 1.0, float(np.ptp(y)) or 1.0
    u, v = x / width, y / height

    def farthest(left: int, right: int) -> tuple[float, int, int, int] | None:
        if right - left < 2:
            return None
        du, dv = u[right] - u[left], v[right] - v[left]
        inner = slice(left + 1, right)
        away = np.abs(du * (v[inner] - v[left]) - dv * (u[inner] - u[left])) / (np.hypot(du, dv) or 1.0)
        at = int(np.argmax(away))
        return (-float(away[at]), left, left + 1 + at, right) if away[at] > 0 else None

    kept = [0, len(x) - 1]
    queue = [found for found in [farthest(0, len(x) - 1)] if found is not None]
    while queue and len(kept) < limit:
        _, left, at, right = heapq.heappop(queue)
        kept.append(at)
        for part in (farthest(left, at), farthest(at, right)):
            if part is not None:
                heapq.heappush(queue, part)
    return np.sort(np.array(kept))


def calibration(truth: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """Mean score and share of positives in equal bins of the score; empty bins are left out."""
    import numpy as np

    bins = np.minimum((score * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    count = np.bincount(bins, minlength=CALIBRATION_BINS)
    full = np.flatnonzero(count)
    mean = np.bincount(bins, weights=score, minlength=CALIBRATION_BINS)[full] / count[full]
    share = np.bincount(bins, weights=truth, minlength=CALIBRATION_BINS)[full] / count[full]
    return {"predicted": rounded(mean), "observed": rounded(share), "count": count[full].tolist()}


def threshold_table(ranking: Ranking, *, probabilities: bool) -> list[dict[str, Any]]:
    """What each threshold would give (a row is positive when its score is at least the threshold)."""
    import numpy as np

    low, high = (0.0, 1.0) if probabilities else (float(ranking.thresholds[-1]), float(ranking.thresholds[0]))
    at = np.linspace(low, high, THRESHOLDS)
    position = np.searchsorted(-ranking.thresholds, -at, side="right")
    tp, fp = np.r_[0, ranking.tp][position], np.r_[0, ranking.fp][position]
    fn, tn = ranking.positives - tp, ranking.negatives - fp
    columns = {
        "threshold": rounded(at),
        "tp": tp.tolist(),
        "fp": fp.tolist(),
        "tn": tn.tolist(),
        "fn": fn.tolist(),
        "precision": rounded(_ratio(tp, tp + fp)),
        "recall": rounded(_ratio(tp, tp + fn)),
        "f1": rounded(_ratio(2 * tp, 2 * tp + fp + fn)),
        "accuracy": rounded((tp + tn) / (tp + fp + tn + fn)),
    }
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """0 where there is nothing to divide by, as scikit-learn has it."""
    import numpy as np

    ratio: np.ndarray = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return ratio


def _lists(at: np.ndarray, **columns: np.ndarray) -> dict[str, list[float]]:
    return {name: rounded(values[at]) for name, values in columns.items()}


def rounded(values: np.ndarray) -> list[float]:
    """A list that JSON can hold, to six decimals."""
    import numpy as np

    numbers: list[float] = np.round(np.asarray(values, dtype=np.float64), DECIMALS).tolist()
    return numbers
