"""Training and prediction with scikit-learn's estimators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from suanzi.export.features import APPLY_GENERATED, NUMERIC
from suanzi.export.script import Script, Step, literal

SCORED = '''
def scored(frame, model, columns, positive=None):
    """The table with predict_result and, for classifiers, predict_score (the positive label's probability of two)."""
    x = frame[columns]
    found = {"predict_result": model.predict(x)}
    classes = list(getattr(model, "classes_", []))
    if len(classes) == 2:
        position = 1 if positive is None else classes.index(positive)
        if hasattr(model, "predict_proba"):
            found["predict_score"] = model.predict_proba(x)[:, position]
        elif hasattr(model, "decision_function"):
            margin = model.decision_function(x)
            found["predict_score"] = margin if position == 1 else -margin
    elif classes and hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(x)
        found["predict_score"] = probabilities.max(axis=1)
        found.update({f"predict_score_{label}": probabilities[:, n] for n, label in enumerate(classes)})
    return frame.assign(**found)
'''


def chosen_features(script: Script, step: Step, y_col: str | None, key: str = "x_cols") -> str:
    """The features as Python writes them: those that are named, or all of numbers."""
    given = step.params.get(key)
    if given is not None:
        return literal(given)
    script.helper(NUMERIC)
    without = f", without=[{literal(y_col)}]" if y_col is not None else ""
    return f"numeric_columns({step.table()}{without})"


def _fit(script: Script, step: Step, call: str, *, classifier: bool, output: str = "model") -> None:
    y_col = step.params["y_col"]
    model, columns = step.output(output), f"{step.variable}_columns"
    script.line(
        f"{columns} = {chosen_features(script, step, y_col)}",
        f"{model} = {call}.fit({step.table()}[{columns}], {step.table()}[{literal(y_col)}])",
    )
    positive = step.params.get("pre_value") if classifier else None
    script.facts[model] = {"columns": columns, "positive": positive}


def logistic_regression(script: Script, step: Step) -> None:
    params = step.params
    penalty = params.get("penalty") or "none"
    options: dict[str, Any] = {
        "C": float("inf") if penalty == "none" else params["C"],
        "l1_ratio": {"l1": 1.0, "elasticnet": params.get("l1_ratio")}.get(penalty, 0.0),
        "solver": params["solver"],
        "random_state": step.random_state(),
    }
    for name in ("max_iter", "tol", "class_weight", "dual", "fit_intercept", "intercept_scaling"):
        if name in params:
            options[name] = params[name]
    _fit(script, step, script.estimator("sklearn.linear_model", "LogisticRegression", options), classifier=True)


def gbdt_2018(script: Script, step: Step) -> None:
    from suanzi.operators.seed.gbdt import _count_or_share, _max_features

    params = step.params
    names = (
        "n_estimators",
        "max_depth",
        "learning_rate",
        "subsample",
        "min_weight_fraction_leaf",
        "min_impurity_decrease",
        "max_leaf_nodes",
        "init",
    )
    options = {name: params[name] for name in names}
    options["loss"] = "log_loss" if params["loss"] == "deviance" else params["loss"]
    options["min_samples_split"] = _count_or_share("min_samples_split", params["min_samples_split"], 2)
    options["min_samples_leaf"] = _count_or_share("min_samples_leaf", params["min_samples_leaf"], 1)
    options["max_features"] = _max_features(params["max_features"])
    options["random_state"] = step.random_state()
    call = script.estimator("sklearn.ensemble", "GradientBoostingClassifier", options)
    _fit(script, step, call, classifier=True)


def _by_task(module: str, classifier: str, regressor: str, names: tuple[str, ...]) -> Any:
    def template(script: Script, step: Step) -> None:
        is_classifier = step.params["task"] == "classification"
        options = {name: step.params[name] for name in names if is_classifier or name != "class_weight"}
        options["random_state"] = step.random_state()
        call = script.estimator(module, classifier if is_classifier else regressor, options)
        _fit(script, step, call, classifier=is_classifier)

    return template


def linear_regression(script: Script, step: Step) -> None:
    names = {"fit_intercept", "positive"} & set(step.params)
    call = script.estimator("sklearn.linear_model", "LinearRegression", {n: step.params[n] for n in sorted(names)})
    _fit(script, step, call, classifier=False)


def kmeans(script: Script, step: Step) -> None:
    options = {name: step.params[name] for name in ("n_clusters", "n_init", "max_iter")}
    options["random_state"] = step.random_state()
    _clusters(script, step, script.estimator("sklearn.cluster", "KMeans", options))


def _clusters(script: Script, step: Step, call: str) -> None:
    columns, model = f"{step.variable}_columns", step.output("model")
    script.line(
        f"{columns} = {chosen_features(script, step, None)}",
        f"{model} = {call}.fit({step.table()}[{columns}])",
        f"{step.output('data')} = {step.table()}.assign(cluster={model}.labels_)",
    )
    script.facts[model] = {"columns": columns}


def predict(script: Script, step: Step) -> None:
    script.helper(SCORED)
    model = step.inputs["model"][0]
    named = step.params.get("x_cols")
    columns = model.facts.get("columns") or (literal(named) if named else f"list({model.variable}.feature_names_in_)")
    positive = step.params.get("pre_value")
    positive = model.facts.get("positive") if positive is None else positive
    tail = "" if positive is None else f", positive={literal(positive)}"
    script.line(f"{step.output('data')} = scored({step.table()}, {model.variable}, {columns}{tail})")


def generated(script: Script, step: Step) -> None:
    """Any estimator of scikit-learn that is an operator `sk_…`: its class, called with its parameters."""
    from suanzi.operators.generated import kinds
    from suanzi.operators.generated.names import CLASS_OF, CLASSES
    from suanzi.operators.generated.shapes import load, shape_of

    class_name = CLASS_OF[step.algo_name]
    shape = shape_of(load(class_name)).name
    call = script.estimator(f"sklearn.{CLASSES[class_name][0]}", class_name, _options(kinds, step, class_name))
    GENERATED[shape](script, step, call)


def knows(algo_name: str) -> bool:
    """Whether a generated operator can be written as Python."""
    from suanzi.operators.generated.names import CLASS_OF
    from suanzi.operators.generated.shapes import load, shape_of

    return algo_name in CLASS_OF and shape_of(load(CLASS_OF[algo_name])).name in GENERATED


def _options(kinds: Any, step: Step, class_name: str) -> Mapping[str, Any]:
    import inspect

    from suanzi.operators.generated.constraints import OTHER_DEFAULTS
    from suanzi.operators.generated.shapes import load

    known = inspect.signature(load(class_name)).parameters
    shown = {spec.name: spec.default for spec in getattr(kinds, step.algo_name).params}
    options = dict(OTHER_DEFAULTS.get(class_name, {}))
    for name, value in step.params.items():
        if name in known and value != shown.get(name):
            tuples = isinstance(known[name].default, tuple) and isinstance(value, list)
            options[name] = tuple(value) if tuples else value
    if "random_state" in known:
        options["random_state"] = step.random_state()
    for name, inputs in step.inputs.items():
        if name in known and name != "data":
            several = [(f"e{number}", Raw(one.variable)) for number, one in enumerate(inputs, 1)]
            options[name] = several if name == "estimators" else Raw(inputs[0].variable)
    return options


class Raw:
    """A variable among the arguments of a call."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


def _generated_model(script: Script, step: Step, call: str) -> None:
    script.need("from sklearn.base import clone")
    _fit(script, step, call, classifier="pre_value" in step.params)
    script.line(f"{step.output('estimator')} = clone({step.output('model')})")


def _generated_step(script: Script, step: Step, call: str) -> None:
    script.helper(APPLY_GENERATED, "import numpy as np", "import pandas as pd")
    columns, transform = f"{step.variable}_columns", step.output("transform")
    y_col = step.params.get("y_col")
    label = f", {step.table()}[{literal(y_col)}]" if y_col else ""
    script.line(
        f"{columns} = {chosen_features(script, step, y_col)}",
        f"{transform} = {call}.fit({step.table()}[{columns}]{label})",
        f"{step.output('data')} = transformed({transform}, {step.table()}, {columns})",
    )
    script.facts[transform] = {"apply": f"transformed({transform}, {{frame}}, {columns})"}


GENERATED = {
    "classifier": _generated_model,
    "regressor": _generated_model,
    "clusterer": _clusters,
    "transformer": _generated_step,
    "selector": _generated_step,
    "supervised": _generated_step,
}

TREE = ("max_depth", "min_samples_split", "min_samples_leaf", "class_weight")
TEMPLATES = {
    "algo_local_model_2c_l": logistic_regression,
    "algo_local_model_gbdt": gbdt_2018,
    "algo_local_model_predict": predict,
    "gbdt": _by_task(
        "sklearn.ensemble",
        "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor",
        (
            "max_iter",
            "learning_rate",
            "max_depth",
            "max_leaf_nodes",
            "min_samples_leaf",
            "l2_regularization",
            "early_stopping",
            "class_weight",
        ),
    ),
    "kmeans": kmeans,
    "linear_regression": linear_regression,
    "logistic_regression": logistic_regression,
    "predict": predict,
    "random_forest": _by_task(
        "sklearn.ensemble",
        "RandomForestClassifier",
        "RandomForestRegressor",
        ("n_estimators", "max_depth", "min_samples_split", "min_samples_leaf", "max_features", "class_weight"),
    ),
}
