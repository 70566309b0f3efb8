"""Reading JSON, Excel and databases, typing data in, sample data, writing tables: against pandas and scikit-learn."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import datasets

from suanzi.operators.sink.write_table import write_table
from suanzi.operators.source.files import read_any
from suanzi.operators.source.manual_data import manual_data
from suanzi.operators.source.read_csv import read_csv
from suanzi.operators.source.read_excel import read_excel
from suanzi.operators.source.read_json import read_json
from suanzi.operators.source.read_sql import read_sql
from suanzi.operators.source.sample_dataset import sample_dataset
from suanzi.sdk import OperatorError

ROWS = {"a": [1, 2], "名": ["x", None]}


@pytest.mark.parametrize(
    ("content", "params", "expected"),
    [
        ('[{"a": 1, "名": "x"}, {"a": 2, "名": null}]', {}, ROWS),
        ('{"a": 1, "名": "x"}\n{"a": 2}\n\n', {}, ROWS),
        ('{"a": 1, "名": "x"}\n{"a": 2}', {"layout": "lines"}, ROWS),
        ('{"a": [1, 2], "名": ["x", null]}', {}, ROWS),
        ('{"a": {"0": 1, "1": 2}, "名": {"0": "x", "1": null}}', {}, ROWS),
        ('{"r": {"items": [{"a": 1, "名": "x"}, {"a": 2}]}}', {"records_at": "r.items"}, ROWS),
        ('\ufeff[{"a": 1}]', {}, {"a": [1]}),
        ('[{"a": {"b": {"c": 1}}, "l": [1, 2]}]', {}, {"a.b.c": [1], "l": ["[1, 2]"]}),
        ('[{"a": 1}, {"a": 1.5}]', {}, {"a": [1.0, 1.5]}),
        ('[{"a": 1}, {"a": "x"}, {"a": true}]', {}, {"a": ["1", "x", "true"]}),
        ('[{"a": null}, {"a": null}]', {}, {"a": [None, None]}),
        ('{"a": 5, "b": "x"}', {}, {"a": [5], "b": ["x"]}),
    ],
)
def test_read_json(tmp_path: Path, content: str, params: dict[str, Any], expected: dict[str, Any]) -> None:
    file = tmp_path / "t.json"
    file.write_text(content, encoding="utf-8")
    assert read_json(path=str(file), **params).to_pydict() == expected


def test_read_json_equals_pandas(tmp_path: Path, run: Any, people: pd.DataFrame) -> None:
    file = tmp_path / "t.json"
    for orient, lines in (("records", False), ("records", True), ("columns", False)):
        people.to_json(file, orient=orient, lines=lines, double_precision=15)
        pd.testing.assert_frame_equal(run(read_json, path=str(file)), people, check_dtype=False, rtol=1e-9)


@pytest.mark.parametrize(
    ("content", "params", "words"),
    [
        ("", {}, ["empty"]),
        ("{", {}, ["not JSON"]),
        ("[1]", {}, ["item 1"]),
        ("[]", {}, ["no rows"]),
        ('{"a": 1}\n{"a"\n', {"layout": "lines"}, ["line 2"]),
        ('{"a": 1}\n3\n', {"layout": "lines"}, ["line 2", "3"]),
        ('{"a": [1], "b": [1, 2]}', {}, ["dict"]),
        ('{"a": []}', {"records_at": "b.c"}, ["'b.c'"]),
        ('"' + "x" * 5 + '"', {}, ["str"]),
        ("[" * 100_000, {}, ["not JSON"]),
    ],
)
def test_read_json_refusals(
    tmp_path: Path, refused: Any, content: str, params: dict[str, Any], words: list[str]
) -> None:
    file = tmp_path / "t.json"
    file.write_text(content)
    refused(lambda: read_json(path=str(file), **params), *words)


def test_read_excel_equals_pandas(tmp_path: Path, run: Any, refused: Any, people: pd.DataFrame) -> None:
    pytest.importorskip("openpyxl")
    file = tmp_path / "t.xlsx"
    with pd.ExcelWriter(file) as book:
        people.to_excel(book, sheet_name="一", index=False)
        pd.DataFrame({"m": [1, "x"], "n": [None, None]}).to_excel(book, sheet_name="two", index=False, startrow=2)
    pd.testing.assert_frame_equal(run(read_excel, path=str(file)), people, check_dtype=False)
    mixed = run(read_excel, path=str(file), sheet="two", skip_rows=2)
    assert mixed["m"].tolist() == ["1", "x"]
    assert mixed["n"].isna().all()
    assert list(run(read_excel, path=str(file), header=False, sheet="two", skip_rows=2).columns) == ["f0", "f1"]
    refused(lambda: read_excel(path=str(file), sheet="twoo"), "'twoo'", "two")
    file.write_bytes(b"not a workbook")
    refused(lambda: read_excel(path=str(file)), "t.xlsx")


def test_what_is_not_installed_is_said(tmp_path: Path, refused: Any, monkeypatch: Any) -> None:
    file = tmp_path / "t.xlsx"
    file.write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    refused(lambda: read_excel(path=str(file)), "openpyxl", "not installed")
    refused(lambda: read_sql(database="postgresql://host/x", query="SELECT 1"), "sqlalchemy", "not installed")


@pytest.fixture
def database(tmp_path: Path, people: pd.DataFrame) -> Path:
    file = tmp_path / "数据 1.db"
    connection = sqlite3.connect(file)
    people.to_sql("people", connection, index=False)
    connection.close()
    return file


def test_read_sql(run: Any, database: Path, people: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(run(read_sql, database=str(database), query="SELECT * FROM people"), people)
    some = run(
        read_sql,
        database=f"sqlite:///{database}",
        query="WITH p AS (SELECT city, age FROM people) SELECT city, count(*) AS n FROM p WHERE age > :age GROUP BY 1",
        params={"age": 40},
    )
    assert some.set_index("city")["n"].to_dict() == people[people["age"] > 40]["city"].value_counts().to_dict()
    assert run(read_sql, database=str(database), query="SELECT NULL AS x")["x"].dtype == "float64"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM persons", ["no such table"]),
        ("SELEKT 1", ["syntax"]),
        ("DROP TABLE people", ["refuses"]),
        ("DELETE FROM people", ["refuses"]),
        ("ATTACH DATABASE '/etc/x' AS y", ["refuses"]),
        ("PRAGMA writable_schema = 1", ["refuses"]),
        ("SELECT :missing", ["missing"]),
        ("  ", ["empty"]),
    ],
)
def test_read_sql_refusals(refused: Any, database: Path, query: str, words: list[str]) -> None:
    refused(lambda: read_sql(database=str(database), query=query), *words)
    assert sqlite3.connect(database).execute("SELECT count(*) FROM people").fetchone() == (400,)


def test_read_sql_by_sqlalchemy(run: Any, refused: Any, database: Path, people: pd.DataFrame) -> None:
    pytest.importorskip("sqlalchemy")
    url = f"sqlite+pysqlite:///{database}"
    pd.testing.assert_frame_equal(run(read_sql, database=url, query="SELECT * FROM people"), people)
    refused(lambda: read_sql(database=url, query="SELECT * FROM persons"), "persons")
    refused(lambda: read_sql(database="mysql+nodriver://h/d", query="SELECT 1"), "mysql+nodriver")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"text": "a, b,c\n1,x,true\n2,,\n"}, {"a": [1, 2], "b": ["x", None], "c": [True, None]}),
        ({"text": '年,n\n"a, b",1.5\n'}, {"年": ["a, b"], "n": [1.5]}),
        ({"rows": [{"a": 1}, {"a": 2, "b": "x"}]}, {"a": [1, 2], "b": [None, "x"]}),
    ],
)
def test_manual_data(params: dict[str, Any], expected: dict[str, Any]) -> None:
    assert manual_data(**params).to_pydict() == expected


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, ["'text' or 'rows'"]),
        ({"text": "a", "rows": []}, ["'text' or 'rows'"]),
        ({"text": ""}, ["empty"]),
        ({"text": "a,b"}, ["no rows"]),
        ({"text": "a,a\n1,2"}, ["header"]),
        ({"text": "a,b\n1"}, ["line 2", "1 fields"]),
        ({"rows": []}, ["no rows"]),
    ],
)
def test_manual_data_refusals(refused: Any, params: dict[str, Any], words: list[str]) -> None:
    refused(lambda: manual_data(**params), *words)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes", "linnerud"])
def test_bundled_data_sets(run: Any, name: str) -> None:
    wanted = getattr(datasets, f"load_{name}")(as_frame=True).frame
    pd.testing.assert_frame_equal(run(sample_dataset, name=name), wanted)


def test_made_up_data_sets(run: Any) -> None:
    x, y = datasets.make_moons(50, noise=0.1, random_state=4)
    out = run(sample_dataset, name="moons", rows=50, random_state=4)
    np.testing.assert_array_equal(out[["x0", "x1"]], x)
    np.testing.assert_array_equal(out["target"], y)
    for name in ("classification", "regression", "blobs"):
        assert run(sample_dataset, name=name, rows=30, features=2).shape == (30, 3)


def test_write_table(tmp_path: Path, run: Any, people: pd.DataFrame) -> None:
    for name, reader in (("t.parquet", pd.read_parquet), ("t.csv", pd.read_csv)):
        written = run(write_table, {"data": people}, path=str(tmp_path / name))
        assert (written["rows"], written["columns"]) == people.shape
        assert written["bytes"] == (tmp_path / name).stat().st_size
        pd.testing.assert_frame_equal(reader(tmp_path / name), people, check_dtype=False)
    run(write_table, {"data": people.iloc[:0]}, path=str(tmp_path / "none.csv"))
    assert read_csv(path=str(tmp_path / "none.csv")).column_names == list(people.columns)
    run(write_table, {"data": people}, path=str(tmp_path / "x"), format="parquet")
    assert pq.read_table(tmp_path / "x").num_rows == 400
    assert sorted(p.name for p in tmp_path.iterdir()) == ["none.csv", "t.csv", "t.parquet", "x"]


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("t.xyz", {}, ["t.xyz"]),
        ("gone/t.csv", {}, ["no folder"]),
        ("", {"format": "csv"}, ["a folder"]),
        ("old.csv", {"if_exists": "refuse"}, ["exists already"]),
    ],
)
def test_write_table_refusals(
    tmp_path: Path, run: Any, refused: Any, people: pd.DataFrame, name: str, params: dict[str, Any], words: list[str]
) -> None:
    (tmp_path / "old.csv").write_text("old")
    refused(lambda: run(write_table, {"data": people}, path=str(tmp_path / name), **params), *words)
    refused(lambda: run(write_table, {"data": people}, path="t.csv"), "absolute")
    assert [p.name for p in tmp_path.iterdir()] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "old"


def test_registered_files_are_read_by_their_ending(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array(["007", "008"]), "n": pa.array([1, None], pa.int16())})
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert read_any(tmp_path / "t.arrow").equals(table), "an import's types hold"
    (tmp_path / "t.jsonl").write_text('{"id": "007", "n": 1}\n{"id": "008"}\n')
    assert read_any(tmp_path / "t.jsonl").to_pydict() == {"id": ["007", "008"], "n": [1, None]}
    for name, text, words in [("b.arrow", "x", "not a readable Arrow file"), ("b.ndjson", "[1]", "line 1")]:
        (tmp_path / name).write_text(text)
        with pytest.raises(OperatorError, match=words):
            read_any(tmp_path / name)
