"""What cross validation and search share: the data as an estimator wants it, folds, and figures to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suanzi.operators.predict.scoring import takes_missing
from suanzi.operators.train.fitting import class_labels, feature_columns, features
from suanzi.operators.train.limits import require_size
from suanzi.sdk import OperatorError
from suanzi.sdk.columns import match_label, require_columns, require_finite, require_labels, require_numeric

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIGURES = {
    "binary": ("auc", "accuracy", "f1", "precision", "recall", "average_precision"),
    "multiclass": ("accuracy", "f1_macro", "precision_macro", "recall_macro"),
    "regression": ("r2", "mae", "rmse"),
}
"""Figures of each task; the first is what a search maximises unless told."""
SCORERS = {
    "auc": "roc_auc",
    "mae": "neg_mean_absolute_error",
    "rmse": "neg_root_mean_squared_error",
}
"""scikit-learn's names where they differ."""
SMALLER_IS_BETTER = ("mae", "rmse")


@dataclass
class Trial:
    """Everything a fit needs."""

    x: pd.DataFrame
    y: np.ndarray
    """Labels as 0 and 1 (1 the positive one) for two classes, else as they are."""
    labels: list[Any]
    positive: Any
    task: str
    columns: list[str]
    folds: Any

    def scorers(self) -> dict[str, str]:
        """scikit-learn's scorer of each figure."""
        return {name: SCORERS.get(name, name) for name in FIGURES[self.task]}


def prepare(
    made: Any,
    data: pd.DataFrame,
    x_cols: list[str] | None,
    y_col: str,
    pre_value: Any,
    folds: int,
    random_state: int | None,
) -> Trial:
    """Chooses features, label and folds; refuses what can't be tried."""
    from sklearn.base import is_classifier, is_regressor
    from sklearn.model_selection import KFold, StratifiedKFold

    if not (is_classifier(made) or is_regressor(made)):
        raise OperatorError(f"a {type(made).__name__} can't be tried", "connect an estimator's output")
    require_columns(data, [y_col], "y_col names it")
    columns = feature_columns(data, x_cols, y_col)
    require_size(made, len(data), columns)
    x = features(data, columns, missing_allowed=takes_missing(made))
    if len(x) < 2 * folds:
        raise OperatorError(f"{len(x):,} rows are too few for {folds} folds", "set folds lower, or give more rows")
    if is_regressor(made):
        require_numeric(data, [y_col], "a regression needs a numeric label; choose a classifier")
        require_labels(data, y_col)
        require_finite(data, [y_col])
        cut = KFold(folds, shuffle=True, random_state=random_state)
        return Trial(x, data[y_col].to_numpy(dtype="float64"), [], None, "regression", columns, cut)
    labels = class_labels(data, y_col)
    rarest = data[y_col].value_counts().idxmin()
    count = int((data[y_col] == rarest).sum())
    if count < folds:
        raise OperatorError(
            f"label {rarest!r} of column '{y_col}' has {count} rows; {folds} folds need one each",
            "set folds lower, or give more rows",
        )
    cut = StratifiedKFold(folds, shuffle=True, random_state=random_state)
    if len(labels) > 2:
        return Trial(x, data[y_col].to_numpy(), labels, None, "multiclass", columns, cut)
    positive = labels[1] if pre_value is None else match_label(pre_value, labels, y_col)
    y = (data[y_col] == positive).to_numpy(dtype="int64")
    return Trial(x, y, labels, positive, "binary", columns, cut)


def figure_sign(name: str) -> int:
    """-1 for errors, which scikit-learn's scorers give negated."""
    return -1 if name in SMALLER_IS_BETTER else 1
