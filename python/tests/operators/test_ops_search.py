"""Searches equal scikit-learn's on its own data: settings, scores by fold, ranks, rounds, and the resulting model."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    KFold,
    ParameterSampler,
    RandomizedSearchCV,
    StratifiedKFold,
)

from suanzi.export.compose import script
from suanzi.operators.source.sample_dataset import sample_dataset
from suanzi.operators.tune.cross_validate import cross_validate
from suanzi.operators.tune.estimator import estimator
from suanzi.operators.tune.hyper_tune import hyper_tune
from suanzi.operators.tune.space import WholeLog, read_space
from suanzi.operators.tune.trials import Scored, halving_rounds, tried_of
from suanzi.sdk import Context

SEED = 11
DATA = {"wine": load_wine, "breast_cancer": load_breast_cancer, "diabetes": load_diabetes}
GRID = {"max_depth": [1, 2, 4, None], "min_samples_leaf": [1, 20]}
RANGES = {
    "max_depth": {"low": 1, "high": 8},
    "ccp_alpha": {"low": 1e-4, "high": 0.1, "log": True},
    "min_samples_leaf": {"low": 1, "high": 40, "log": True, "int": True},
}
DRAWN = {
    "max_depth": stats.randint(1, 9),
    "ccp_alpha": stats.loguniform(1e-4, 0.1),
    "min_samples_leaf": WholeLog(1, 40),
}
HALVING = {"random_state": SEED, "min_resources": 40, "factor": 3}
FORMS: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "grid": ({"space": GRID}, GridSearchCV, {}),
    "random": ({"space": RANGES, "n_trials": 9}, RandomizedSearchCV, {"n_iter": 9, "random_state": SEED}),
    "halving": (
        {"space": RANGES, "n_trials": 9, "first_rows": 40},
        HalvingRandomSearchCV,
        {"n_candidates": 9, **HALVING},
    ),
    "halving_grid": ({"space": GRID, "first_rows": 50, "factor": 2}, HalvingGridSearchCV, HALVING),
}
FORMS["halving_grid"][2].update({"min_resources": 50, "factor": 2})


def frame_of(name: str) -> tuple[pd.DataFrame, list[str]]:
    bunch = DATA[name](as_frame=True)
    return bunch.frame, list(bunch.data.columns)


@pytest.mark.parametrize("search", FORMS)
@pytest.mark.parametrize(
    ("name", "figure", "scorer"),
    [("breast_cancer", "auc", "roc_auc"), ("wine", "accuracy", "accuracy"), ("diabetes", "mae", None)],
)
def test_equals_scikit_learn(run: Any, name: str, figure: str, scorer: str | None, search: str) -> None:
    frame, columns = frame_of(name)
    params, searcher, options = FORMS[search]
    made = run(estimator, algorithm="decision_tree", task="regression" if name == "diabetes" else "auto")
    context = Context(seed=SEED)
    shared = {"x_cols": columns, "y_col": "target", "folds": 3, "figure": figure, "search": search}
    model, metrics, _, trials = run(hyper_tune, {"estimator": made, "data": frame}, context, **shared, **params)
    cut = (KFold if name == "diabetes" else StratifiedKFold)(3, shuffle=True, random_state=SEED)
    space = GRID if "grid" in search else DRAWN
    direct = searcher(made, space, cv=cut, scoring=scorer or "neg_mean_absolute_error", **options)
    direct.fit(frame[columns], frame["target"])

    found = direct.cv_results_
    sign = -1 if scorer is None else 1
    rounds = found.get("iter", np.zeros(len(trials)))
    order = sorted(range(len(trials)), key=lambda at: (-rounds[at], found["rank_test_score"][at]))
    for column, theirs in (
        (figure, sign * found["mean_test_score"]),
        (f"{figure}_std", found["std_test_score"]),
        ("rank", found["rank_test_score"]),
        *((f"{figure}_fold_{at + 1}", sign * found[f"split{at}_test_score"]) for at in range(3)),
    ):
        np.testing.assert_allclose(trials[column], theirs[order], rtol=1e-12, err_msg=column)
    settings = [{key: str(value) for key, value in found["params"][at].items()} for at in order]
    ours = [{key: str(row[f"param_{key}"]) for key in settings[0]} for _, row in trials.iterrows()]
    assert [{k: v.removesuffix(".0") for k, v in one.items()} for one in ours] == settings
    if "iter" in found:
        assert trials["round"].tolist() == [rounds[at] + 1 for at in order]
        assert trials["rows_used"].tolist() == [found["n_resources"][at] for at in order]
        assert trials["round"].max() > 1
    assert metrics["best_params"] == direct.best_params_
    assert metrics["metrics"][figure] == pytest.approx(sign * direct.best_score_, rel=1e-12)
    np.testing.assert_array_equal(
        model.estimator.predict(frame[columns]), direct.best_estimator_.predict(frame[columns])
    )


def bound(op: Any, name: str, inputs: dict[str, tuple[str, int]], /, **params: Any) -> dict[str, Any]:
    """An operator as `suanzi export --python` hands it over."""
    edges = [{"name": port, "source": source, "output": output} for port, (source, output) in inputs.items()]
    outputs = [spec.name for spec in op.outputs]
    return {"id": name, "algo_name": op.algo_name, "params": op.validate(params), "inputs": edges, "outputs": outputs}


@pytest.mark.parametrize("search", FORMS)
@pytest.mark.parametrize(
    ("name", "algorithm", "label", "more"),
    [
        ("breast_cancer", "decision_tree", "target", {"standardize": True, "fill_missing": True}),
        ("people", "decision_tree", "bad", {"params": {"min_samples_split": 5}}),
        ("diabetes", "decision_tree", "target", {"task": "regression"}),
    ],
)
def test_as_a_script(
    run: Any, capsys: Any, name: str, algorithm: str, label: str, more: dict[str, Any], search: str
) -> None:
    params = {**FORMS[search][0]}
    params.pop("first_rows", None)
    source = {"name": name, "rows": 500} if name == "people" else {"name": name}
    data = run(sample_dataset, context=Context(seed=SEED), **source)
    columns = [one for one in data.select_dtypes("number").columns if one not in (label, "id")]
    judged = {"x_cols": columns, "y_col": label, "folds": 3, "search": search, **params}
    made = run(estimator, context=Context(seed=SEED), algorithm=algorithm, **more)
    given = {"estimator": made, "data": data}
    _, metrics, _, trials = run(hyper_tune, given, Context(seed=SEED), **judged)
    checked, _ = run(cross_validate, given, Context(seed=SEED), x_cols=columns, y_col=label, folds=3)

    both = {"estimator": ("made", 0), "data": ("data", 0)}
    operators = [
        bound(sample_dataset, "data", {}, **source),
        bound(estimator, "made", {}, algorithm=algorithm, **more),
        bound(hyper_tune, "search", both, **judged),
        bound(cross_validate, "checked", both, x_cols=columns, y_col=label, folds=3),
    ]
    text = script({"name": "search", "seed": SEED, "operators": operators})
    assert "suanzi." not in text.replace("`suanzi", "")
    names: dict[str, Any] = {}
    exec(compile(text, "script", "exec"), names)
    said = json.loads(capsys.readouterr().out)
    figure = metrics["figure"]
    assert said["search"] == {figure: pytest.approx(metrics["metrics"][figure], rel=1e-12)}
    for found, value in said["checked"].items():
        assert value == pytest.approx(checked["metrics"][found], rel=1e-12), found
    table = names["search_trials"]
    pd.testing.assert_frame_equal(table, trials.drop(columns="failed")[table.columns], check_dtype=False)


def test_a_trial_that_fails_is_a_row_with_its_reason(run: Any, refused: Any, capfd: Any) -> None:
    frame, columns = frame_of("breast_cancer")
    made = run(estimator, algorithm="decision_tree", standardize=True)
    given = {"estimator": made, "data": frame}
    shared = {"x_cols": columns, "y_col": "target", "folds": 3}
    _, metrics, report, trials = run(hyper_tune, given, space={"max_depth": [-3, 1, 2]}, **shared)
    bad = trials.iloc[-1]
    assert (bad["param_max_depth"], bad["rank"]) == (-3, 3)
    assert math.isnan(bad["auc"])
    assert bad["failed"].startswith("fold 1: ")
    assert "max_depth" in bad["failed"]
    assert trials["failed"].isna().tolist() == [True, True, False]
    assert (metrics["trials"], metrics["failed"]) == (3, 1)
    assert len(report["charts"][0]["lines"]) == 2, "there is no line without a figure"
    assert "1 of 3 trials failed; the first with max_depth=-3, fold 1: " in capfd.readouterr().err
    direct = GridSearchCV(
        made, {"model__max_depth": [-3, 1, 2]}, cv=StratifiedKFold(3, shuffle=True, random_state=0), scoring="roc_auc"
    )
    with pytest.warns():
        direct.fit(frame[columns], frame["target"])
    assert sorted(trials["rank"]) == sorted(direct.cv_results_["rank_test_score"])
    every = lambda: run(hyper_tune, given, space={"max_depth": [-3, -2]}, **shared)  # noqa: E731
    refused(every, "failed in every trial", "max_depth=-3", "fold 1")


def test_a_score_that_is_no_number_is_a_failure() -> None:
    fits = [Scored({"score": 1.0}, []), Scored({"score": math.nan}, ["Only one class"])]
    assert tried_of({"C": 1}, fits, 0, 9).failed == "fold 2: its score is no number: Only one class"


def test_all_of_a_halving_search_may_fail_at_first(run: Any, refused: Any) -> None:
    frame, columns = frame_of("breast_cancer")
    made = run(estimator, algorithm="decision_tree")
    given = {"estimator": made, "data": frame}
    shared = {"x_cols": columns, "y_col": "target", "folds": 3, "search": "halving_grid", "space": GRID}
    refused(lambda: run(hyper_tune, given, first_rows=10_000, **shared), "first_rows is 10,000", "569 rows")
    refused(lambda: run(hyper_tune, given, first_rows=5, **shared), "first_rows is 5", "3 folds")
    words = "failed in every trial", "fold 1: ValueError", "two classes"
    few = frame.assign(target=[0] * 3 + [1] * (len(frame) - 3))
    refused(lambda: run(hyper_tune, {**given, "data": few}, first_rows=12, **shared), *words)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"low": 1, "high": 5}, "randint"),
        ({"low": 1, "high": 5, "int": False}, "uniform"),
        ({"low": 1, "high": 5, "log": True}, "loguniform"),
        ({"low": 1.0, "high": 5}, "uniform"),
        ({"low": 1, "high": 5, "log": True, "int": True}, "WholeLog"),
    ],
)
def test_ranges(run: Any, values: dict[str, Any], kind: str) -> None:
    made = run(estimator, algorithm="decision_tree")
    found = read_space(made, {"max_depth": values}, "random")["max_depth"]
    assert kind in (type(found).__name__, getattr(getattr(found, "dist", None), "name", ""))
    drawn = [one["max_depth"] for one in ParameterSampler({"max_depth": found}, 50, random_state=1)]
    assert all(1 <= value <= 5 for value in drawn)
    assert all(float(value).is_integer() for value in drawn) == (kind in ("randint", "WholeLog"))


@pytest.mark.parametrize(
    "values",
    [
        {"low": 5, "high": 1},
        {"low": 0, "high": 1, "log": True},
        {"low": 0.5, "high": 3, "int": True},
        {"low": True, "high": 3},
        {"low": 1, "high": 3, "log": 1},
        {"low": 1, "high": 3, "steps": 2},
        {"low": 1},
        [],
    ],
)
def test_ranges_that_are_none(run: Any, refused: Any, values: Any) -> None:
    made = run(estimator, algorithm="decision_tree")
    refused(lambda: read_space(made, {"max_depth": values}, "random"), "space of parameter 'max_depth'")


def test_rounds() -> None:
    assert halving_rounds(27, 10_000, 1_000, 3) == [(27, 1_000), (9, 3_000), (3, 9_000)]
    assert halving_rounds(9, 10_000, 100, 3) == [(9, 100), (3, 300), (1, 900)]
    assert halving_rounds(1, 100, 50, 3) == [(1, 50)]


OWN = """
from suanzi.sdk import FailedJob, Metrics, Table, current, operator

@operator
def halves(data: Table) -> Metrics:
    found = current().map(lambda n: 1 / n, data["n"], what="halves", keep_failures=True)
    good = [one for one in found if not isinstance(one, FailedJob)]
    return {"good": sum(good), "failed": [one.reason for one in found if isinstance(one, FailedJob)]}
"""


def test_jobs_of_own_operators_as_a_script(tmp_path: Any, capsys: Any) -> None:
    (tmp_path / "own.py").write_text(OWN)
    data = {"id": "data", "algo_name": "sample_dataset", "params": {"name": "wine"}, "inputs": [], "outputs": ["data"]}
    edge = {"name": "data", "source": "data", "output": 0}
    own = {"id": "own", "algo_name": "halves", "params": {}, "inputs": [edge], "outputs": ["metrics"]}
    own |= {"dir": str(tmp_path), "module": "own", "function": "halves"}
    text = script({"name": "own", "seed": 0, "operators": [data, own]})
    names: dict[str, Any] = {}
    exec(compile(text.replace("own = halves(data)", ""), "script", "exec"), names)
    found = names["halves"](pd.DataFrame({"n": [2, 0, 4]}).astype(object))
    assert found == {"good": 0.75, "failed": ["ZeroDivisionError: division by zero"]}
    capsys.readouterr()
