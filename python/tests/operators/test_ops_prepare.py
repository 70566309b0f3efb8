"""Joining, stacking, grouping, sorting, casting, sampling and SQL, against pandas called directly."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suanzi.operators.feature.apply_transform import apply_transform
from suanzi.operators.preprocess.append_columns import append_columns
from suanzi.operators.preprocess.append_id import append_id
from suanzi.operators.preprocess.append_rows import append_rows
from suanzi.operators.preprocess.clip_outliers import clip_outliers
from suanzi.operators.preprocess.drop_duplicates import drop_duplicates
from suanzi.operators.preprocess.group_aggregate import group_aggregate
from suanzi.operators.preprocess.join import join
from suanzi.operators.preprocess.rename_metadata import rename_metadata
from suanzi.operators.preprocess.sampling import random_sample, stratified_sample
from suanzi.operators.preprocess.sort import sort
from suanzi.operators.preprocess.sql_transform import sql_transform
from suanzi.operators.preprocess.type_cast import type_cast
from suanzi.sdk import Context

LEFT = pd.DataFrame({"k": [1, 2, 2, 3], "键": ["a", "b", "c", "d"], "v": [1.0, 2.0, 3.0, 4.0]})
RIGHT = pd.DataFrame({"k": [2, 3, 5], "v": [20.0, 30.0, 50.0], "w": ["x", "y", "z"]})


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
def test_join_equals_pandas(run: Any, how: str) -> None:
    out = run(join, {"left": LEFT, "right": RIGHT}, on=["k"], how=how)
    wanted = LEFT.merge(RIGHT, on="k", how=how, suffixes=("", "_right"))
    pd.testing.assert_frame_equal(out, wanted)
    other = run(join, {"left": LEFT, "right": RIGHT.rename(columns={"k": "K"})}, on=["k"], right_on=["K"], how=how)
    pd.testing.assert_frame_equal(other, wanted)


def test_join_by_presence_and_with_missing_keys(run: Any) -> None:
    left = pd.DataFrame({"k": [1.0, None, 2.0], "a": [1, 2, 3]})
    right = pd.DataFrame({"k": [None, 2.0, 2.0], "b": [7, 8, 9]})
    sizes = {how: len(run(join, {"left": left, "right": right}, on=["k"], how=how)) for how in JOINS}
    assert sizes == {"inner": 2, "left": 4, "right": 3, "outer": 5, "semi": 1, "anti": 2}
    assert run(join, {"left": left, "right": right}, on=["k"], how="semi")["a"].tolist() == [3]
    assert run(join, {"left": left, "right": right}, on=["k"], how="anti")["a"].tolist() == [1, 2]
    for how in JOINS:
        none = run(join, {"left": left.iloc[:0], "right": right}, on=["k"], how=how)
        assert len(none) == (3 if how in ("right", "outer") else 0)


JOINS = ["inner", "left", "right", "outer", "semi", "anti"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"on": ["K"]}, ["'K'", "left", "nearest: 'k'"]),
        ({"on": ["键"]}, ["'键'", "right"]),
        ({"on": ["k"], "right_on": ["k", "w"]}, ["1 keys", "2 on the right"]),
        ({"on": ["k"], "right_on": ["w"]}, ["'k'", "'w'", "int64"]),
        ({"on": ["k"], "suffix": ""}, ["several columns called v"]),
        ({"on": ["k"], "expect": "one_to_one"}, ["1 keys of the left table", "k = 2"]),
    ],
)
def test_join_refusals(run: Any, refused: Any, params: dict[str, Any], words: list[str]) -> None:
    refused(lambda: run(join, {"left": LEFT, "right": RIGHT}, **params), *words)


def test_join_refuses_to_explode(run: Any, refused: Any) -> None:
    many = pd.DataFrame({"k": np.zeros(30_000, dtype=int)})
    refused(lambda: run(join, {"left": many, "right": many}, on=["k"]), "900,000,000 rows")


def test_append_rows(run: Any, refused: Any) -> None:
    a, b = pd.DataFrame({"x": [1, 2], "t": ["a", "b"]}), pd.DataFrame({"t": ["b"], "x": [2]})
    out = run(append_rows, {"tables": [a, b]})
    pd.testing.assert_frame_equal(out, pd.concat([a, b], ignore_index=True))
    assert len(run(append_rows, {"tables": [a, b]}, drop_duplicates=True)) == 2
    assert len(run(append_rows, {"tables": [a, a.iloc[:0]]})) == 2
    assert list(run(append_rows, {"tables": [a.iloc[:0], a.iloc[:0]]}).columns) == ["x", "t"]
    c = pd.DataFrame({"x": [9], "新": [1.0]})
    union = run(append_rows, {"tables": [a, c]}, columns="union")
    assert list(union.columns) == ["x", "t", "新"]
    assert union["t"].isna().tolist() == [False, False, True]
    assert list(run(append_rows, {"tables": [a, c]}, columns="intersection").columns) == ["x"]
    refused(lambda: run(append_rows, {"tables": [a, c]}), "table 2", "t, 新")
    refused(lambda: run(append_rows, {"tables": [a, b.assign(x="q")]}), "'x'", "table 2")
    refused(lambda: run(append_rows, {"tables": [a, c[["新"]]]}, columns="intersection"), "no column in common")


def test_append_columns(run: Any, refused: Any) -> None:
    out = run(append_columns, {"left": LEFT, "right": LEFT}, suffix="_2")
    pd.testing.assert_frame_equal(out, pd.concat([LEFT, LEFT.add_suffix("_2")], axis=1))
    refused(lambda: run(append_columns, {"left": LEFT, "right": RIGHT}), "4 rows", "3")
    refused(lambda: run(append_columns, {"left": LEFT, "right": LEFT}), "k, 键, v")


def test_group_aggregate_equals_pandas(run: Any, people: pd.DataFrame) -> None:
    figures = ["count", "nunique", "sum", "mean", "median", "std", "var", "min", "max", "first", "last"]
    out = run(group_aggregate, {"data": people}, by=["city", "grade"], aggregations={"gaps": figures, "age": "max"})
    groups = people.groupby(["city", "grade"])
    wanted = groups.agg(rows=("age", "size"), **{f"gaps_{f}": ("gaps", f) for f in figures}, age_max=("age", "max"))
    pd.testing.assert_frame_equal(out, wanted.reset_index(), check_dtype=False)
    gaps = people.assign(city=people["city"].where(people["age"] > 30))
    assert run(group_aggregate, {"data": gaps}, by=["city"])["rows"].sum() == 400
    assert len(run(group_aggregate, {"data": people.iloc[:0]}, by=["city"], aggregations={"age": "mean"})) == 0


def test_group_aggregate_refusals(run: Any, refused: Any, people: pd.DataFrame) -> None:
    def call(**params: Any) -> Any:
        return lambda: run(group_aggregate, {"data": people}, **params)

    refused(call(by=["cit"]), "'cit'", "nearest: 'city'")
    refused(call(by=["city"], aggregations={"age": "meen"}), "'meen'", "'age'")
    refused(call(by=["age"], aggregations={"city": "mean"}), "'city'", "not numeric")
    refused(call(by=["age"], aggregations={"citi": "min"}), "'citi'")
    refused(call(by=["city"], aggregations={"age": ["min", "min"]}), "'age_min'")


def test_sort_equals_pandas(run: Any, refused: Any, people: pd.DataFrame) -> None:
    out = run(sort, {"data": people}, by=["city", "gaps"], descending_columns=["gaps"])
    wanted = people.sort_values(["city", "gaps"], ascending=[True, False], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(out, wanted)
    first = run(sort, {"data": people}, by=["gaps"], ascending=False, missing="first")
    assert first["gaps"].iloc[0] != first["gaps"].iloc[0]
    assert len(run(sort, {"data": people.iloc[:0]}, by=["gaps"])) == 0
    refused(lambda: run(sort, {"data": people}, by=["gap"]), "'gap'")
    refused(lambda: run(sort, {"data": people}, by=["gaps"], descending_columns=["age"]), "'age'")


@pytest.mark.parametrize("keep", ["first", "last", "none"])
def test_drop_duplicates_equals_pandas(run: Any, people: pd.DataFrame, keep: str) -> None:
    out = run(drop_duplicates, {"data": people}, columns=["age"], keep=keep)
    wanted = people.drop_duplicates(["age"], keep=False if keep == "none" else keep, ignore_index=True)
    pd.testing.assert_frame_equal(out, wanted)
    double = pd.concat([people, people])
    assert run(drop_duplicates, {"data": double}).equals(people)


def missing_as_none(values: Any) -> list[Any]:
    return [None if value is None or value != value else value for value in values]


@pytest.mark.parametrize(
    ("values", "to", "expected"),
    [
        ([" 1", "2,000", None], "integer", [1, 2000, None]),
        ([1.0, 2.0, np.nan], "integer", [1, 2, None]),
        ([True, False], "integer", [1, 0]),
        (["1.5", "x", None], "number", [1.5, None, None]),
        ([1.5, 2.0], "integer", [None, 2]),
        (["9007199254740993"], "integer", [9007199254740993]),
        ([1.0, 2.0, None], "text", ["1", "2", None]),
        ([1.5], "text", ["1.5"]),
        (["是", "no", "TRUE", "maybe"], "boolean", [True, False, True, None]),
        ([1, 0], "boolean", [True, False]),
        ([None, None], "integer", [None, None]),
        ([], "number", []),
    ],
)
def test_type_cast(run: Any, values: list[Any], to: str, expected: list[Any]) -> None:
    out = run(type_cast, {"data": pd.DataFrame({"列": values})}, columns=["列"], to=to, errors="missing")
    assert missing_as_none(out["列"]) == expected


def test_type_cast_of_times(run: Any, refused: Any) -> None:
    data = pd.DataFrame({"d": ["2024-01-31", None], "n": [20240131, 20240201], "e": ["31/01/2024", "01/02/2024"]})
    out = run(type_cast, {"data": data}, columns=["d", "n"], to="datetime")
    assert out["d"].iloc[0] == out["n"].iloc[0] == pd.Timestamp("2024-01-31")
    out = run(type_cast, {"data": data}, columns=["e"], to="datetime", date_format="%d/%m/%Y")
    assert out["e"].iloc[1] == pd.Timestamp("2024-02-01")
    refused(lambda: run(type_cast, {"data": data}, columns=["e"], to="datetime"), "'e'", "31/01/2024", "row 1")
    refused(lambda: run(type_cast, {"data": data}, columns=["e"], to="number"), "'e'", "2 values")
    refused(lambda: run(type_cast, {"data": data}, columns=["E"], to="number"), "'E'")


def test_append_id_and_rename(run: Any, refused: Any) -> None:
    assert run(append_id, {"data": RIGHT}, start=5)["id"].tolist() == [5, 6, 7]
    refused(lambda: run(append_id, {"data": RIGHT}, name="k"), "'k'")
    renamed = run(rename_metadata, {"data": RIGHT}, names={"k": "键"}, prefix="r_")
    assert list(renamed.columns) == ["键", "r_v", "r_w"]
    odd = pd.DataFrame({" Unit Price ": [1], "年龄": [2]})
    assert list(run(rename_metadata, {"data": odd}, style="snake").columns) == ["unit_price", "年龄"]
    refused(lambda: run(rename_metadata, {"data": RIGHT}, names={"k": "v"}), "called v")
    refused(lambda: run(rename_metadata, {"data": RIGHT}, names={"q": "v"}), "'q'")
    refused(lambda: run(rename_metadata, {"data": RIGHT}, names={"k": 3}), "'k'", "3")


def test_samples_equal_pandas(run: Any, refused: Any, people: pd.DataFrame) -> None:
    seed = Context(seed=3)
    out = run(random_sample, {"data": people}, seed, size=0.25)
    assert out.equals(people.sample(100, random_state=3).sort_index().reset_index(drop=True))
    assert len(run(random_sample, {"data": people}, size=500, replace=True)) == 500
    out = run(stratified_sample, {"data": people}, seed, by=["grade"], size=0.2)
    wanted = people.groupby("grade").sample(frac=0.2, random_state=3).sort_index()
    assert out.equals(wanted.reset_index(drop=True))
    assert run(stratified_sample, {"data": people}, by=["city"], size=7)["city"].value_counts().tolist() == [7] * 3
    refused(lambda: run(random_sample, {"data": people}, size=500), "400 rows", "500")
    refused(lambda: run(random_sample, {"data": people}, size=1.5), "1.5")
    refused(lambda: run(stratified_sample, {"data": people}, by=["city"], size=300), "group", "300")
    assert len(run(random_sample, {"data": people.iloc[:0]}, size=0.5)) == 0
    assert len(run(stratified_sample, {"data": people.iloc[:0]}, by=["city"], size=0.5)) == 0


def test_clip_outliers(run: Any, refused: Any, people: pd.DataFrame) -> None:
    some, others = people.iloc[:300], people.iloc[300:].reset_index(drop=True)
    out, step = run(clip_outliers, {"data": some}, columns=["income", "gaps"], low=0.1, high=0.9)
    low, high = some["gaps"].quantile([0.1, 0.9])
    np.testing.assert_array_equal(out["gaps"], np.clip(some["gaps"], low, high))
    again = run(apply_transform, {"transform": step, "data": others})
    np.testing.assert_array_equal(again["gaps"], np.clip(others["gaps"], low, high))
    age = people["age"].astype(float)
    for params, limits in (
        ({"method": "limits", "low": 30, "high": 40}, (30, 40)),
        ({"method": "sigma", "factor": 1}, (age.mean() - age.std(ddof=0), age.mean() + age.std(ddof=0))),
        (
            {"method": "iqr", "factor": 0.1},
            tuple(age.quantile([0.25, 0.75]) + np.array([-0.1, 0.1]) * np.subtract(*age.quantile([0.75, 0.25]))),
        ),
    ):
        out, _ = run(clip_outliers, {"data": people}, columns=["age"], **params)
        np.testing.assert_allclose(out["age"], np.clip(age, *limits))
    nothing = people.assign(gaps=np.nan)
    assert run(clip_outliers, {"data": nothing}, columns=["gaps"])[0]["gaps"].isna().all()
    refused(lambda: run(clip_outliers, {"data": people}, low=2, high=1), "'low' is 2")
    refused(lambda: run(clip_outliers, {"data": people}, low=1, high=99), "between 0 and 1")
    refused(lambda: run(clip_outliers, {"data": people}, columns=["city"]), "'city'", "not numeric")
    refused(lambda: run(clip_outliers, {"data": people.iloc[:0]}), "no rows")


def test_sql_transform(run: Any, refused: Any, people: pd.DataFrame) -> None:
    pytest.importorskip("duckdb")
    query = "SELECT t1.k, sum(t2.v) AS total FROM t1 JOIN t2 USING (k) GROUP BY ALL ORDER BY k"
    out = run(sql_transform, {"tables": [LEFT, RIGHT]}, query=query)
    assert out.to_dict("list") == {"k": [2, 3], "total": [40.0, 30.0]}
    assert len(run(sql_transform, {"tables": [LEFT.iloc[:0]]}, query='SELECT "键" FROM t')) == 0
    for query in (
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY t1 TO '/x.csv'",
        "ATTACH '/x.db'",
        "SET enable_external_access=true",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "SELECT * FROM people",
        "SELEKT",
        "",
    ):
        refused(lambda q=query: run(sql_transform, {"tables": [LEFT]}, query=q), "query")


def test_sql_transform_without_duckdb(run: Any, refused: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    refused(lambda: run(sql_transform, {"tables": [LEFT]}, query="SELECT 1"), "duckdb", "not installed")
