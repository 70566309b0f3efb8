"""What training leaves behind: a model or a fitted transform, with what is needed to use it rightly later."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from suanzi.sdk.columns import require_columns
from suanzi.sdk.values import plain_json

if TYPE_CHECKING:
    import pandas as pd

MAX_CLASSES_SHOWN = 1000
LIBRARIES = ("numpy", "pandas", "sklearn", "pyarrow")


@dataclass
class TrainedModel:
    """A fitted scikit-learn-like estimator together with the columns and labels it was trained on."""

    estimator: Any
    columns: list[str]
    """Features, in the order of training."""
    task: str
    """`binary`, `multiclass`, `regression`, `clustering`, `anomaly`, `several_classes` or `several_values`."""
    label: str | None = None
    """The column it predicts."""
    positive: Any = None
    """The label whose probability is the score, for binary classifiers."""
    algo_name: str = ""
    column_types: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    """The columns it predicts, for models that predict several at once."""

    @property
    def classes(self) -> list[Any]:
        """Labels in the order of the estimator's probabilities; empty for a regression."""
        return list(getattr(self.estimator, "classes_", []))

    def features(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The model's columns of a table, in the order of training."""
        require_columns(frame, self.columns, "the model was trained with it")
        return frame[self.columns]

    def predict(self, frame: pd.DataFrame) -> Any:
        """Labels or values."""
        return self.estimator.predict(self.features(frame))


@dataclass
class FittedTransform:
    """A preprocessing step that remembers what it learnt, to be replayed on other data by `apply_transform`.

    `apply(step, frame)` is a module-level function, so that the object can be pickled.
    """

    kind: str
    step: Any
    """What was learnt: a fitted scikit-learn transformer, or plain values."""
    columns: list[str]
    """Columns it reads."""
    produces: list[str]
    """Columns it writes or replaces."""
    apply: Callable[[FittedTransform, pd.DataFrame], pd.DataFrame]

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The table with this step applied; the frame given is left as it is."""
        require_columns(frame, self.columns, f"this {self.kind} step was fitted on it")
        return self.apply(self, frame)


def model_manifest(obj: Any, trained_table_columns: Sequence[str] | None = None) -> dict[str, Any]:
    """What is known of a model or transform without loading it: class, library versions, columns, classes."""
    inner = obj.estimator if isinstance(obj, TrainedModel) else obj.step if isinstance(obj, FittedTransform) else obj
    manifest: dict[str, Any] = {
        "class": f"{type(inner).__module__}.{type(inner).__qualname__}",
        "library_versions": library_versions(),
        "columns": _columns(obj, inner),
        "n_features": _count(getattr(inner, "n_features_in_", None)),
    }
    if trained_table_columns is not None:
        manifest["trained_table_columns"] = [str(name) for name in trained_table_columns]
    classes = getattr(inner, "classes_", None)
    if classes is not None and len(classes) <= MAX_CLASSES_SHOWN:
        manifest["classes"] = plain_json(classes)
    if isinstance(obj, TrainedModel):
        manifest["algo_name"] = obj.algo_name
        manifest["task"] = obj.task
        manifest["label"] = obj.label
        manifest["positive"] = plain_json(obj.positive)
        manifest["column_types"] = dict(obj.column_types)
        if obj.labels:
            manifest["labels"] = list(obj.labels)
    if isinstance(obj, FittedTransform):
        manifest["kind"] = obj.kind
        manifest["produces"] = list(obj.produces)
    return manifest


def _columns(obj: Any, inner: Any) -> list[str] | None:
    if isinstance(obj, (TrainedModel, FittedTransform)):
        return list(obj.columns)
    names = getattr(inner, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _count(value: Any) -> int | None:
    return value if value is None else int(value)


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that are loaded."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        module = sys.modules.get(name)
        if module is not None:
            versions["scikit-learn" if name == "sklearn" else name] = str(getattr(module, "__version__", ""))
    return versions
