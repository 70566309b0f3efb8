"""Runs an estimator of scikit-learn as an operator, each shape in its way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suanzi.operators.generated import columns_of
from suanzi.operators.generated.constraints import Parameter
from suanzi.operators.generated.shapes import Marked, Measured, Trained, Transformed
from suanzi.operators.predict.scoring import takes_missing
from suanzi.operators.train.anomaly import ANOMALY, ANOMALY_SCORE
from suanzi.operators.train.fitting import feature_columns, features, fit, fit_classifier, fit_regressor
from suanzi.operators.train.kmeans import CLUSTER
from suanzi.operators.train.limits import require_few_groups, require_size
from suanzi.sdk import OperatorError, TrainedModel, current
from suanzi.sdk.columns import (
    require_columns,
    require_finite,
    require_labels,
    require_numeric,
    with_columns,
)
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

FAULTS = (
    ValueError,
    TypeError,
    ArithmeticError,
    IndexError,
    KeyError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
)
"""What scikit-learn raises for data or parameters that don't fit each other."""
PORTS = ("x_cols", "y_col", "y_cols", "pre_value", "column", "separator")
"""Parameters of the operator that are no parameters of the constructor."""


def make(cls: type, parameters: Sequence[Parameter], values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """The estimator with the values that differ from what the form shows, and the estimators that are connected."""
    from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

    options: dict[str, Any] = {}
    for parameter in parameters:
        value = values[parameter.name]
        if not parameter.required and value == parameter.default and parameter.name not in _ours(cls):
            continue
        options[parameter.name] = _as_wanted(value, parameter)
    for name, value in given.items():
        if name == "estimators" and not value:
            raise OperatorError(f"{cls.__name__} combines estimators, and none is connected", "connect some to it")
        if isinstance(value, list):
            options[name] = [(f"e{number}", one) for number, one in enumerate(value, 1)]
        elif value is not None:
            options[name] = value
    known = inspect.signature(cls).parameters
    if "n_jobs" in known:
        options["n_jobs"] = current().cpu_slots
    made = cls(**options)
    rules = getattr(made, "_parameter_constraints", None)
    try:
        if rules:
            validate_parameter_constraints(rules, made.get_params(deep=False), cls.__name__)
    except InvalidParameterError as error:
        raise OperatorError(str(error), "correct the value of the parameter it names") from None
    return made


def _as_wanted(value: Any, parameter: Parameter) -> Any:
    """YAML has lists only: tuples and arrays are made of them where the constructor wants those."""
    import numpy as np

    if not isinstance(value, list):
        return value
    if value and all(isinstance(row, list) for row in value) and len({len(row) for row in value}) == 1:
        return np.asarray(value)
    return tuple(value) if parameter.as_tuple else value


def _ours(cls: type) -> Mapping[str, Any]:
    from suanzi.operators.generated.constraints import OTHER_DEFAULTS

    return OTHER_DEFAULTS.get(cls.__name__, {})


def run(shape: str, estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Any:
    """The operator's outputs. Refuses with column, cause and remedy."""
    try:
        return RUNNERS[shape](estimator, data, values, algo_name)
    except OperatorError:
        raise
    except FAULTS as error:
        raise refusal(estimator, _named(data, values), error) from error
    finally:
        if getattr(estimator, "n_jobs", None) is not None:
            estimator.n_jobs = None


def refusal(estimator: Any, names: Sequence[str], error: BaseException) -> OperatorError:
    """scikit-learn's reason in words that say of which columns."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return OperatorError(
        f"{type(estimator).__name__} refuses columns {listed(names)}: {reason}",
        "check these columns (summary shows them) and the parameters the reason names",
    )


def _named(data: pd.DataFrame, values: Mapping[str, Any]) -> list[str]:
    chosen = values.get("x_cols") or ([values["column"]] if values.get("column") else None)
    return [str(name) for name in (chosen or data.columns)]


def _x(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], labels: Sequence[str] = ()) -> pd.DataFrame:
    """The features as numbers, checked for what the estimator says it can't take."""
    from sklearn.utils import get_tags

    if labels:
        require_columns(data, labels, "a parameter names it as label")
    x_cols = values.get("x_cols")
    if x_cols is None and len(labels) > 1:
        kept = data.drop(columns=list(labels))
        columns = feature_columns(kept, None)
    else:
        columns = feature_columns(data, x_cols, labels[0] if labels else None)
    both = [name for name in labels if name in columns]
    if both:
        raise OperatorError(f"the label column '{both[0]}' is also among the features", "remove it from x_cols")
    require_size(estimator, len(data), columns)
    x = features(data, columns, missing_allowed=takes_missing(estimator))
    tags = get_tags(estimator).input_tags
    if tags.positive_only:
        negative = [name for name in columns if (x[name] < 0).any()]
        if negative:
            count = int((x[negative[0]] < 0).sum())
            raise OperatorError(
                f"column '{negative[0]}' holds {count:,} negative values in {len(x):,} rows; "
                f"{type(estimator).__name__} takes none",
                "put normalize before it, or leave the column out of x_cols",
            )
    return x


def _trained(fitted: Any, estimator: Any) -> Trained:
    from sklearn.base import clone

    if getattr(estimator, "n_jobs", None) is not None:
        estimator.n_jobs = None
    return Trained(fitted, clone(estimator))


def _classifier(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Trained:
    require_columns(data, [values["y_col"]], "y_col names it")
    _x(estimator, data, values, [values["y_col"]])
    fitted = fit_classifier(
        estimator,
        data,
        values["x_cols"],
        values["y_col"],
        values["pre_value"],
        algo_name=algo_name,
        missing_allowed=takes_missing(estimator),
    )
    return _trained(fitted, estimator)


def _regressor(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Trained:
    _x(estimator, data, values, [values["y_col"]])
    fitted = fit_regressor(
        estimator,
        data,
        values["x_cols"],
        values["y_col"],
        algo_name=algo_name,
        missing_allowed=takes_missing(estimator),
    )
    return _trained(fitted, estimator)


def _several(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str, task: str) -> Trained:
    labels = list(dict.fromkeys(values["y_cols"]))
    x = _x(estimator, data, values, labels)
    for label in labels:
        require_labels(data, label)
    if task == "several_values":
        require_numeric(data, labels, "a regression needs numeric labels")
        require_finite(data, labels)
    fit(estimator, x, data[labels])
    model = TrainedModel(
        estimator, list(x.columns), task=task, algo_name=algo_name, column_types=_types(x), labels=labels
    )
    return _trained(model, estimator)


def _several_classes(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Trained:
    return _several(estimator, data, values, algo_name, "several_classes")


def _several_values(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Trained:
    return _several(estimator, data, values, algo_name, "several_values")


def _clusterer(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Marked:
    x = _x(estimator, data, values)
    if type(estimator).__name__ == "Birch":
        require_few_groups(estimator, x)
    fit(estimator, x)
    labels = estimator.labels_ if hasattr(estimator, "labels_") else estimator.predict(x)
    model = TrainedModel(estimator, list(x.columns), task="clustering", algo_name=algo_name, column_types=_types(x))
    return Marked(model, with_columns(data, {CLUSTER: labels}))


def _grouping(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> pd.DataFrame:
    x = _x(estimator, data, values)
    fit(estimator, x)
    labels = estimator.labels_ if hasattr(estimator, "labels_") else estimator.row_labels_
    return with_columns(data, {CLUSTER: labels})


def _outlier(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Marked:
    x = _x(estimator, data, values)
    fit(estimator, x)
    model = TrainedModel(estimator, list(x.columns), task="anomaly", algo_name=algo_name, column_types=_types(x))
    flags = (estimator.predict(x) < 0).astype("int64")
    return Marked(model, with_columns(data, {ANOMALY: flags, ANOMALY_SCORE: -estimator.score_samples(x)}))


def _density(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> pd.DataFrame:
    x = _x(estimator, data, values)
    fit(estimator, x)
    return with_columns(data, {"log_density": estimator.score_samples(x)})


def _covariance(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Measured:
    import pandas as pd

    x = _x(estimator, data, values)
    fit(estimator, x)
    names = [str(name) for name in x.columns]
    key = "feature" if "feature" not in names else "name_of_feature"
    covariance = pd.DataFrame(estimator.covariance_, columns=names)
    covariance.insert(0, key, names)
    return Measured(with_columns(data, {"mahalanobis": estimator.mahalanobis(x)}), covariance)


def _neighbours(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> pd.DataFrame:
    x = _x(estimator, data, values)
    if len(x) <= estimator.n_neighbors:
        raise OperatorError(
            f"{len(x):,} rows of columns {listed(x.columns)} have no {estimator.n_neighbors} neighbours each",
            "set n_neighbors lower",
        )
    fit(estimator, x)
    distances, rows = estimator.kneighbors()
    added = {f"neighbour_{n + 1}": rows[:, n] for n in range(rows.shape[1])}
    added.update({f"distance_{n + 1}": distances[:, n] for n in range(rows.shape[1])})
    return with_columns(data, added)


def _transformer(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    x = _x(estimator, data, values)
    fit(estimator, x)
    return Transformed(*columns_of.numbers(algo_name, estimator, data, x))


def _supervised(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    x = _x(estimator, data, values, [values["y_col"]])
    require_labels(data, values["y_col"])
    fit(estimator, x, data[values["y_col"]])
    return Transformed(*columns_of.numbers(algo_name, estimator, data, x))


def _by_several(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    labels = list(dict.fromkeys(values["y_cols"]))
    x = _x(estimator, data, values, labels)
    require_numeric(data, labels, "it needs numeric labels")
    require_finite(data, labels)
    fit(estimator, x, data[labels])
    return Transformed(*columns_of.numbers(algo_name, estimator, data, x))


def _embedding(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> pd.DataFrame:
    x = _x(estimator, data, values)
    placed = estimator.fit_transform(x)
    kind = type(estimator).__name__.lower()
    return columns_of.replaced(data, list(x.columns), {f"{kind}{n}": placed[:, n] for n in range(placed.shape[1])})


def _text(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    return Transformed(*columns_of.texts(algo_name, estimator, data, values["column"]))


def _rows_as_maps(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    return Transformed(*columns_of.maps(algo_name, estimator, data, values["x_cols"]))


def _label(estimator: Any, data: pd.DataFrame, values: Mapping[str, Any], algo_name: str) -> Transformed:
    return Transformed(*columns_of.labels(algo_name, estimator, data, values["column"], values.get("separator")))


def _types(x: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(x[name].dtype) for name in x.columns}


RUNNERS: dict[str, Callable[[Any, Any, Mapping[str, Any], str], Any]] = {
    "classifier": _classifier,
    "regressor": _regressor,
    "several_classes": _several_classes,
    "several_values": _several_values,
    "clusterer": _clusterer,
    "grouping": _grouping,
    "outlier": _outlier,
    "density": _density,
    "covariance": _covariance,
    "neighbours": _neighbours,
    "transformer": _transformer,
    "selector": _supervised,
    "supervised": _supervised,
    "supervised_by_several": _by_several,
    "embedding": _embedding,
    "text": _text,
    "rows_as_maps": _rows_as_maps,
    "label": _label,
}
