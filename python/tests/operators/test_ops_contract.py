"""Every operator that ships keeps the contract that third parties are held to."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suanzi.operators.generated.names import CLASS_OF
from suanzi.sdk import Context, Operator, check_operator, discovery

SHIPPED = discovery.of_package("suanzi.operators").operators
X = ["income", "age", "risk"]
FIT = {"x_cols": X, "y_col": "bad"}
SMALL = {**FIT, "n_estimators": 3}
PARAMS: dict[str, dict[str, Any]] = {
    "algo_local_split_data": {},
    "algo_local_model_2c_l": FIT,
    "algo_local_model_gbdt": SMALL,
    "algo_local_model_predict": {},
    "algo_local_model_2c_eval": {"y_col": "bad", "pre_col": "guess", "pre_value": 1},
    "batch_predict": {},
    "append_columns": {"suffix": "_2"},
    "append_id": {},
    "append_rows": {},
    "apply_transform": {},
    "clip_outliers": {},
    "confusion_matrix": {"y_col": "grade", "pre_col": "grade"},
    "correlation": {},
    "cross_validate": {**FIT, "folds": 2},
    "datetime_features": {"columns": ["born"]},
    "dbscan": {"x_cols": X},
    "decision_tree": FIT,
    "drop_duplicates": {"columns": ["grade"]},
    "estimator": {"algorithm": "decision_tree"},
    "eval_cluster": {"cluster_col": "bad", "x_cols": X},
    "feature_importance": {"n_repeats": 2},
    "filter_select": {**FIT, "k": 2},
    "discretize": {"columns": X, "strategy": "kmeans"},
    "eval_binary": {"y_col": "bad", "pre_col": "guess", "score_col": None},
    "eval_multiclass": {"y_col": "grade", "pre_col": "grade"},
    "eval_regression": {"y_col": "amount", "pre_col": "risk"},
    "filter_rows": {"expression": "age > 30"},
    "gbdt": {**FIT, "max_iter": 3},
    "group_aggregate": {"by": ["grade"], "aggregations": {"age": ["mean", "std"]}},
    "histogram": {},
    "hyper_tune": {**FIT, "space": {"max_depth": [1, 2]}, "folds": 2},
    "impute": {},
    "isolation_forest": {"x_cols": X, "n_estimators": 5},
    "join": {"on": ["age"]},
    "kmeans": {"x_cols": X, "n_clusters": 2, "n_init": 1},
    "knn": FIT,
    "linear_svm": FIT,
    "lof": {"x_cols": X},
    "linear_regression": {"x_cols": X, "y_col": "amount"},
    "logistic_regression": FIT,
    "manual_data": {"text": "a,b\n1,x\n"},
    "model_export": {},
    "mlp": {**FIT, "hidden_layers": [3], "max_iter": 5},
    "naive_bayes": FIT,
    "noop": {},
    "normalize": {"columns": X},
    "one_hot": {"columns": ["city"]},
    "ordinal_encode": {"columns": ["city"]},
    "pca": {"columns": X},
    "predict": {},
    "psi": {},
    "python_script": {"code": "output = inputs[0].sample(3)"},
    "random_forest": SMALL,
    "random_sample": {},
    "register_model": {"name": "m"},
    "rename_metadata": {"names": {"age": "年龄"}},
    "ridge_lasso": {"x_cols": X, "y_col": "amount"},
    "sample_dataset": {"name": "moons", "rows": 20},
    "scale_transform": {"columns": ["income"]},
    "scorecard_points": {"score_col": "share"},
    "select_columns": {"columns": X},
    "sleep": {"seconds": 0},
    "sort": {"by": ["age"]},
    "split": {},
    "standardize": {"columns": X},
    "stratified_sample": {"by": ["grade"]},
    "summary": {},
    "target_encode": {"columns": ["city"], "y_col": "bad"},
    "tfidf": {"column": "city"},
    "tokenize": {"column": "city"},
    "ts_features": {"time_col": "born", "columns": ["age"], "step": "MS", "lags": [1]},
    "type_cast": {"columns": ["age"], "to": "text"},
    "window_features": {"columns": ["age"], "by": ["city"]},
    "woe_binning": {"columns": [*X, "gaps", "city"], "y_col": "bad"},
}
NEED_FILES = {
    "algo_local_read_file",
    "read_csv",
    "read_excel",
    "read_json",
    "read_object_store",
    "read_parquet",
    "read_sql",
    "write_table",
}
NEED_EXTRAS: dict[str, tuple[str, dict[str, Any]]] = {
    "arima_forecast": ("statsmodels", {"column": "risk", "steps": 3}),
    "lightgbm": ("lightgbm", SMALL),
    "optimal_binning": ("optbinning", {"columns": ["income", "gaps", "city"], "y_col": "bad"}),
    "resample_imbalance": ("imblearn", {**FIT, "k_neighbors": 3}),
    "xgboost": ("xgboost", SMALL),
    "sql_transform": ("duckdb", {"query": "SELECT grade, count(*) AS n FROM t1 GROUP BY grade ORDER BY grade"}),
}
"""Operators that need a package of `pip install suanzi[…]`: module, parameters."""


def registered(model: Any, run: Any, folder: Path) -> Any:
    """What register_model gives for a model that an engine stored."""
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(model))
    context = Context(input_files={"model": str(file)})
    return run(SHIPPED["register_model"], {"model": model}, context, name="m")


def given_to(run: Any, op: Operator[Any, Any], people: pd.DataFrame, tmp_path: Path) -> dict[str, Any]:
    data = people.assign(
        guess=(people["risk"] > 0).astype(int),
        share=1 / (1 + np.exp(-people["risk"])),
        born=pd.Timestamp("2000-01-01") - pd.to_timedelta(people["age"], "D"),
    )
    inputs: dict[str, Any] = {}
    for spec in op.inputs:
        if spec.port_type in ("data", "any"):
            inputs[spec.name] = [data] if spec.variadic else data
        elif spec.port_type == "model":
            inputs[spec.name] = run(SHIPPED["logistic_regression"], {"data": data}, **FIT)
        elif spec.port_type == "estimator":
            inputs[spec.name] = run(SHIPPED["estimator"], algorithm="decision_tree")
        elif spec.port_type == "model_ref":
            inputs[spec.name] = registered(run(SHIPPED["logistic_regression"], {"data": data}, **FIT), run, tmp_path)
        elif spec.port_type == "transform":
            inputs[spec.name] = run(SHIPPED["standardize"], {"data": data}, columns=X)[1]
    return inputs


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_the_contract(run: Any, people: pd.DataFrame, tmp_path: Path, name: str) -> None:
    op = SHIPPED[name]
    assert [str(fault) for fault in check_operator(op, given_to(run, op, people, tmp_path), PARAMS[name])] == []


@pytest.mark.parametrize("name", sorted(NEED_EXTRAS))
def test_the_contract_of_those_that_need_extras(run: Any, people: pd.DataFrame, tmp_path: Path, name: str) -> None:
    module, params = NEED_EXTRAS[name]
    pytest.importorskip(module)
    op = SHIPPED[name]
    assert [str(fault) for fault in check_operator(op, given_to(run, op, people, tmp_path), params)] == []


@pytest.mark.parametrize("name", sorted(NEED_FILES))
def test_the_contract_of_readers(name: str) -> None:
    assert [fault.code for fault in check_operator(SHIPPED[name])] == ["not_run"]


def test_every_operator_is_checked() -> None:
    assert set(SHIPPED) - set(CLASS_OF) == set(PARAMS) | NEED_FILES | set(NEED_EXTRAS)
