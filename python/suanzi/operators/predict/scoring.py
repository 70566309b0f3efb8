"""Applies a model to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError, TrainedModel, current
from suanzi.sdk.columns import match_label, require_columns, require_finite, require_numeric, require_rows, with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

RESULT, SCORE = "predict_result", "predict_score"
MAX_SCORE_COLUMNS = 100
"""A multiclass model with more classes gives only the best class's probability."""


def score(model: Any, data: pd.DataFrame, *, columns: list[str] | None = None, positive: Any = None) -> pd.DataFrame:
    """The table with `predict_result` and, where the model knows probabilities, `predict_score`.

    `predict_score` is the positive label's probability for two classes, the predicted label's for more, each class's
    then also in `predict_score_<label>`. `columns` are for models that don't say what they were trained on.
    """
    require_rows(data)
    trained = model if isinstance(model, TrainedModel) else _adopt(model, columns)
    if columns is not None and set(columns) != set(trained.columns):
        odd = sorted(set(columns) ^ set(trained.columns))
        raise OperatorError(
            f"the model was trained on other columns than x_cols names; the difference: {listed(odd)}",
            f"use the model's columns: {listed(trained.columns)}",
        )
    x = trained.features(data)
    raw = getattr(trained.estimator, "takes_raw", False)
    if not raw:
        require_numeric(x, trained.columns, "apply the same encoding as in training: apply_transform")
    if not raw and not takes_missing(trained.estimator):
        require_finite(x, trained.columns, "apply the same impute step as in training: apply_transform")
    try:
        added = _results(trained, trained.estimator.predict(x))
        added.update(_scores(trained, x, positive))
    except ValueError as error:
        name = type(trained.estimator).__name__
        raise OperatorError(f"{name} refuses the data: {error}", "look for infinite or huge values") from error
    replaced = [name for name in added if name in data.columns]
    if replaced:
        current().note(f"columns {listed(replaced)} of the table are replaced")
    return with_columns(data, added)


def _results(trained: TrainedModel, found: Any) -> dict[str, Any]:
    """`predict_result`, or `predict_result_<label>` each where the model predicts several labels."""
    import numpy as np

    values = np.asarray(found)
    if values.ndim == 1:
        return {RESULT: found}
    if not trained.labels and values.shape[1] == 1:
        return {RESULT: values[:, 0]}
    names = trained.labels or [str(number) for number in range(values.shape[1])]
    values = values.reshape(len(values), -1)
    return {f"{RESULT}_{name}": values[:, position] for position, name in enumerate(names)}


def _scores(trained: TrainedModel, x: pd.DataFrame, positive: Any) -> dict[str, Any]:
    if trained.labels:
        return {}
    classes = [label.item() if hasattr(label, "item") else label for label in trained.classes]
    if not classes or trained.task in ("regression", "clustering"):
        return {}
    if len(classes) == 2:
        label = trained.positive if positive is None else positive
        label = classes[1] if label is None else match_label(label, classes, trained.label or "label")
        position = classes.index(label)
        if hasattr(trained.estimator, "predict_proba"):
            return {SCORE: trained.estimator.predict_proba(x)[:, position]}
        if hasattr(trained.estimator, "decision_function"):
            margin = trained.estimator.decision_function(x)
            return {SCORE: margin if position == 1 else -margin}
        return {}
    if not hasattr(trained.estimator, "predict_proba"):
        return {}
    probabilities = trained.estimator.predict_proba(x)
    added = {SCORE: probabilities.max(axis=1)}
    if len(classes) <= MAX_SCORE_COLUMNS:
        added.update({f"{SCORE}_{label}": probabilities[:, i] for i, label in enumerate(classes)})
    return added


def _adopt(model: Any, columns: list[str] | None) -> TrainedModel:
    """A model made by other code: its own feature names, or those of the parameter."""
    if not callable(getattr(model, "predict", None)):
        raise OperatorError(f"a {type(model).__name__} is not a model: it has no predict()", "connect a trained model")
    known = getattr(model, "feature_names_in_", None)
    names = [str(name) for name in known] if known is not None else columns
    if names is None:
        raise OperatorError("the model does not say which columns it was trained on", "name them in x_cols")
    classes = getattr(model, "classes_", None)
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    return TrainedModel(model, list(names), task=task)


def takes_missing(estimator: Any) -> bool:
    """Whether the estimator takes missing values; those that don't say so are let try."""
    from sklearn.utils import get_tags

    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError):
        return True


def check_columns(data: pd.DataFrame, columns: list[str] | None) -> None:
    """Refuses names in `x_cols` that the table lacks, before the model is asked."""
    if columns is not None:
        require_columns(data, columns, "x_cols names it")
