"""Odd tables: whatever arrives, an operator gives a result or refuses in words, with a remedy."""

import functools
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from suanzi.sdk import Context, OperatorError, discovery

SHIPPED = discovery.of_package("suanzi.operators").operators
FIT = {"x_cols": ["数 x", "n"], "y_col": "y"}
PARAMS: dict[str, dict[str, Any]] = {
    "algo_local_model_2c_eval": {"y_col": "y", "pre_col": "y", "pre_value": 1},
    "algo_local_model_2c_l": FIT,
    "arima_forecast": {"column": "数 x", "steps": 2},
    "algo_local_model_gbdt": {**FIT, "n_estimators": 2},
    "append_columns": {"suffix": "_2"},
    "confusion_matrix": {"y_col": "y", "pre_col": "y"},
    "cross_validate": {**FIT, "folds": 2},
    "datetime_features": {"columns": ["when"]},
    "decision_tree": FIT,
    "eval_binary": {"y_col": "y", "pre_col": "y"},
    "eval_cluster": {"cluster_col": "y", "x_cols": ["数 x", "n"]},
    "eval_multiclass": {"y_col": "y", "pre_col": "y"},
    "eval_regression": {"y_col": "n", "pre_col": "数 x"},
    "filter_rows": {"expression": "`数 x` > 1"},
    "filter_select": FIT,
    "gbdt": {**FIT, "max_iter": 2},
    "group_aggregate": {"by": ["t"], "aggregations": {"数 x": "mean"}},
    "hyper_tune": {**FIT, "space": {"max_depth": [1]}, "folds": 2},
    "join": {"on": ["t"]},
    "knn": FIT,
    "lightgbm": FIT,
    "linear_regression": {"x_cols": ["数 x"], "y_col": "n"},
    "linear_svm": FIT,
    "logistic_regression": FIT,
    "mlp": {**FIT, "max_iter": 2, "hidden_layers": [2]},
    "naive_bayes": FIT,
    "one_hot": {"columns": ["t"]},
    "optimal_binning": {"columns": ["数 x", "t"], "y_col": "y"},
    "ordinal_encode": {"columns": ["t", "数 x"]},
    "python_script": {"code": "output = inputs[0]"},
    "random_forest": {**FIT, "n_estimators": 2},
    "register_model": {"name": "m"},
    "resample_imbalance": {**FIT, "k_neighbors": 2},
    "ridge_lasso": {"x_cols": ["数 x"], "y_col": "n"},
    "scale_transform": {"method": "yeo-johnson"},
    "scorecard_points": {"score_col": "y"},
    "select_columns": {"columns": ["t"]},
    "sleep": {"seconds": 0},
    "sort": {"by": ["t", "数 x"]},
    "sql_transform": {"query": "SELECT * FROM t1"},
    "stratified_sample": {"by": ["t"]},
    "target_encode": {"columns": ["t"], "y_col": "y", "cv": 2},
    "tfidf": {"column": "t"},
    "tokenize": {"column": "t"},
    "ts_features": {"time_col": "when", "columns": ["数 x"]},
    "type_cast": {"columns": ["t"], "to": "text"},
    "window_features": {"columns": ["数 x"], "by": ["t"]},
    "woe_binning": {"columns": ["数 x", "t"], "y_col": "y"},
    "xgboost": FIT,
}
WITH_TABLES = sorted(
    name
    for name, op in SHIPPED.items()
    if any(spec.port_type in ("data", "any") for spec in op.inputs)
    and name != "write_table"
    and not name.startswith("sk_")
)


def table(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "数 x": rng.normal(size=rows),
            "n": rng.integers(0, 9, rows).astype(float),
            "t": pd.Series(rng.choice(["é", "b,c", ""], rows), dtype="str"),
            "when": pd.date_range("2024-02-28", periods=rows, freq="7h"),
            "y": np.arange(rows) % 2,
        }
    )


def changed(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    result = frame.copy()
    for name, value in columns.items():
        result[name] = value
    return result


FORTY = table(40)
ODD: dict[str, pd.DataFrame] = {
    "plain": FORTY,
    "empty": FORTY.iloc[:0],
    "one row": FORTY.iloc[:1],
    "two rows": FORTY.iloc[:2],
    "nulls in numbers": changed(FORTY, **{"数 x": np.nan, "n": np.nan}),
    "nulls in texts": changed(FORTY, t=pd.Series([None] * 40, dtype="str")),
    "nulls in times": changed(FORTY, when=pd.Series([pd.NaT] * 40, dtype="datetime64[us]")),
    "nulls in labels": changed(FORTY, y=np.nan),
    "constant": changed(FORTY, **{"数 x": 1.0, "n": 1.0, "t": "k", "y": 0}),
    "infinite": changed(FORTY, **{"数 x": np.inf}),
    "huge": changed(FORTY, **{"数 x": np.linspace(-1e300, 1e300, 40)}),
    "big integers": changed(FORTY, n=np.arange(40) + 2**62),
    "texts for numbers": changed(FORTY, **{"数 x": "?", "n": "?"}),
    "numbers for texts": changed(FORTY, t=7),
    "truth for numbers": changed(FORTY, n=FORTY["n"] > 4),
    "times for numbers": changed(FORTY, **{"数 x": FORTY["when"]}),
    "labels as texts": changed(FORTY, y=np.where(FORTY["y"] > 0, "是", "否")),
    "no column": FORTY[[]],
    "other columns": pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
}


@functools.cache
def registered() -> Any:
    fitted = {"data": pa.Table.from_pandas(FORTY, preserve_index=False)}
    model = SHIPPED["decision_tree"].execute(fitted, FIT, Context())[0][2]
    file = Path(tempfile.mkdtemp()) / "model.pkl"
    file.write_bytes(pickle.dumps(model))
    context = Context(input_files={"model": str(file)})
    return SHIPPED["register_model"].execute({"model": model}, {"name": "m"}, context)[0][2]


def inputs_for(op: Any, frame: pd.DataFrame) -> dict[str, Any]:
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    fitted = {"data": pa.Table.from_pandas(FORTY, preserve_index=False)}
    inputs: dict[str, Any] = {}
    for spec in op.inputs:
        if spec.port_type in ("data", "any"):
            inputs[spec.name] = [arrow, arrow] if spec.variadic else arrow
        elif spec.port_type == "model":
            inputs[spec.name] = SHIPPED["decision_tree"].execute(fitted, FIT, Context())[0][2]
        elif spec.port_type == "transform":
            step = SHIPPED["impute"].execute(fitted, {"columns": ["数 x"]}, Context())
            inputs[spec.name] = step[1][2]
        elif spec.port_type == "model_ref":
            inputs[spec.name] = registered()
        elif spec.port_type == "estimator":
            inputs[spec.name] = SHIPPED["estimator"].execute({}, {"algorithm": "decision_tree"}, Context())[0][2]
    return inputs


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WITH_TABLES)
def test_a_result_or_a_refusal_in_words(name: str) -> None:
    op = SHIPPED[name]
    worked = 0
    for kind, frame in ODD.items():
        inputs = inputs_for(op, frame)
        before = {key: value for key, value in inputs.items() if isinstance(value, pa.Table)}
        copies = {key: pa.Table.from_pandas(frame.copy(), preserve_index=False) for key in before}
        try:
            op.execute(inputs, PARAMS.get(name, {}), Context())
            worked += 1
        except OperatorError as refusal:
            assert refusal.hint, f"{kind}: {refusal.message}"
            assert len(refusal.message) > 15, kind
            assert kind != "plain" or "installed" in refusal.message, refusal.message
        except Exception as error:
            pytest.fail(f"{kind}: {type(error).__name__}: {error}")
        for key, value in before.items():
            assert value.equals(copies[key]), f"{kind}: input {key} was changed"
    assert worked or name in ("lightgbm", "sql_transform", "xgboost")


@pytest.mark.parametrize("name", ["one_hot", "ordinal_encode", "target_encode", "tfidf", "woe_binning"])
def test_a_fitted_step_on_categories_it_has_not_seen(name: str) -> None:
    inputs = {"data": pa.Table.from_pandas(FORTY, preserve_index=False)}
    outputs = {port: value for port, _, value in SHIPPED[name].execute(inputs, PARAMS[name], Context())}
    other = FORTY.iloc[:3].assign(t=["new", None, "é"])
    data = pa.Table.from_pandas(other, preserve_index=False)
    again = SHIPPED["apply_transform"].execute({"transform": outputs["transform"], "data": data}, {}, Context())
    assert again[0][2].column_names == outputs["data"].column_names
    assert again[0][2].num_rows == 3


def test_columns_of_the_same_name_are_refused_where_named() -> None:
    twice = pa.table([pa.array([1.0, 2.0]), pa.array([3.0, 4.0])], names=["v", "v"])
    for name, params in (
        ("sort", {"by": ["v"]}),
        ("type_cast", {"columns": ["v"], "to": "text"}),
        ("group_aggregate", {"by": ["v"]}),
        ("select_columns", {"columns": ["v"]}),
        ("window_features", {"columns": ["v"]}),
    ):
        with pytest.raises(OperatorError, match="several columns called 'v'"):
            SHIPPED[name].execute({"data": twice}, params, Context())
