"""Trained models and their predictions equal scikit-learn's called directly; what can't be trained on is refused."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from suanzi.operators.predict.predict import predict
from suanzi.operators.seed.gbdt import algo_local_model_gbdt
from suanzi.operators.seed.logistic_2c import algo_local_model_2c_l
from suanzi.operators.seed.predict import algo_local_model_predict
from suanzi.operators.train.gbdt import gbdt
from suanzi.operators.train.kmeans import kmeans
from suanzi.operators.train.linear_regression import linear_regression
from suanzi.operators.train.logistic_regression import logistic_regression
from suanzi.operators.train.random_forest import random_forest
from suanzi.sdk import Context, OperatorError, model_manifest

X = ["income", "age", "risk"]
SEED_LOGISTIC = {
    "pre_value": 1, "penalty": "l2", "C": 1, "max_iter": 100, "senior": True, "class_weight": None, "dual": False,
    "fit_intercept": True, "intercept_scaling": 1, "multi_class": "ovr", "n_jobs": 1, "random_state": None,
    "solver": "liblinear", "tol": 0.0001, "verbose": 0, "warm_start": False,
}  # fmt: skip
SEED_GBDT = {
    "pre_value": 1, "n_estimators": 10, "max_depth": 5, "senior": True, "criterion": "friedman_mse", "init": None,
    "learning_rate": 0.1, "loss": "deviance", "max_features": None, "max_leaf_nodes": None,
    "min_impurity_decrease": 0, "min_impurity_split": None, "min_samples_leaf": 1, "min_samples_split": 2,
    "min_weight_fraction_leaf": 0, "presort": "auto", "random_state": None, "subsample": 1, "verbose": 0,
    "warm_start": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("op", "params", "direct"),
    [
        (algo_local_model_2c_l, SEED_LOGISTIC, LogisticRegression(solver="liblinear", random_state=5)),
        (algo_local_model_2c_l, {"penalty": "l1"}, LogisticRegression(solver="liblinear", l1_ratio=1, random_state=5)),
        (algo_local_model_2c_l, {"penalty": None, "solver": "lbfgs"}, LogisticRegression(C=np.inf, random_state=5)),
        (
            algo_local_model_2c_l,
            {"class_weight": {"1": 3, "0": 1}},
            LogisticRegression(solver="liblinear", class_weight={0: 1, 1: 3}),
        ),
        (algo_local_model_gbdt, SEED_GBDT, GradientBoostingClassifier(n_estimators=10, max_depth=5, random_state=5)),
        (
            algo_local_model_gbdt,
            {"n_estimators": 5, "max_features": "auto", "subsample": 0.5, "min_samples_leaf": 0.1},
            GradientBoostingClassifier(
                n_estimators=5, max_features="sqrt", subsample=0.5, min_samples_leaf=0.1, random_state=5
            ),
        ),
        (
            algo_local_model_gbdt,
            {"n_estimators": 5, "max_features": 2, "loss": "exponential", "random_state": 9},
            GradientBoostingClassifier(n_estimators=5, max_features=2, loss="exponential", random_state=9),
        ),
        (logistic_regression, {}, LogisticRegression(random_state=5)),
        (
            logistic_regression,
            {"penalty": "elasticnet", "l1_ratio": 0.3, "solver": "saga", "max_iter": 20},
            LogisticRegression(l1_ratio=0.3, solver="saga", max_iter=20, random_state=5),
        ),
        (gbdt, {"max_iter": 20}, HistGradientBoostingClassifier(max_iter=20, early_stopping=False, random_state=5)),
        (
            random_forest,
            {"n_estimators": 10, "class_weight": "balanced"},
            RandomForestClassifier(n_estimators=10, class_weight="balanced", random_state=5),
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_classifiers(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], direct: Any) -> None:
    data = {"data": people}
    model = run(op, data, Context(seed=5), x_cols=X, y_col="bad", **params)
    model = pickle.loads(pickle.dumps(model))
    direct.fit(people[X], people["bad"])
    out = run(predict, {"model": model, "data": people})
    np.testing.assert_allclose(out["predict_score"], direct.predict_proba(people[X])[:, 1], rtol=1e-12)
    assert out["predict_result"].tolist() == direct.predict(people[X]).tolist()
    assert out[people.columns].equals(people)
    assert (model.positive, model.task, model.columns) == (1, "binary", X)


@pytest.mark.parametrize(
    ("op", "params", "direct"),
    [
        (linear_regression, {}, LinearRegression()),
        (
            linear_regression,
            {"positive": True, "fit_intercept": False},
            LinearRegression(positive=True, fit_intercept=False),
        ),
        (gbdt, {"task": "regression", "max_iter": 9}, HistGradientBoostingRegressor(max_iter=9, early_stopping=False)),
        (
            random_forest,
            {"task": "regression", "n_estimators": 5, "max_features": 1.0},
            RandomForestRegressor(n_estimators=5, random_state=0),
        ),
    ],
)
def test_regressions(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], direct: Any) -> None:
    model = run(op, {"data": people}, x_cols=X, y_col="amount", **params)
    out = run(predict, {"model": model, "data": people})
    np.testing.assert_allclose(out["predict_result"], direct.fit(people[X], people["amount"]).predict(people[X]))
    assert "predict_score" not in out.columns
    assert model.task == "regression"


def test_multiclass(run: Any, people: pd.DataFrame) -> None:
    model = run(random_forest, {"data": people}, x_cols=X, y_col="grade", n_estimators=7)
    direct = RandomForestClassifier(n_estimators=7, random_state=0).fit(people[X], people["grade"])
    out = run(predict, {"model": model, "data": people})
    p = direct.predict_proba(people[X])
    np.testing.assert_allclose(out[["predict_score_a", "predict_score_b", "predict_score_c"]], p)
    np.testing.assert_allclose(out["predict_score"], p.max(axis=1))


def test_kmeans(run: Any, people: pd.DataFrame) -> None:
    model, out = run(kmeans, {"data": people}, x_cols=X, n_clusters=3, random_state=4)
    direct = KMeans(n_clusters=3, n_init=10, random_state=4).fit(people[X])
    assert out["cluster"].tolist() == direct.labels_.tolist()
    again = run(predict, {"model": model, "data": people})
    assert again["predict_result"].tolist() == direct.predict(people[X]).tolist()


def test_null_random_state_is_the_runs_seed(run: Any, people: pd.DataFrame) -> None:
    def scores(seed: int, **params: Any) -> list[float]:
        model = run(
            random_forest, {"data": people}, Context(seed=seed), x_cols=X, y_col="bad", n_estimators=3, **params
        )
        return run(predict, {"model": model, "data": people})["predict_score"].tolist()

    assert scores(1) == scores(1) != scores(2)
    assert scores(1, random_state=2) == scores(2)
    assert scores(2**32 + 1) == scores(1)


def test_all_numeric_columns_are_the_default(run: Any, people: pd.DataFrame) -> None:
    model = run(gbdt, {"data": people}, y_col="bad", max_iter=2)
    assert model.columns == ["income", "age", "risk", "gaps", "amount"]


def test_the_positive_label_can_be_the_smaller(run: Any, people: pd.DataFrame) -> None:
    for op, model_port in ((predict, {"pre_value": None}), (algo_local_model_predict, {})):
        model = run(algo_local_model_2c_l, {"data": people}, x_cols=X, y_col="bad", pre_value="0")
        out = run(op, {"data": people, "model": model}, **model_port)
        direct = LogisticRegression(solver="liblinear").fit(people[X], people["bad"])
        np.testing.assert_allclose(out["predict_score"], direct.predict_proba(people[X])[:, 0])


def test_old_parameters_are_noted_not_refused(run: Any, people: pd.DataFrame, capsys: Any) -> None:
    run(algo_local_model_gbdt, {"data": people}, x_cols=X, y_col="bad", **SEED_GBDT, odd_one=3)
    log = capsys.readouterr().err
    for word in ("criterion", "presort", "odd_one", "deviance"):
        assert word in log


def test_a_fit_that_does_not_converge_says_so(run: Any, people: pd.DataFrame, capsys: Any) -> None:
    run(logistic_regression, {"data": people}, x_cols=X, y_col="bad", max_iter=1)
    assert "standardize" in capsys.readouterr().err


def test_models_of_other_makes(run: Any, people: pd.DataFrame) -> None:
    raw = LogisticRegression().fit(people[X], people["bad"])
    out = run(predict, {"model": raw, "data": people}, pre_value=1)
    np.testing.assert_allclose(out["predict_score"], raw.predict_proba(people[X])[:, 1])
    nameless = LinearSVC().fit(people[X].to_numpy(), people["bad"])
    with pytest.raises(OperatorError, match="which columns"):
        run(predict, {"model": nameless, "data": people})
    margin = run(predict, {"model": LinearSVC().fit(people[X], people["bad"]), "data": people})
    assert margin["predict_score"].min() < 0


def test_manifest_of_a_model(run: Any, people: pd.DataFrame) -> None:
    model = run(random_forest, {"data": people}, x_cols=X, y_col="grade", n_estimators=2)
    manifest = model_manifest(model, list(people.columns))
    assert manifest["class"].endswith("RandomForestClassifier")
    assert manifest["classes"] == ["a", "b", "c"]
    assert (manifest["columns"], manifest["n_features"]) == (X, 3)
    assert manifest["trained_table_columns"] == list(people.columns)
    assert {"python", "numpy", "scikit-learn"} <= set(manifest["library_versions"])
    assert model_manifest(LinearRegression())["columns"] is None


TRAINERS = [algo_local_model_2c_l, algo_local_model_gbdt, logistic_regression, random_forest]


@pytest.mark.parametrize("op", TRAINERS, ids=lambda op: op.algo_name)
@pytest.mark.parametrize(
    ("change", "params", "words"),
    [
        (lambda d: d, {"x_cols": ["incom", "age"]}, ["'incom'", "nearest: 'income'", "it has: income, age"]),
        (lambda d: d, {"y_col": "nothing"}, ["'nothing'"]),
        (lambda d: d.iloc[:0], {}, ["no rows"]),
        (lambda d: d, {"x_cols": ["city", "age"]}, ["'city'", "not numeric", "for example"]),
        (lambda d: d, {"x_cols": ["gaps", "age"]}, ["gaps (", "missing values", "400 rows"]),
        (lambda d: d.assign(age=np.inf), {}, ["infinite", "age"]),
        (lambda d: d.assign(bad=1), {}, ["'bad'", "only 1", "two labels"]),
        (lambda d: d.assign(bad=d["bad"].where(d.index > 3)), {}, ["'bad'", "4 missing"]),
        (lambda d: d, {"x_cols": ["age", "bad"]}, ["'bad'", "among the features"]),
        (lambda d: d, {"x_cols": ["age", "age"]}, ["'age'", "twice"]),
        (lambda d: d, {"pre_value": 7}, ["7", "0, 1"]),
        (lambda d: d.iloc[:1], {}, ["two labels"]),
    ],
)
def test_refusals(
    run: Any, people: pd.DataFrame, op: Any, change: Any, params: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(OperatorError) as caught:
        run(op, {"data": change(people)}, **{"x_cols": X, "y_col": "bad", **params})
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("op", "params", "words"),
    [
        (algo_local_model_2c_l, {"y_col": "grade"}, ["'grade'", "3 different labels"]),
        (algo_local_model_2c_l, {"penalty": "elasticnet"}, ["liblinear", "elasticnet"]),
        (algo_local_model_2c_l, {"solver": "lbfgs", "dual": True}, ["dual"]),
        (algo_local_model_2c_l, {"class_weight": {"5": 1}}, ["'5'"]),
        (algo_local_model_2c_l, {"class_weight": {"1": "x"}}, ["class_weight", "'x'"]),
        (logistic_regression, {"penalty": "elasticnet", "solver": "saga"}, ["l1_ratio"]),
        (algo_local_model_gbdt, {"min_samples_split": 1.5}, ["min_samples_split", "1.5"]),
        (algo_local_model_gbdt, {"min_samples_leaf": 2.5}, ["min_samples_leaf", "2.5"]),
        (linear_regression, {"y_col": "city"}, ["'city'", "not numeric"]),
        (linear_regression, {"y_col": "gaps"}, ["'gaps'", "missing"]),
        (kmeans, {"y_col": None, "n_clusters": 999}, ["400 rows", "999"]),
    ],
)
def test_more_refusals(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], words: list[str]) -> None:
    given = {"x_cols": X, "y_col": "bad", **params}
    given = {name: value for name, value in given.items() if value is not None}
    with pytest.raises(OperatorError) as caught:
        run(op, {"data": people}, **given)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "params", "words"),
    [
        (lambda d: d.drop(columns="risk"), {}, ["'risk'", "trained with it"]),
        (lambda d: d, {"x_cols": ["age"]}, ["income, risk"]),
        (lambda d: d.assign(age=np.nan), {}, ["age (400)"]),
        (lambda d: d.assign(age="x"), {}, ["'age'", "not numeric"]),
        (lambda d: d.iloc[:0], {}, ["no rows"]),
        (lambda d: d, {"x_cols": ["agee", "income", "risk"]}, ["'agee'"]),
    ],
)
def test_prediction_refusals(
    run: Any, people: pd.DataFrame, change: Any, params: dict[str, Any], words: list[str]
) -> None:
    model = run(algo_local_model_2c_l, {"data": people}, x_cols=X, y_col="bad")
    with pytest.raises(OperatorError) as caught:
        run(algo_local_model_predict, {"data": change(people), "model": model}, **params)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


def test_one_row_and_replaced_columns(run: Any, people: pd.DataFrame, capsys: Any) -> None:
    model = run(algo_local_model_2c_l, {"data": people}, x_cols=X, y_col="bad")
    one = run(predict, {"data": people.iloc[:1].assign(predict_score=9.0), "model": model})
    assert 0 <= one["predict_score"].iloc[0] <= 1
    assert "predict_score" in capsys.readouterr().err
