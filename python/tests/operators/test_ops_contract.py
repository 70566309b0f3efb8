"""Every operator that ships keeps the contract that third parties are held to, on odd tables too."""

import importlib.util
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from suanzi import operators
from suanzi.operators.examples import dag
from suanzi.operators.examples.params import NEED_FILES, PARAMS
from suanzi.operators.examples.running import inputs_of
from suanzi.operators.generated.names import CLASS_OF
from suanzi.sdk import Context, OperatorError, check, discovery
from suanzi.sdk.odd_tables import WIDE_COLUMNS, generic, wide_table

FOUND = discovery.of_package("suanzi.operators")
SHIPPED = FOUND.operators


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_contract(name: str) -> None:
    for module in SHIPPED[name].requires:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    (verdict,) = check.verdicts(FOUND, [name], operators.__examples__)
    assert [str(fault) for fault in verdict.faults if fault.code != check.NOT_RUN] == []
    assert (verdict.status == check.NOT_RUN) == (name in NEED_FILES)


def test_every_operator_has_an_example() -> None:
    assert set(SHIPPED) == set(PARAMS) | set(NEED_FILES) | set(CLASS_OF)


WIDE = (
    "correlation",
    "filter_select",
    "gbdt",
    "impute",
    "logistic_regression",
    "pca",
    "predict",
    "psi",
    "random_forest",
    "select_columns",
    "sk_robust_scaler",
    "sk_extra_trees_classifier",
    "sk_variance_threshold",
    "sort",
    "split",
    "standardize",
    "summary",
    "write_table",
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WIDE)
def test_wide_tables(name: str, tmp_path: Any) -> None:
    """Thousands of columns, all of them features where the operator lets one leave them unnamed."""
    op = SHIPPED[name]
    params = dict(dag.params_of(op))
    if name == "write_table":
        params["path"] = str(tmp_path / "t.parquet")
    nullable = {spec.name for spec in op.params if spec.nullable and spec.kind == "columns"}
    params = {key: value for key, value in params.items() if key not in nullable}
    if name in ("select_columns", "standardize", "correlation", "psi"):
        params["columns"] = [f"wide {number}" for number in range(300 if name == "correlation" else 4_000)]
    inputs = inputs_of(op, SHIPPED) if name != "write_table" else {"data": people(60)}
    wide = {key: wide_table(value) if isinstance(value, pa.Table) else value for key, value in inputs.items()}
    assert any(value.num_columns == WIDE_COLUMNS for value in wide.values() if isinstance(value, pa.Table))
    try:
        assert op.execute(wide, params, Context())
    except OperatorError as error:
        assert generic(error.message, error.hint, next(iter(wide.values())), params) is None, error.message


LONG: dict[str, dict[str, Any]] = {
    "drop_duplicates": {"columns": ["k"]},
    "filter_rows": {"expression": "x > 0.5"},
    "group_aggregate": {"by": ["k"], "aggregations": {"x": ["mean"]}},
    "linear_regression": {"x_cols": ["x"], "y_col": "y"},
    "random_sample": {"size": 0.01},
    "select_columns": {"columns": ["k", "x"]},
    "sk_robust_scaler": {"x_cols": ["x"]},
    "split": {"stratify": "y"},
    "standardize": {"columns": ["x"]},
}
LONG_ROWS = 5_000_000
SECONDS = 60


@pytest.fixture(scope="module")
def long_table() -> pa.Table:
    rng = np.random.default_rng(0)
    x = rng.random(LONG_ROWS)
    return pa.table({"x": x, "k": rng.integers(0, 1000, LONG_ROWS), "y": (x > 0.8).astype("int8")})


@pytest.mark.parametrize("name", sorted(LONG))
def test_long_tables(name: str, long_table: pa.Table) -> None:
    start = time.perf_counter()
    outputs = SHIPPED[name].execute({"data": long_table}, LONG[name], Context())
    assert time.perf_counter() - start < SECONDS
    rows = [value.num_rows for _, _, value in outputs if isinstance(value, pa.Table)]
    expected = {
        "drop_duplicates": [1000],
        "filter_rows": [int((long_table["x"].to_numpy() > 0.5).sum())],
        "group_aggregate": [1000],
        "linear_regression": [],
        "random_sample": [LONG_ROWS // 100],
        "split": [LONG_ROWS * 4 // 5, LONG_ROWS // 5],
    }
    assert rows == expected.get(name, [LONG_ROWS])


def people(rows: int) -> pa.Table:
    return SHIPPED["sample_dataset"].execute({}, {"name": "people", "rows": rows}, Context())[0][2]
