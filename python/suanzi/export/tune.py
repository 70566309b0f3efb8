"""Estimators, cross validation and searches, by scikit-learn's own classes."""

from __future__ import annotations

from typing import Any

from suanzi.export.script import Script, Step, literal
from suanzi.export.train import chosen_features
from suanzi.operators.tune.estimator import CLASSES, MODEL_STEP
from suanzi.operators.tune.hyper_tune import FEWEST_PER_FOLD
from suanzi.operators.tune.judging import FIGURES, SCORERS, SMALLER_IS_BETTER
from suanzi.operators.tune.space import GRIDS, WholeLog, distribution

STEPS = ("fill", "scale", MODEL_STEP)
TRIAL = '''
def trial_data(estimator, frame, y_col, positive, folds, seed):
    """Labels (1 for the positive one of two), folds, and the names of the figures to judge by."""
    if is_regressor(estimator):
        y, task = frame[y_col].to_numpy(dtype="float64"), "regression"
        return y, KFold(folds, shuffle=True, random_state=seed), FIGURES[task]
    cut, labels = StratifiedKFold(folds, shuffle=True, random_state=seed), sorted(frame[y_col].unique().tolist())
    if len(labels) > 2:
        return frame[y_col].to_numpy(), cut, FIGURES["multiclass"]
    positive = labels[1] if positive is None else positive
    return (frame[y_col] == positive).to_numpy(dtype="int64"), cut, FIGURES["binary"]
'''
FIRST_ROWS = f'''
def first_rows(estimator, y, folds):
    """Rows of the first round of a halving search: enough for some of each class in each fold."""
    share = 1.0 if is_regressor(estimator) else np.unique(y, return_counts=True)[1].min() / len(y)
    return min(len(y), math.ceil({FEWEST_PER_FOLD} * folds / share))
'''
TRIALS = '''
def trials_table(search, figure):
    """A row for each trial, the best of the last round first."""
    found, sign = search.cv_results_, -1 if figure in SMALLER_IS_BETTER else 1
    columns = {}
    for key in found["params"][0]:
        values = [one[key] for one in found["params"]]
        numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in values)
        alike = numbers or len({type(one) for one in values}) == 1 and isinstance(values[0], (bool, str, type(None)))
        columns[f"param_{key.removeprefix('model__')}"] = values if alike else [str(one) for one in values]
    if "iter" in found:
        columns |= {"round": found["iter"] + 1, "rows_used": found["n_resources"]}
    columns |= {figure: sign * found["mean_test_score"], f"{figure}_std": found["std_test_score"]}
    for fold in range(search.n_splits_):
        columns[f"{figure}_fold_{fold + 1}"] = sign * found[f"split{fold}_test_score"]
    table = pd.DataFrame({**columns, "rank": found["rank_test_score"]})
    by = ["round", "rank"] if "iter" in found else ["rank"]
    return table.sort_values(by, ascending=[name == "rank" for name in by], kind="stable", ignore_index=True)
'''


def estimator(script: Script, step: Step) -> None:
    params = step.params
    module, classifier, regressor = CLASSES[params["algorithm"]]
    regression = params["task"] == "regression" or (params["task"] == "auto" and classifier is None)
    name = regressor if regression else classifier
    assert name is not None
    options = _known(module, name, {"random_state": step.random_state()})
    for key, value in (params.get("params") or {}).items():
        options[key] = tuple(value) if isinstance(value, list) and "layer" in key else value
    call, before = script.estimator(module, name, options), []
    if params["fill_missing"]:
        fill = script.estimator("sklearn.impute", "SimpleImputer", {"strategy": "median", "keep_empty_features": True})
        before.append(f'("fill", {fill})')
    if params["standardize"]:
        before.append(f'("scale", {script.estimator("sklearn.preprocessing", "StandardScaler", {})})')
    if before:
        script.need("from sklearn.pipeline import Pipeline")
        call = f'Pipeline([{", ".join(before)}, ("{MODEL_STEP}", {call})])'
    made = step.output("estimator")
    script.line(f"{made} = {call}")
    script.facts[made] = {"pipeline": bool(before)}


def _known(module: str, name: str, options: dict[str, Any]) -> dict[str, Any]:
    import importlib
    import inspect

    takes = inspect.signature(getattr(importlib.import_module(module), name)).parameters
    return {key: value for key, value in options.items() if key in takes}


def _prepared(script: Script, step: Step) -> tuple[str, str]:
    """Lines for features, labels and folds; the features, and how the variables begin."""
    known = {"FIGURES": FIGURES, "SCORERS": SCORERS, "SMALLER_IS_BETTER": SMALLER_IS_BETTER}
    script.helper("\n".join(f"{name} = {literal(value)}" for name, value in known.items()))
    script.helper(TRIAL, "from sklearn.base import is_regressor", "from sklearn.model_selection import KFold")
    script.need("from sklearn.model_selection import StratifiedKFold")
    named, params = step.variable, step.params
    given = [step.table("estimator"), step.table(), literal(params["y_col"]), literal(params.get("pre_value"))]
    given += [str(params["folds"]), str(step.random_state())]
    script.line(
        f"{named}_columns = {chosen_features(script, step, params['y_col'])}",
        f"{named}_y, {named}_folds, {named}_figures = trial_data({', '.join(given)})",
    )
    return f"{step.table()}[{named}_columns]", named


def cross_validate(script: Script, step: Step) -> None:
    script.need("from sklearn import model_selection")
    x, named = _prepared(script, step)
    script.line(
        f"{named}_found = model_selection.cross_validate(",
        f"    {step.table('estimator')}, {x}, {named}_y, cv={named}_folds,",
        f"    scoring={{name: SCORERS.get(name, name) for name in {named}_figures}},",
        ")",
        f"metrics[{literal(step.id)}] = {{",
        f'    name: (-1 if name in SMALLER_IS_BETTER else 1) * {named}_found[f"test_{{name}}"].mean()',
        f"    for name in {named}_figures",
        "}",
    )


def hyper_tune(script: Script, step: Step) -> None:
    script.need("from sklearn.base import clone", "import pandas as pd")
    script.helper(TRIALS)
    x, named = _prepared(script, step)
    params, made, model = step.params, step.table("estimator"), step.output("model")
    figure = literal(params["figure"]) if params.get("figure") else f"{named}_figures[0]"
    searcher, options = _searcher(script, step, named)
    script.line(
        f"{named}_figure = {figure}",
        f"{named}_search = {searcher}(",
        f"    {made}, {_space(script, step)},",
        f"    scoring=SCORERS.get({named}_figure, {named}_figure), cv={named}_folds{options},",
        f").fit({x}, {named}_y)",
        f"{model} = clone({named}_search.best_estimator_).fit({x}, {step.table()}[{literal(params['y_col'])}])",
        f"{step.output('trials')} = trials_table({named}_search, {named}_figure)",
        f"metrics[{literal(step.id)}] = {{{named}_figure: {step.output('trials')}[{named}_figure][0]}}",
    )
    script.facts[model] = {"columns": f"{named}_columns", "positive": params.get("pre_value")}


def _searcher(script: Script, step: Step, named: str) -> tuple[str, str]:
    params, seed = step.params, step.random_state()
    search = params["search"]
    if search in ("grid", "random"):
        name = "GridSearchCV" if search == "grid" else "RandomizedSearchCV"
        script.need(f"from sklearn.model_selection import {name}")
        return name, "" if search == "grid" else f", n_iter={params['n_trials']}, random_state={seed}"
    name = "HalvingGridSearchCV" if search == "halving_grid" else "HalvingRandomSearchCV"
    # The name has to be there before that of the search.
    script.need(
        "from sklearn.experimental import enable_halving_search_cv", f"from sklearn.model_selection import {name}"
    )
    rows = params.get("first_rows")
    if rows is None:
        script.helper(FIRST_ROWS, "import math", "import numpy as np")
        rows = f"first_rows({step.table('estimator')}, {named}_y, {params['folds']})"
    count = "" if search == "halving_grid" else f", n_candidates={params['n_trials']}"
    return name, f"{count}, min_resources={rows}, factor={params['factor']}, random_state={seed}"


def _space(script: Script, step: Step) -> str:
    pipeline = step.inputs["estimator"][0].facts.get("pipeline", False)
    said = []
    for name, values in step.params["space"].items():
        whole = not pipeline or name.split("__")[0] in STEPS
        key = name if whole else f"{MODEL_STEP}__{name}"
        said.append(f"{literal(key)}: {_values(script, values, step.params['search'])}")
    return "{" + ", ".join(said) + "}"


def _values(script: Script, values: Any, search: str) -> str:
    if not isinstance(values, dict) or search in GRIDS:
        return literal([tuple(one) if isinstance(one, list) else one for one in values])
    drawn = distribution(values)
    if drawn is None:
        raise ValueError(f"{values!r} is no range")
    script.need("from scipy import stats")
    if isinstance(drawn, WholeLog):
        import inspect

        source = inspect.getsource(WholeLog).replace("        from scipy import stats\n\n", "")
        source = source.replace("random_state: Any = None) -> int", "random_state=None)")
        script.helper(source, "from dataclasses import dataclass")
        return f"WholeLog({drawn.low}, {drawn.high})"
    return f"stats.{drawn.dist.name}({', '.join(repr(one) for one in drawn.args)})"


TEMPLATES = {"cross_validate": cross_validate, "estimator": estimator, "hyper_tune": hyper_tune}
