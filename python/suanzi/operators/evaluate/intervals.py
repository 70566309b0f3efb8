"""Figures of a model on given rows, with bootstrap intervals: rows are drawn again as weights, sorted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Figures = Callable[["np.ndarray"], dict[str, float]]
"""Figures of rows that count as often as their weights say; NaN where one can't be computed."""
LEVEL = 0.95
FEWEST_RESAMPLES_SHARE = 0.9
"""An interval is told only if at least this share of the resamples gave the figure."""


@dataclass
class Interval:
    """A figure on the rows as they are, and the bounds of its interval; `None` where it can't be computed."""

    value: float | None
    low: float | None
    high: float | None


def intervals(figures: Figures, rows: int, resamples: int, seed: int | None) -> dict[str, Interval]:
    """Each figure with its percentile interval of `LEVEL` over `resamples` bootstrap samples of the rows."""
    import numpy as np

    exact = figures(np.ones(rows))
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in exact}
    for _ in range(resamples):
        weights = np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(np.float64)
        for name, value in figures(weights).items():
            drawn[name].append(value)
    found = {}
    for name, value in exact.items():
        known = np.asarray([one for one in drawn[name] if np.isfinite(one)])
        if not np.isfinite(value):
            found[name] = Interval(None, None, None)
        elif len(known) < max(1.0, FEWEST_RESAMPLES_SHARE * resamples):
            found[name] = Interval(float(value), None, None)
        else:
            low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            found[name] = Interval(float(value), float(low), float(high))
    return found


def binary_figures(truth: np.ndarray, guess: np.ndarray, score: np.ndarray | None) -> Figures:
    """AUC and KS where there is a score; accuracy, precision, recall, F1. Arrays are True for positives."""
    import numpy as np

    first, order = None, None
    if score is not None:
        order = np.argsort(-score, kind="stable")
        sorted_score = score[order]
        first = np.r_[0, np.flatnonzero(np.diff(sorted_score)) + 1]

    def figures(weights: np.ndarray) -> dict[str, float]:
        found: dict[str, float] = {}
        if order is not None and first is not None:
            positive = np.add.reduceat((weights * truth)[order], first)
            negative = np.add.reduceat((weights * ~truth)[order], first)
            both = positive.sum() > 0 and negative.sum() > 0
            found["auc"] = found["ks"] = float("nan")
            if both:
                tpr, fpr = positive.cumsum() / positive.sum(), negative.cumsum() / negative.sum()
                found["auc"] = float(np.trapezoid(np.r_[0.0, tpr], np.r_[0.0, fpr]))
                found["ks"] = float(np.abs(tpr - fpr).max())
        tp, fp, fn = weights[truth & guess].sum(), weights[~truth & guess].sum(), weights[truth & ~guess].sum()
        found["accuracy"] = _ratio(weights[truth == guess].sum(), weights.sum())
        found["precision"] = _ratio(tp, tp + fp)
        found["recall"] = _ratio(tp, tp + fn)
        found["f1"] = _ratio(2 * tp, 2 * tp + fp + fn)
        return found

    return figures


def multiclass_figures(truth: np.ndarray, guess: np.ndarray, classes: int) -> Figures:
    """Accuracy, and precision, recall and F1 averaged over classes; both arrays hold positions of classes."""
    import numpy as np

    cell = truth * classes + guess

    def figures(weights: np.ndarray) -> dict[str, float]:
        matrix = np.bincount(cell, weights=weights, minlength=classes * classes).reshape(classes, classes)
        right, support, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
        parts = {"precision": predicted, "recall": support, "f1": (support + predicted) / 2}
        found = {"accuracy": _ratio(right.sum(), matrix.sum())}
        for name, whole in parts.items():
            found[f"{name}_macro"] = float(np.divide(right, whole, out=np.zeros(classes), where=whole > 0).mean())
        return found

    return figures


def regression_figures(truth: np.ndarray, guess: np.ndarray) -> Figures:
    """R², mean absolute error, root of the mean squared error."""
    import numpy as np

    residual = truth - guess

    def figures(weights: np.ndarray) -> dict[str, float]:
        total = weights.sum()
        spread = float((weights * (truth - (weights * truth).sum() / total) ** 2).sum())
        squared = float((weights * residual**2).sum())
        return {
            "r2": 1 - squared / spread if spread > 0 else float("nan"),
            "mae": float((weights * np.abs(residual)).sum() / total),
            "rmse": float(np.sqrt(squared / total)),
        }

    return figures


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
