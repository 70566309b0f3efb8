"""The figures of an evaluation as a function of weights of its rows: what intervals are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suanzi.operators.evaluate.intervals import (
    Figures,
    binary_figures,
    multiclass_figures,
    regression_figures,
)
from suanzi.sdk.columns import same_label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEFAULT_THRESHOLD = 0.5


def figures_of(result: dict[str, Any], data: pd.DataFrame, label: str, guess: str, score: str | None) -> Figures:
    """Of the rows of `data` that `result` judges; without a column of predictions a score of 0.5 counts as positive."""
    import numpy as np

    if result["kind"] == "regression":
        truth, predicted = (data[name].to_numpy(dtype=np.float64) for name in (label, guess))
        return regression_figures(truth, predicted)
    if result["kind"] == "multiclass":
        labels = result["confusion_matrix"]["labels"]
        place = {one: position for position, one in enumerate(labels)}
        true, guessed = (
            np.asarray([place[one] for one in data[name].tolist()], dtype=np.int64) for name in (label, guess)
        )
        return multiclass_figures(true, guessed, len(labels))
    values = None if score is None else data[score].to_numpy(dtype=np.float64)
    truth = _is_positive(data[label], result["positive"])
    if guess in data.columns:
        return binary_figures(truth, _is_positive(data[guess], result["positive"]), values)
    return binary_figures(truth, np.asarray(values) >= DEFAULT_THRESHOLD, values)


def _is_positive(column: pd.Series[Any], positive: Any) -> np.ndarray:
    import numpy as np

    meant = {value: same_label(value, positive) for value in column.unique().tolist()}
    return np.asarray([meant[value] for value in column.tolist()], dtype=bool)
