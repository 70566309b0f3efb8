"""The further training operators equal scikit-learn's (or the extra's) estimators called directly."""

import pickle
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import ensemble, linear_model, naive_bayes, neighbors, neural_network, svm, tree
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.inspection import permutation_importance
from sklearn.metrics import silhouette_score
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score

from suanzi.operators.evaluate.confusion_matrix import confusion_matrix
from suanzi.operators.evaluate.eval_cluster import eval_cluster
from suanzi.operators.evaluate.feature_importance import feature_importance
from suanzi.operators.predict.predict import predict
from suanzi.operators.train import anomaly, boosting
from suanzi.operators.train.dbscan import dbscan
from suanzi.operators.train.decision_tree import decision_tree
from suanzi.operators.train.knn import knn
from suanzi.operators.train.linear_svm import linear_svm
from suanzi.operators.train.mlp import mlp
from suanzi.operators.train.naive_bayes import naive_bayes as bayes
from suanzi.operators.train.ridge_lasso import ridge_lasso
from suanzi.operators.tune.cross_validate import cross_validate
from suanzi.operators.tune.estimator import estimator
from suanzi.operators.tune.hyper_tune import hyper_tune
from suanzi.sdk import Context

X = ["income", "age", "risk"]
SEED = 5


@pytest.mark.parametrize(
    ("op", "params", "direct"),
    [
        (linear_svm, {}, svm.LinearSVC(random_state=SEED)),
        (linear_svm, {"kernel": "rbf", "C": 2}, svm.SVC(C=2, max_iter=1000)),
        (decision_tree, {"max_depth": 4}, tree.DecisionTreeClassifier(max_depth=4, random_state=SEED)),
        (knn, {"n_neighbors": 3, "weights": "distance"}, neighbors.KNeighborsClassifier(3, weights="distance")),
        (bayes, {}, naive_bayes.GaussianNB()),
        (bayes, {"kind": "bernoulli"}, naive_bayes.BernoulliNB()),
        (mlp, {"hidden_layers": [5], "max_iter": 9}, neural_network.MLPClassifier((5,), max_iter=9, random_state=SEED)),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_classifiers(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], direct: Any) -> None:
    for label in ("bad", "grade"):
        model = run(op, {"data": people}, Context(seed=SEED), x_cols=X, y_col=label, **params)
        out = run(predict, {"model": pickle.loads(pickle.dumps(model)), "data": people})
        assert out["predict_result"].tolist() == direct.fit(people[X], people[label]).predict(people[X]).tolist()


@pytest.mark.parametrize(
    ("op", "params", "direct"),
    [
        (linear_svm, {"task": "regression"}, svm.LinearSVR(random_state=SEED)),
        (decision_tree, {"task": "regression"}, tree.DecisionTreeRegressor(random_state=SEED)),
        (knn, {"task": "regression"}, neighbors.KNeighborsRegressor()),
        (ridge_lasso, {"alpha": 3}, linear_model.Ridge(3)),
        (ridge_lasso, {"penalty": "lasso", "alpha": 0.1}, linear_model.Lasso(0.1)),
        (ridge_lasso, {"penalty": "elasticnet"}, linear_model.ElasticNet()),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regressions(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], direct: Any) -> None:
    model = run(op, {"data": people}, Context(seed=SEED), x_cols=X, y_col="amount", **params)
    out = run(predict, {"model": model, "data": people})
    np.testing.assert_allclose(out["predict_result"], direct.fit(people[X], people["amount"]).predict(people[X]))


@pytest.mark.parametrize(("name", "classifier"), [("xgboost", "XGBClassifier"), ("lightgbm", "LGBMClassifier")])
def test_boosting_libraries(run: Any, people: pd.DataFrame, name: str, classifier: str) -> None:
    library = pytest.importorskip(name)
    data = people.rename(columns={"gaps": "列 [<{"})
    columns = ["age", "列 [<{"]
    more = {"verbose": -1} if name == "lightgbm" else {}
    op = getattr(boosting, name)
    for label, codes in (("bad", data["bad"]), ("grade", data["grade"].map({"a": 0, "b": 1, "c": 2}))):
        model = run(op, {"data": data}, x_cols=columns, y_col=label, n_estimators=5)
        out = run(predict, {"model": pickle.loads(pickle.dumps(model)), "data": data})
        direct = getattr(library, classifier)(n_estimators=5, random_state=0, **more)
        scores = direct.fit(data[columns].to_numpy(float), codes).predict_proba(data[columns].to_numpy(float))
        np.testing.assert_allclose(out["predict_score"], scores[:, 1] if label == "bad" else scores.max(axis=1))
        assert set(out["predict_result"]) <= set(data[label])
    regression = run(op, {"data": data}, x_cols=columns, y_col="amount", task="regression", n_estimators=5)
    assert run(predict, {"model": regression, "data": data})["predict_result"].corr(data["amount"]) > 0.3


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_boosting_not_installed(run: Any, refused: Any, people: pd.DataFrame, monkeypatch: Any, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    refused(lambda: run(getattr(boosting, name), {"data": people}, x_cols=X, y_col="bad"), name, "not installed")


def test_groups_and_odd_rows(run: Any, people: pd.DataFrame) -> None:
    data, x = {"data": people}, people[["risk", "amount"]]
    names = list(x.columns)
    assert run(dbscan, data, x_cols=names)["cluster"].tolist() == DBSCAN().fit(x).labels_.tolist()
    out = run(dbscan, data, x_cols=names, method="hdbscan")
    assert out["cluster"].tolist() == HDBSCAN(copy=True).fit(x).labels_.tolist()
    model, out = run(anomaly.isolation_forest, data, x_cols=names, contamination=0.1, n_estimators=20)
    direct = ensemble.IsolationForest(n_estimators=20, contamination=0.1, random_state=0, max_samples=256).fit(x)
    np.testing.assert_array_equal(out["anomaly_score"], -direct.score_samples(x))
    assert out["is_anomaly"].sum() == 40
    assert set(run(predict, {"model": model, "data": people})["predict_result"]) == {-1, 1}
    out = run(anomaly.lof, data, x_cols=names)
    wanted = neighbors.LocalOutlierFactor().fit(x)
    np.testing.assert_array_equal(out["anomaly_score"], -wanted.negative_outlier_factor_)


def test_model_refusals(run: Any, refused: Any, people: pd.DataFrame) -> None:
    def call(op: Any, data: pd.DataFrame = people, **params: Any) -> Any:
        return lambda: run(op, {"data": data}, x_cols=X, **params)

    refused(call(linear_svm, people.assign(age=1e300), y_col="bad"), "'age'", "1e+50")
    refused(call(knn, people.iloc[:4], y_col="bad"), "4 rows", "5 neighbours")
    refused(call(bayes, y_col="bad", kind="multinomial"), "'risk'", "below 0")
    refused(call(mlp, y_col="bad", hidden_layers=[0]), "0 units")
    refused(call(anomaly.lof, people.iloc[:4]), "4 rows")
    refused(call(dbscan, people.assign(age=np.nan)), "age", "missing")


@pytest.mark.parametrize(
    ("algorithm", "label", "figure", "scorer"),
    [
        ("decision_tree", "bad", "auc", "roc_auc"),
        ("naive_bayes", "grade", "f1_macro", "f1_macro"),
        ("ridge", "amount", "rmse", "neg_root_mean_squared_error"),
    ],
)
def test_cross_validation(run: Any, people: pd.DataFrame, algorithm: str, label: str, figure: str, scorer: str) -> None:
    made = run(estimator, context=Context(seed=2), algorithm=algorithm, standardize=True)
    given = {"estimator": made, "data": people}
    metrics, report = run(cross_validate, given, Context(seed=3), x_cols=X, y_col=label, folds=4)
    cut = (KFold if label == "amount" else StratifiedKFold)(4, shuffle=True, random_state=3)
    scores = np.abs(cross_val_score(made, people[X], people[label], cv=cut, scoring=scorer))
    assert metrics["metrics"][figure] == pytest.approx(scores.mean())
    assert [fold[figure] for fold in metrics["folds"]] == pytest.approx(scores.tolist())
    assert report["charts"][0]["x"] == [1, 2, 3, 4]


def test_search(run: Any, people: pd.DataFrame) -> None:
    made = run(estimator, algorithm="decision_tree", standardize=True)
    given = {"estimator": made, "data": people}
    shared = {"x_cols": X, "y_col": "bad", "folds": 3}
    model, metrics, report, trials = run(hyper_tune, given, space={"max_depth": [1, 3, None]}, **shared)
    cut = StratifiedKFold(3, shuffle=True, random_state=0)
    grid = GridSearchCV(made, {"model__max_depth": [1, 3, None]}, cv=cut, scoring="roc_auc")
    grid.fit(people[X], people["bad"])
    assert metrics["metrics"]["auc"] == pytest.approx(grid.best_score_)
    assert metrics["best_params"] == {"max_depth": grid.best_params_["model__max_depth"]}
    out = run(predict, {"model": model, "data": people})
    np.testing.assert_array_equal(out["predict_score"], grid.predict_proba(people[X])[:, 1])
    assert len(trials) == 3
    assert report["charts"][0]["axes"] == ["max_depth", "auc"]
    words = people.assign(bad=people["bad"].map({0: "no", 1: "yes"}))
    for search in ("random", "halving"):
        space = {"min_samples_leaf": {"low": 1, "high": 50}, "ccp_alpha": {"low": 1e-4, "high": 0.1, "log": True}}
        more = {"space": space, "search": search, "n_trials": 4, "pre_value": "no", **shared}
        model, _, _, trials = run(hyper_tune, {"estimator": made, "data": words}, **more)
        assert len(trials) >= 4
        assert set(run(predict, {"model": model, "data": words})["predict_result"]) == {"no", "yes"}


def test_trial_refusals(run: Any, refused: Any, people: pd.DataFrame) -> None:
    made = run(estimator, algorithm="decision_tree")

    def tune(**params: Any) -> Any:
        given = {"x_cols": X, "y_col": "bad", "space": {"max_depth": [1]}, **params}
        return lambda: run(hyper_tune, {"estimator": made, "data": people}, **given)

    refused(lambda: run(estimator, algorithm="ridge", task="classification"), "'ridge'")
    refused(lambda: run(estimator, algorithm="ridge", params={"alfa": 1}), "'alfa'")
    refused(lambda: run(estimator, algorithm="ridge", params={"alpha": "big"}), "alpha", "big")
    refused(tune(space={}), "space is empty")
    refused(tune(space={"max_depht": [1]}), "'max_depht'")
    refused(tune(space={"max_depth": 3}), "'max_depth'", "3")
    refused(tune(space={"max_depth": [-1]}), "max_depth")
    refused(tune(figure="r2"), "'r2'", "binary")
    refused(tune(x_cols=["gaps"], y_col="amount"), "'amount'")


def test_judging_groups_labels_and_features(run: Any, people: pd.DataFrame) -> None:
    metrics, _ = run(eval_cluster, {"data": people}, cluster_col="grade", x_cols=X, y_col="bad")
    assert metrics["metrics"]["silhouette"] == pytest.approx(silhouette_score(people[X], people["grade"]))
    counts = run(confusion_matrix, {"data": people}, y_col="grade", pre_col="grade", normalize="true")
    assert np.array_equal(counts["charts"][0]["values"], np.eye(3))
    model = run(decision_tree, {"data": people}, x_cols=X, y_col="bad")
    given = {"data": people, "model": model}
    rows = run(feature_importance, given, n_repeats=3)["sections"][0]["rows"]
    direct = permutation_importance(
        model.estimator, people[X], people["bad"], scoring="roc_auc", n_repeats=3, random_state=0
    )
    assert {row[0]: row[1] for row in rows} == pytest.approx(dict(zip(X, direct.importances_mean, strict=True)))
    own = run(feature_importance, given, method="built_in")["sections"][0]["rows"]
    assert sum(row[1] for row in own) == pytest.approx(1)
