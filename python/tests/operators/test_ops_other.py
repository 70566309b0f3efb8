"""Registering, code in place, stand-ins, and the synthetic data with the whole of the mission's DAG on it."""

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from suanzi import demo_data
from suanzi.operators.deploy.register_model import register_model
from suanzi.operators.evaluate.eval_binary import eval_binary
from suanzi.operators.feature.apply_transform import apply_transform
from suanzi.operators.feature.standardize import standardize
from suanzi.operators.other.noop import noop
from suanzi.operators.other.python_script import python_script
from suanzi.operators.other.sleep import sleep
from suanzi.operators.seed.eval_2c import algo_local_model_2c_eval
from suanzi.operators.seed.gbdt import algo_local_model_gbdt
from suanzi.operators.seed.logistic_2c import algo_local_model_2c_l
from suanzi.operators.seed.predict import algo_local_model_predict
from suanzi.operators.seed.split_data import algo_local_split_data
from suanzi.operators.train.linear_regression import linear_regression
from suanzi.sdk import BadOutputError, Context, OperatorError


def test_register_model(run: Any, people: pd.DataFrame) -> None:
    model = run(linear_regression, {"data": people}, x_cols=["age", "risk"], y_col="amount")
    ref = run(register_model, {"model": model}, name="price-1.0", description="d")
    assert ref["input_schema"] == [{"name": "age", "type": "int64"}, {"name": "risk", "type": "float64"}]
    assert ref["manifest"]["task"] == "regression"
    assert ref["metrics"] == {}
    figures = {"kind": "regression", "metrics": {"r2": 0.5}, "curves": {}}
    ref = run(register_model, {"model": model, "metrics": figures, "data": people}, name="模型")
    assert ref["metrics"] == {"r2": 0.5}
    with pytest.raises(OperatorError, match="'age'"):
        run(register_model, {"model": model, "data": people.drop(columns="age")}, name="m")


@pytest.mark.parametrize("name", ["", "../x", "a b", "-a", "x" * 64, "a\n", ".hidden"])
def test_names_that_no_model_can_have(run: Any, people: pd.DataFrame, name: str) -> None:
    model = run(linear_regression, {"data": people}, x_cols=["age"], y_col="amount")
    with pytest.raises(OperatorError, match="can't name a model"):
        run(register_model, {"model": model}, name=name)


SCRIPTS = [
    ("def run(data, params):\n    return data.head(params['n'])", 2, {}),
    ("def run(*inputs, params):\n    return {'rows': len(inputs[0])}", 0, {"rows": 5}),
    ("def run(data):\n    return data, {'a': 1}", 5, {"a": 1}),
    ("output = inputs[0].iloc[:params['n']]", 2, {}),
    ("output = None", 0, {}),
]


@pytest.mark.parametrize(("code", "rows", "figures"), SCRIPTS)
def test_python_script(run: Any, people: pd.DataFrame, code: str, rows: int, figures: dict[str, Any]) -> None:
    data, metrics = run(python_script, {"inputs": [people.iloc[:5]]}, code=code, params={"n": 2})
    assert len(data) == rows
    assert metrics == figures


def test_python_script_errors_name_the_line(run: Any) -> None:
    with pytest.raises(OperatorError, match="line 2"):
        run(python_script, code="x = 1\ny = = 2")
    with pytest.raises(OperatorError, match="neither defines"):
        run(python_script, code="x = 1")
    with pytest.raises(BadOutputError, match="int"):
        run(python_script, code="output = 3")
    with pytest.raises(ZeroDivisionError) as caught:
        run(python_script, context=Context(operator_id="op7"), code="def run():\n    return 1 / 0")
    text = "".join(traceback.format_exception(caught.value))
    assert '<python_script op7>", line 2' in text
    assert "return 1 / 0" in text


@pytest.mark.parametrize(("payload", "expected"), [(None, {}), ({"a": [1]}, {"a": [1]}), (3, 3), ("x", "x")])
def test_noop(run: Any, payload: Any, expected: Any) -> None:
    assert run(noop, {"inputs": [{"m": 1}, pd.DataFrame({"a": [1]})]}, payload=payload) == expected


def test_sleep(run: Any) -> None:
    assert run(sleep, seconds=0.01) == {"slept_s": 0.01}


@pytest.fixture(scope="module")
def credit() -> pd.DataFrame:
    return pd.DataFrame(demo_data.make(30_000, 0))


FEATURES = [name for name in demo_data.make(1) if name != demo_data.LABEL]


def test_demo_data_is_as_promised(credit: pd.DataFrame) -> None:
    names = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
    names += [f"BILL_AMT{i}" for i in range(1, 7)] + [f"PAY_AMT{i}" for i in range(1, 7)] + ["next_month"]
    assert list(credit.columns) == names
    assert set(credit.dtypes.astype(str)) == {"int64"}
    assert credit.equals(pd.DataFrame(demo_data.make(30_000, 0)))
    assert not credit.equals(pd.DataFrame(demo_data.make(30_000, 1)))
    assert 0.20 < credit["next_month"].mean() < 0.24
    assert credit["AGE"].between(21, 79).all()
    assert credit["PAY_0"].between(-2, 8).all()
    assert credit["LIMIT_BAL"].between(10_000, 1_000_000).all()


def test_demo_data_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "d.csv"
    command = [sys.executable, "-m", "suanzi.demo_data", str(out), "--rows", "50", "--seed", "3"]
    subprocess.run(command, check=True, capture_output=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert pd.read_csv(out).equals(pd.DataFrame(demo_data.make(50, 3)))
    assert [p.name for p in tmp_path.iterdir()] == ["d.csv"]


def test_the_missions_dag_on_demo_data(run: Any, credit: pd.DataFrame) -> None:
    shared = {"x_cols": FEATURES, "y_col": "next_month", "pre_value": 1}
    train, test = run(algo_local_split_data, {"data": credit}, split_type=1, ext1=0.8, ext2=None)
    assert (len(train), len(test)) == (24_000, 6_000)

    def judge(model: Any, data: pd.DataFrame) -> dict[str, Any]:
        scored = run(algo_local_model_predict, {"data": data, "model": model}, x_cols=FEATURES)
        return run(
            algo_local_model_2c_eval, {"data": scored}, y_col="next_month", pre_col="predict_result", pre_value=1
        )

    raw = judge(run(algo_local_model_2c_l, {"data": train}, **shared), test)
    assert [f["code"] for f in raw["findings"]] == ["one_class"]
    assert 0.77 < raw["metrics"]["accuracy"] < 0.80
    assert 0.60 < raw["metrics"]["auc"] < 0.70
    scaled, step = run(standardize, {"data": train}, columns=FEATURES)
    mended = judge(
        run(algo_local_model_2c_l, {"data": scaled}, **shared),
        run(apply_transform, {"transform": step, "data": test}),
    )
    assert 0.70 < mended["metrics"]["auc"] < 0.75
    assert mended["findings"] == []
    trees = judge(run(algo_local_model_gbdt, {"data": train}, **shared, n_estimators=10, max_depth=5), test)
    assert 0.76 < trees["metrics"]["auc"] < 0.79
    assert 0.41 < trees["metrics"]["ks"] < 0.48


def test_evaluation_is_quick_and_the_same_each_time(run: Any, credit: pd.DataFrame) -> None:
    data = credit[["next_month"]].assign(predict_score=credit["AGE"] / 100, predict_result=0)
    first = run(eval_binary, {"data": data}, y_col="next_month", pre_value=1)
    assert run(eval_binary, {"data": data}, y_col="next_month", pre_value=1) == first
