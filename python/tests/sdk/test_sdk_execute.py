"""A task as the worker runs it: conversion of inputs and outputs, safety of shared buffers, context."""

import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from suanzi.sdk import (
    AnyValue,
    ArrowTable,
    BadOutputError,
    Context,
    File,
    Metrics,
    Model,
    OperatorError,
    Table,
    Transform,
    current,
    operator,
)


class Two(NamedTuple):
    data: Table
    metrics: Metrics


def run(op: Any, inputs: dict[str, Any] | None = None, params: dict[str, Any] | None = None, **context: Any) -> Any:
    found = op.execute(inputs or {}, params or {}, Context(**context))
    return found[0][2] if len(found) == 1 else {name: value for name, _, value in found}


@pytest.fixture
def mapped(tmp_path: Path) -> pa.Table:
    """A table over a memory map, as the worker hands it over."""
    path = tmp_path / "t.arrow"
    table = pa.table({"i": np.arange(5), "f": np.arange(5.0), "s": list("abcde"), "b": [True, None, False, True, None]})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def edit_loc(d: Any) -> None:
    d.loc[0, "i"] = 99


def edit_iloc(d: Any) -> None:
    d.iloc[1, 1] = 99.0


def edit_column(d: Any) -> None:
    d["f"] *= 3


def edit_fill(d: Any) -> None:
    d.fillna({"b": False}, inplace=True)


def edit_sort(d: Any) -> None:
    d.sort_values("i", ascending=False, inplace=True)


def edit_drop(d: Any) -> None:
    d.drop(columns="s", inplace=True)


def edit_text(d: Any) -> None:
    d.loc[d.s == "a", "s"] = "zzz"


def edit_update(d: Any) -> None:
    d.update(pd.DataFrame({"f": [7.0] * 5}))


def edit_series(d: Any) -> None:
    column = d["i"]
    column.iloc[0] = -1


def edit_numpy(d: Any) -> None:
    d["f"].to_numpy()[0] = 5.0


@pytest.mark.parametrize(
    "edit",
    [
        edit_loc,
        edit_iloc,
        edit_column,
        edit_fill,
        edit_sort,
        edit_drop,
        edit_text,
        edit_update,
        edit_series,
        edit_numpy,
    ],
)
def test_in_place_edits_never_reach_the_store(mapped: pa.Table, edit: Any) -> None:
    before = mapped.to_pydict()

    @operator
    def edits(data: Table) -> Table:
        try:
            edit(data)
        except ValueError as error:
            assert "read-only" in str(error)
        return data

    run(edits, {"data": mapped})
    assert mapped.to_pydict() == before


def test_an_untouched_number_column_is_not_copied(mapped: pa.Table) -> None:
    @operator
    def through(data: Table) -> Table:
        return data

    out = run(through, {"data": mapped})
    address = [t.column("f").chunk(0).buffers()[1].address for t in (mapped, out)]
    assert address[0] == address[1]


def test_types_survive_a_round_trip() -> None:
    table = pa.table(
        {
            "整数": [1, 2, 3],
            "big": pa.array([2**60 + 1, None, 3]),
            "text": ["a", None, "ü"],
            "when": pa.array([0, None, 10**12], pa.timestamp("us")),
            "cat": pa.array(["x", "y", "x"]).dictionary_encode(),
        }
    )

    @operator
    def through(data: Table) -> Table:
        assert isinstance(data, pd.DataFrame)
        return data

    assert run(through, {"data": table}).to_pydict() == table.to_pydict()


def test_chunks_become_one() -> None:
    table = pa.concat_tables([pa.table({"a": [1]}), pa.table({"a": [2]})])

    @operator
    def through(data: ArrowTable) -> ArrowTable:
        assert isinstance(data, pa.Table)
        return data

    out = run(through, {"data": table})
    assert out.column("a").num_chunks == 1
    assert out.column("a").to_pylist() == [1, 2]


def returns(hint: Any, value: Any) -> Any:
    def made():
        return value

    made.__annotations__["return"] = hint
    return operator(made)


@pytest.mark.parametrize(
    ("hint", "value", "words"),
    [
        (Table, 5, ["data", "int"]),
        (Table, None, ["data", "None"]),
        (Table, pd.Series([1]), ["data", "Series"]),
        (Table, pd.DataFrame([[1, 2]], columns=["a", "a"]), ["a"]),
        (Table, pd.DataFrame([[1, 2]], columns=[1, "1"]), ["1"]),
        (Table, pd.DataFrame({"a": [1, "x"]}), ["'a'", "int, str"]),
        (Model, None, ["model", "predict"]),
        (Model, pd.DataFrame(), ["model", "predict"]),
        (Transform, {}, ["transform"]),
        (Metrics, 3, ["metrics", "dict"]),
        (Metrics, {"a": object()}, ["object"]),
        (File, "no such file", ["no such file"]),
        (File, 3, ["path"]),
        (Two, (1,), ["2 values", "data, metrics"]),
        (Two, 7, ["2 values", "int"]),
        (None, 7, ["no output"]),
    ],
)
def test_wrong_outputs_are_refused(hint: Any, value: Any, words: list[str]) -> None:
    with pytest.raises(BadOutputError) as caught:
        run(returns(hint, value))
    for word in words:
        assert word in caught.value.message


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (
            Metrics,
            {1: np.float64(2), "n": math.nan, "l": (np.int64(1), np.array([1.5]))},
            {"1": 2.0, "n": None, "l": [1, [1.5]]},
        ),
        (Metrics, {"t": pd.Timestamp("2020-01-01"), "s": {2, 1}}, {"t": "2020-01-01T00:00:00", "s": [1, 2]}),
        (AnyValue, [1, None], [1, None]),
        (AnyValue, None, None),
    ],
)
def test_plain_values(hint: Any, value: Any, expected: Any) -> None:
    assert run(returns(hint, value)) == expected


def test_an_index_with_a_name_is_dropped_with_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(returns(Table, pd.DataFrame({"k": [1, 1], "v": [2, 3]}).groupby("k").sum()))
    assert out.column_names == ["v"]
    assert "reset_index" in capsys.readouterr().err


def test_inputs_are_checked() -> None:
    @operator
    def one(data: Table, extra: Metrics | None = None) -> Metrics:
        return {"extra": extra is not None}

    with pytest.raises(OperatorError, match=r"'data'.*not connected"):
        run(one)
    with pytest.raises(OperatorError, match="'x' is no input"):
        run(one, {"data": pa.table({"a": [1]}), "x": 1})
    assert run(one, {"data": pa.table({"a": [1]})}) == {"extra": False}


def test_variadic_inputs_come_in_order() -> None:
    @operator
    def listed(tables: list[Table]) -> Metrics:
        return {"rows": [len(t) for t in tables]}

    @operator
    def starred(*tables: Table) -> Metrics:
        return {"rows": [len(t) for t in tables]}

    tables = [pa.table({"a": list(range(n))}) for n in (1, 3, 2)]
    assert run(listed, {"tables": tables}) == {"rows": [1, 3, 2]}
    assert run(starred, {"tables": tables}) == {"rows": [1, 3, 2]}


def test_context_reaches_the_function() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def progress(self, fraction: float, message: str) -> None:
            self.seen.append((fraction, message))

        def metric(self, name: str, value: float, step: int | None) -> None:
            self.seen.append((name, value, step))

    @operator(random=True)
    def told(*, random_state: int | None = None) -> Metrics:
        context = current()
        context.progress(7, "done")
        context.metric("loss", 0.5, step=2)
        return {"seed": random_state, "run": context.run_id, "file": str(context.file("path"))}

    sink = Recorder()
    out = run(told, params={}, run_id="r1", seed=2**32 + 7, files={"path": "/x"}, sink=sink)
    assert out == {"seed": 7, "run": "r1", "file": "/x"}
    assert sink.seen == [(1.0, "done"), ("loss", 0.5, 2)]
    assert run(told, params={"random_state": 3}, files={"path": "/x"})["seed"] == 3
    assert current().run_id == "local"


def test_an_operator_is_a_plain_function_and_pickles() -> None:
    assert doubled(pd.DataFrame({"a": [1]}), factor=3)["a"].tolist() == [3]
    assert doubled.__name__ == "doubled"
    assert OperatorError("m", "h").hint == pickle.loads(pickle.dumps(OperatorError("m", "h"))).hint


@operator
def doubled(data: Table, *, factor: float = 2.0) -> Table:
    return data * factor


def test_importing_the_sdk_loads_no_heavy_library() -> None:
    code = (
        "import importlib, pkgutil, sys, suanzi.sdk, suanzi.operators as o;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(o.__path__, 'suanzi.operators.')];"
        "print([m for m in ('pandas', 'numpy', 'pyarrow', 'sklearn', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
