"""A registered version's card from what is stored: figures with intervals around them, and what is missing said."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from suanzi.card.judged import judged
from suanzi.card.sections import sections
from suanzi.operators.evaluate import binary, eval_multiclass, eval_regression
from suanzi.operators.evaluate.card_page import page

ROWS = 400


def scored(kind: str) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    score = rng.random(ROWS)
    if kind == "regression":
        return pd.DataFrame({"y": score, "predict_result": score + rng.normal(0, 0.1, ROWS)})
    if kind == "multiclass":
        y = rng.choice(["a", "b", "c"], ROWS)
        return pd.DataFrame({"y": y, "predict_result": np.where(rng.random(ROWS) < 0.7, y, "a")})
    y = (score + rng.normal(0, 0.3, ROWS) > 0.5).astype("int64")
    return pd.DataFrame({"y": y, "predict_result": (score > 0.5).astype("int64"), "predict_score": score})


def evaluation(kind: str, tmp_path: Path) -> dict[str, Any]:
    data = scored(kind)
    if kind == "binary":
        result = binary.evaluate(data, y_col="y", pre_col="predict_result", score_col="predict_score", pre_value=None)
    elif kind == "multiclass":
        result = eval_multiclass.evaluate(data, "y", "predict_result")
    else:
        result = eval_regression.evaluate(data, "y", "predict_result")
    path = tmp_path / "t.arrow"
    table = pa.Table.from_pandas(data)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    place = {"operator": "predict", "port": 0, "rows": ROWS, "content_id": "c", "path": str(path)}
    return {"operator": "eval", "algo_name": "eval", "params": {"y_col": "y"}, "result": result, "table": place}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("binary", ["auc", "ks", "accuracy", "precision", "recall", "f1"]),
        ("multiclass", ["accuracy"]),
        ("regression", ["r2", "mae", "rmse"]),
    ],
)
def test_figures_are_the_stored_ones_with_intervals_around_them(kind: str, names: list[str], tmp_path: Path) -> None:
    one = evaluation(kind, tmp_path)
    found = judged(one, {})
    for name in names:
        figure = found.figures[name]
        assert figure.value == one["result"]["metrics"][name]
        assert figure.low is not None and figure.high is not None and figure.value is not None
        assert figure.low < figure.high and figure.low <= figure.value + 0.05 and figure.value - 0.05 <= figure.high


def test_rows_that_are_gone_or_others_give_no_interval_and_that_is_said(tmp_path: Path) -> None:
    one = evaluation("binary", tmp_path)
    gone = judged(one | {"table": one["table"] | {"path": None}}, {})
    assert "collected" in gone.note.en and "已清理" in gone.note.zh
    many = judged(one | {"table": one["table"] | {"rows": 2_000_000}}, {})
    assert "1,000,000" in many.note.en
    # Another table under that path: its figures aren't the stored ones.
    one["result"]["metrics"]["auc"] -= 0.2
    other = judged(one, {})
    assert other.figures["auc"].low is None and other.figures["ks"].low is not None
    unknown = judged(one | {"params": {"y_col": "none"}}, {})
    assert all(figure.low is None for figure in unknown.figures.values())


def test_a_version_of_which_little_is_known_has_a_page_too() -> None:
    facts: dict[str, Any] = {
        "name": "credit",
        "version": 1,
        "aliases": [],
        "registered_at_ms": 0,
        "run_id": "<run>",
        "operator": "",
        "trainer": None,
        "bytes": 0,
        "dag": "d",
        "dag_version": 1,
        "seed": 0,
        "environment": "",
        "dag_parameters": {},
        "manifest": None,
        "metrics": {},
        "steps": [],
        "data": [],
        "files": {},
        "splits": [],
        "training": None,
        "evaluations": [],
        "importances": [],
    }
    text = page("credit v1", sections(facts), "zh")
    assert "&lt;run&gt;" in text and "<run>" not in text
    assert 'id="zh" checked' in text and "style=" not in text and "<script" not in text
    for said in ("数据来源未知", "未填写", "没有评估此模型", "无法读取该运行的流程"):
        assert said in text, said
