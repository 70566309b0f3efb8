"""What every training operator does: choose the features and the label, refuse what can't be trained on, fit."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from suanzi.operators.train.limits import require_size
from suanzi.sdk import OperatorError, TrainedModel, current
from suanzi.sdk.columns import (
    match_label,
    numeric_columns,
    require_columns,
    require_finite,
    require_labels,
    require_numeric,
    require_rows,
)
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_CLASSES = 1000
"""More distinct labels than this are a sign of a label that is a quantity."""


def feature_columns(data: pd.DataFrame, x_cols: list[str] | None, y_col: str | None = None) -> list[str]:
    """The named columns, or all numeric ones except the label."""
    without = [y_col] if y_col is not None else []
    if x_cols is None:
        x_cols = numeric_columns(data, without)
        if not x_cols:
            raise OperatorError("the table has no numeric columns to train on", "encode its columns first: one_hot")
    require_columns(data, x_cols, "x_cols names it")
    if y_col in x_cols:
        raise OperatorError(
            f"the label column '{y_col}' is also among the features", "remove it from x_cols: the model would copy it"
        )
    twice = [name for name in x_cols if x_cols.count(name) > 1]
    if twice:
        raise OperatorError(f"column '{twice[0]}' is named twice in x_cols", "name each column once")
    return list(x_cols)


def features(data: pd.DataFrame, columns: list[str], *, missing_allowed: bool = False) -> pd.DataFrame:
    """The features as numbers."""
    require_rows(data)
    require_numeric(data, columns)
    if not missing_allowed:
        require_finite(data, columns)
    return data[columns]


def class_labels(data: pd.DataFrame, y_col: str, *, at_most: int = MAX_CLASSES) -> list[Any]:
    """The distinct labels, sorted; at least two."""
    import numpy as np

    require_columns(data, [y_col], "y_col names it")
    require_rows(data)
    require_labels(data, y_col)
    distinct = data[y_col].unique()
    labels: list[Any] = np.sort(distinct if distinct.dtype.kind in "iufb" else np.asarray(distinct, object)).tolist()
    if len(labels) < 2:
        raise OperatorError(
            f"the label column '{y_col}' holds only {labels[0]!r} in all {len(data):,} rows; two labels are needed",
            "check the split before this operator (stratify keeps all labels in both parts)",
        )
    if len(labels) > at_most:
        what = "a two-class algorithm" if at_most == 2 else "a classifier"
        raise OperatorError(
            f"the label column '{y_col}' holds {len(labels):,} different labels ({listed(labels)}); this is {what}",
            "use a multiclass algorithm" if at_most == 2 else "use a regression, or discretize the label",
        )
    return labels


def fit_classifier(
    estimator: Any,
    data: pd.DataFrame,
    x_cols: list[str] | None,
    y_col: str,
    pre_value: Any,
    *,
    algo_name: str,
    at_most: int = MAX_CLASSES,
    missing_allowed: bool = False,
) -> TrainedModel:
    """Fits a classifier; `pre_value` is the positive label of a two-class problem (default: the larger label)."""
    require_columns(data, [y_col], "y_col names it")
    columns = feature_columns(data, x_cols, y_col)
    labels = class_labels(data, y_col, at_most=at_most)
    positive = None if pre_value is None else match_label(pre_value, labels, y_col)
    x = features(data, columns, missing_allowed=missing_allowed)
    binary = len(labels) == 2
    fit(estimator, x, data[y_col])
    return TrainedModel(
        estimator,
        columns,
        task="binary" if binary else "multiclass",
        label=y_col,
        positive=(labels[1] if positive is None else positive) if binary else None,
        algo_name=algo_name,
        column_types={name: str(data[name].dtype) for name in columns},
    )


def fit_regressor(
    estimator: Any,
    data: pd.DataFrame,
    x_cols: list[str] | None,
    y_col: str,
    *,
    algo_name: str,
    missing_allowed: bool = False,
) -> TrainedModel:
    """Fits a regression on a numeric label."""
    require_columns(data, [y_col], "y_col names it")
    columns = feature_columns(data, x_cols, y_col)
    x = features(data, columns, missing_allowed=missing_allowed)
    require_numeric(data, [y_col], "a regression needs a numeric label; use a classifier for classes")
    require_labels(data, y_col)
    require_finite(data, [y_col])
    fit(estimator, x, data[y_col])
    types = {name: str(data[name].dtype) for name in columns}
    return TrainedModel(estimator, columns, task="regression", label=y_col, algo_name=algo_name, column_types=types)


def fit(estimator: Any, x: pd.DataFrame, y: pd.Series[Any] | None = None) -> None:
    """Fits, and turns scikit-learn's warnings into notes. Refuses a table that the estimator can't be done with."""
    from sklearn.exceptions import ConvergenceWarning

    require_size(estimator, len(x), [str(name) for name in x.columns])
    context = current()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator.fit(x) if y is None else estimator.fit(x, y)
        except ValueError as error:
            names = [str(name) for name in x.columns]
            raise OperatorError(
                f"{type(estimator).__name__} refuses columns {listed(names)}: {str(error).strip().splitlines()[0]}",
                "check these columns (summary shows them) and the parameters the reason names",
            ) from error
    said = set()
    for warning in caught:
        text = str(warning.message).splitlines()[0]
        if issubclass(warning.category, ConvergenceWarning):
            text = (
                f"the fit stopped before it converged (max_iter={getattr(estimator, 'max_iter', '?')}): "
                "raise max_iter, or put standardize before it"
            )
        if text not in said:
            said.add(text)
            context.note(text)
