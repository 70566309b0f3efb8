"""Every operator that ships keeps the contract that third parties are held to."""

from typing import Any

import pandas as pd
import pytest

from suanzi.sdk import Operator, check_operator, discovery

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
    "apply_transform": {},
    "discretize": {"columns": X, "strategy": "kmeans"},
    "eval_binary": {"y_col": "bad", "pre_col": "guess", "score_col": None},
    "eval_multiclass": {"y_col": "grade", "pre_col": "grade"},
    "eval_regression": {"y_col": "amount", "pre_col": "risk"},
    "filter_rows": {"expression": "age > 30"},
    "gbdt": {**FIT, "max_iter": 3},
    "impute": {},
    "kmeans": {"x_cols": X, "n_clusters": 2, "n_init": 1},
    "linear_regression": {"x_cols": X, "y_col": "amount"},
    "logistic_regression": FIT,
    "noop": {},
    "normalize": {"columns": X},
    "one_hot": {"columns": ["city"]},
    "predict": {},
    "python_script": {"code": "output = inputs[0].sample(3)"},
    "random_forest": SMALL,
    "register_model": {"name": "m"},
    "select_columns": {"columns": X},
    "sleep": {"seconds": 0},
    "split": {},
    "standardize": {"columns": X},
}
NEED_FILES = {"algo_local_read_file", "read_csv", "read_parquet"}


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_the_contract(run: Any, people: pd.DataFrame, name: str) -> None:
    op: Operator[Any, Any] = SHIPPED[name]
    data = people.assign(guess=(people["risk"] > 0).astype(int))
    inputs: dict[str, Any] = {}
    for spec in op.inputs:
        if spec.port_type == "data":
            inputs[spec.name] = data
        elif spec.port_type == "model":
            inputs[spec.name] = run(SHIPPED["logistic_regression"], {"data": data}, **FIT)
        elif spec.port_type == "transform":
            inputs[spec.name] = run(SHIPPED["standardize"], {"data": data}, columns=X)[1]
        elif spec.variadic:
            inputs[spec.name] = [data]
    assert [str(fault) for fault in check_operator(op, inputs, PARAMS[name])] == []


@pytest.mark.parametrize("name", sorted(NEED_FILES))
def test_the_contract_of_readers(name: str) -> None:
    assert [fault.code for fault in check_operator(SHIPPED[name])] == ["not_run"]


def test_every_operator_is_checked() -> None:
    assert set(SHIPPED) == set(PARAMS) | NEED_FILES
