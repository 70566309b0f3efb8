"""Every operator that ships and says that it works on pieces gives the same on pieces as on the whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from suanzi.operators.examples import dag
from suanzi.operators.examples.running import inputs_of
from suanzi.sdk import Context, Operator, TrainedModel, discovery
from suanzi.sdk.tables import Layout
from suanzi.worker.pieced_table import PiecedTable
from suanzi.worker.pieces import Piece, Plan, gathered, run_piece

SHIPPED = discovery.of_package("suanzi.operators").operators
CUT = sorted(name for name, op in SHIPPED.items() if op.partition is not None)


def in_pieces(
    op: Operator[Any, Any], inputs: dict[str, Any], params: dict[str, Any], rows: int, folder: Path
) -> pa.Table:
    whole = inputs[op.partition.input]  # type: ignore[union-attr]
    starts = range(0, whole.num_rows, rows)
    pieces = [Piece(i, len(starts), start, min(rows, whole.num_rows - start)) for i, start in enumerate(starts)]
    plan = Plan(Layout.of(whole), pieces)
    context = Context(stem=f"{folder}/")
    outcomes = [run_piece(op, inputs, params, context, plan, piece) for piece in pieces]
    ((_, _, table),) = gathered(op, params, context, plan, outcomes)
    assert isinstance(table, PiecedTable)
    table.write(f"{folder}/whole.arrow")
    with pa.memory_map(f"{folder}/whole.arrow") as source:
        return pa.ipc.open_file(source).read_all().combine_chunks()


def with_gaps(table: pa.Table) -> pa.Table:
    """The same rows, and at their end columns that hold gaps late: what comes to pandas as other types in pieces."""
    rows = table.num_rows
    late = [None if i == rows - 1 else i for i in range(rows)]
    table = table.append_column("long", pa.array([None if v is None else 2**60 + v for v in late], pa.int64()))
    table = table.append_column("small", pa.array(late, pa.int32()))
    return table.append_column("truth", pa.array([None if v is None else v % 2 == 0 for v in late]))


def test_those_that_are_cut() -> None:
    assert CUT == [
        "algo_local_model_predict",
        "batch_predict",
        "filter_rows",
        "predict",
        "rename_metadata",
        "select_columns",
        "tokenize",
    ]
    shipped = json.loads(
        Path(SHIPPED["predict"].function.__code__.co_filename).parents[1].joinpath("manifest.json").read_text()
    )
    assert sorted(entry["algo_name"] for entry in shipped["operators"] if "partition" in entry) == CUT


@pytest.mark.parametrize("rows", [1, 7, 50])
@pytest.mark.parametrize("name", CUT)
def test_pieces_give_what_the_whole_gives(name: str, rows: int, tmp_path: Path) -> None:
    op = SHIPPED[name]
    inputs, params = dict(inputs_of(op, SHIPPED)), dag.params_of(op)
    cut = op.partition.input  # type: ignore[union-attr]
    inputs[cut] = with_gaps(inputs[cut].slice(0, 60))
    ((_, _, whole),) = op.execute(inputs, params, Context())
    assert whole.num_rows > 0
    assert in_pieces(op, inputs, params, rows, tmp_path) == whole


EXPRESSIONS = (
    "small > 10 and not isnull(truth)",
    "truth or long >= 1152921504606846986",
    "small / 7 > 2 or `名` == '值3'",
    "isnull(`名`)",
    "contains(`名`, '4') or n % 3 == 0",
    "n < 0",
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_conditions_on_columns_with_gaps(expression: str, tmp_path: Path) -> None:
    table = with_gaps(pa.table({"n": range(40), "名": pa.array([None if i < 20 else f"值{i % 5}" for i in range(40)])}))
    op = SHIPPED["filter_rows"]
    ((_, _, whole),) = op.execute({"data": table}, {"expression": expression}, Context())
    found = in_pieces(op, {"data": table}, {"expression": expression}, 6, tmp_path)
    assert found == whole


MODELS = ("logistic_regression", "random_forest", "gbdt", "decision_tree", "knn", "naive_bayes", "linear_svm", "mlp")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_scores_of_models(name: str, tmp_path: Path) -> None:
    """Labels are the same; scores are, up to what the order of a sum's terms does to its last digits."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(600, 9))
    columns = {f"x{i}": x[:, i] for i in range(9)}
    table = pa.table({**columns, "y": (x @ np.arange(9) + rng.normal(size=600) > 0).astype(int)})
    model = next(
        value
        for _, _, value in SHIPPED[name].execute({"data": table}, {"x_cols": list(columns), "y_col": "y"}, Context())
        if isinstance(value, TrainedModel)
    )
    op = SHIPPED["predict"]
    inputs = {"model": model, "data": table}
    ((_, _, whole),) = op.execute(inputs, {}, Context())
    found = in_pieces(op, inputs, {}, 128, tmp_path)
    assert found.drop_columns(["predict_score"]) == whole.drop_columns(["predict_score"])
    np.testing.assert_allclose(found["predict_score"], whole["predict_score"], rtol=1e-13, atol=1e-15)
    exact = name in ("random_forest", "gbdt", "decision_tree", "knn", "naive_bayes")
    assert not exact or found == whole
