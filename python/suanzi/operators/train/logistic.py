"""Builds scikit-learn's logistic regression from parameters old and new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from suanzi.sdk import OperatorError
from suanzi.sdk.columns import match_label, require_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

Solver = Literal["lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"]

PENALTIES = {
    "lbfgs": ("l2", "none"),
    "liblinear": ("l2", "l1"),
    "newton-cg": ("l2", "none"),
    "newton-cholesky": ("l2", "none"),
    "sag": ("l2", "none"),
    "saga": ("l2", "l1", "elasticnet", "none"),
}
"""What each solver can fit."""


def build(*, penalty: str, C: float, l1_ratio: float | None, solver: str, dual: bool = False, **others: Any) -> Any:
    """An unfitted `LogisticRegression`; `penalty` is said in today's terms, by `l1_ratio` and `C`."""
    from sklearn.linear_model import LogisticRegression

    if penalty not in PENALTIES[solver]:
        able = listed(name for name, known in PENALTIES.items() if penalty in known)
        raise OperatorError(
            f"solver '{solver}' can't fit penalty '{penalty}'; it can: {listed(PENALTIES[solver])}",
            f"set solver to one of {able}",
        )
    if dual and (solver != "liblinear" or penalty != "l2"):
        raise OperatorError("dual is for solver 'liblinear' with penalty 'l2' only", "set dual to false")
    if penalty == "elasticnet" and l1_ratio is None:
        raise OperatorError("penalty 'elasticnet' needs l1_ratio", "set l1_ratio between 0 and 1")
    ratio = {"l1": 1.0, "elasticnet": l1_ratio}.get(penalty, 0.0)
    strength = float("inf") if penalty == "none" else C
    return LogisticRegression(C=strength, l1_ratio=ratio, solver=solver, dual=dual, **others)


def class_weights(weights: Any, data: pd.DataFrame, y_col: str) -> Any:
    """Weights keyed by the data's own labels (a YAML key '1' is the label 1)."""
    if not isinstance(weights, dict):
        return weights
    require_columns(data, [y_col], "y_col names it")
    labels = data[y_col].dropna().unique().tolist()
    matched = {}
    for label, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or weight < 0:
            raise OperatorError(f"class_weight of {label!r} is {weight!r}", "give a number of at least 0")
        matched[match_label(label, labels, y_col)] = float(weight)
    return matched
