"""A model together with the fitted steps before it: it takes rows as they come in, not as they were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from suanzi.sdk import FittedTransform, OperatorError, TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class PreparedEstimator:
    """Applies the steps in order, then asks the model's estimator."""

    takes_raw = True
    """Its columns need not be numbers: the steps check them."""

    def __init__(self, steps: Sequence[FittedTransform], model: TrainedModel) -> None:
        self.steps = list(steps)
        self.model = model
        if model.classes:
            self.classes_ = model.estimator.classes_

    def prepare(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The model's features, made of raw rows."""
        for step in self.steps:
            rows = step.transform(rows)
        return self.model.features(rows)

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Labels or values."""
        found: np.ndarray = self.model.estimator.predict(self.prepare(rows))
        return found

    def __getattr__(self, name: str) -> Any:
        """`predict_proba` and `decision_function` where the model's estimator has them."""
        if name not in ("predict_proba", "decision_function") or "model" not in self.__dict__:
            raise AttributeError(name)
        known = getattr(self.model.estimator, name)
        return lambda rows: known(self.prepare(rows))


def raw_columns(steps: Sequence[FittedTransform], model: TrainedModel) -> list[str]:
    """The columns that must come in: those that are read before a step has made them."""
    made: set[str] = set()
    needed: dict[str, None] = {}
    for step in steps:
        needed.update(dict.fromkeys(name for name in step.columns if name not in made))
        made |= set(step.produces)
    needed.update(dict.fromkeys(name for name in model.columns if name not in made))
    return list(needed)


def together(steps: Sequence[Any], model: Any) -> TrainedModel:
    """Steps and model as one model."""
    if not isinstance(model, TrainedModel):
        raise OperatorError(
            f"a {type(model).__name__} doesn't say which columns it was trained on", "connect a training operator"
        )
    odd = next((step for step in steps if not isinstance(step, FittedTransform)), None)
    if odd is not None:
        raise OperatorError(
            f"a {type(odd).__name__} doesn't say which columns it reads", "connect transform outputs of operators"
        )
    return TrainedModel(
        PreparedEstimator(steps, model),
        raw_columns(steps, model),
        model.task,
        model.label,
        model.positive,
        algo_name=f"serving_pipeline of {model.algo_name}",
        labels=list(model.labels),
    )
