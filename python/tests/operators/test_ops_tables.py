"""Reading, splitting, filling, selecting, filtering, and the fitted steps, against pandas and scikit-learn."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from suanzi.operators.feature.apply_transform import apply_transform
from suanzi.operators.feature.discretize import discretize
from suanzi.operators.feature.normalize import normalize
from suanzi.operators.feature.one_hot import one_hot
from suanzi.operators.feature.standardize import standardize
from suanzi.operators.preprocess.filter_rows import filter_rows
from suanzi.operators.preprocess.impute import impute
from suanzi.operators.preprocess.select_columns import select_columns
from suanzi.operators.preprocess.split import split
from suanzi.operators.seed.read_file import algo_local_read_file
from suanzi.operators.seed.split_data import algo_local_split_data
from suanzi.operators.source.read_csv import read_csv
from suanzi.operators.source.read_parquet import read_parquet
from suanzi.sdk import Context, OperatorError, model_manifest

NUMBERS = ["income", "age", "risk"]


def refused(call: Any, *words: str) -> None:
    with pytest.raises(OperatorError) as caught:
        call()
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "params", "expected"),
    [
        (b"a,b\n1,x\n2,y\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
        ("列,b\n1,ü\n".encode(), {}, {"列": [1], "b": ["ü"]}),
        (b"\xef\xbb\xbfa\n1\n", {}, {"a": [1]}),
        ("名\n张\n".encode("gb18030"), {"encoding": "gb18030"}, {"名": ["张"]}),
        (b"a\tb\n1\t2\n", {"delimiter": "\\t"}, {"a": [1], "b": [2]}),
        (b"1;2\n", {"delimiter": ";", "header": False}, {"f0": [1], "f1": [2]}),
        (b"a,b\n1,\n2,\n", {}, {"a": [1, 2], "b": [None, None]}),
        (b"a,b\n-,x\n3,-\n", {"null_values": ["-"]}, {"a": [None, 3], "b": ["x", None]}),
        (b'a,b\n1,"x, y\nz"\n', {}, {"a": [1], "b": ["x, y\nz"]}),
        (b"a,b\n", {}, {"a": [], "b": []}),
    ],
)
def test_read_csv(tmp_path: Path, content: bytes, params: dict[str, Any], expected: dict[str, Any]) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    assert read_csv(path=str(file), **params).to_pydict() == expected


@pytest.mark.parametrize(
    ("late", "type_", "last"), [("0.5", pa.float64(), 0.5), ("x", pa.string(), "x"), ("1e3", pa.float64(), 1000.0)]
)
def test_a_column_that_changes_its_type_late(tmp_path: Path, late: str, type_: pa.DataType, last: Any) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b\n" + "1,2\n" * 600_000 + f"{late},3\n")
    table = read_csv(path=str(file))
    assert table.column("a").type == type_
    assert table.column("a")[-1].as_py() == last
    assert table.column("b").type == pa.int64()


@pytest.mark.parametrize(
    ("content", "params", "words"),
    [
        (None, {}, ["does not exist"]),
        (b"", {}, ["empty"]),
        (b"a,b\n1,2\n3\n", {}, ["line 3", "1 fields", "header has 2", "3"]),
        (b"a,b\n1,2\n" + b"5,6\n" * 1000 + b"3,4,5\n", {}, ["line 1,003", "3 fields"]),
        (b"a,a\n1,2\n", {}, ["several columns called a"]),
        ("名\n张\n".encode("gb18030"), {}, ["encoding"]),
        (b"a,b\n1,\xd5\xc5\n", {}, ["encoding", "'b'"]),
        (b"a\n1\n", {"encoding": "klingon"}, ["'klingon'"]),
        (b"a\n1\n", {"delimiter": "||"}, ["delimiter"]),
    ],
)
def test_read_csv_refusals(tmp_path: Path, content: bytes | None, params: dict[str, Any], words: list[str]) -> None:
    file = tmp_path / "t.csv"
    if content is not None:
        file.write_bytes(content)
    refused(lambda: read_csv(path=str(file), **params), *words)


def test_read_parquet_and_read_file(tmp_path: Path, run: Any, people: pd.DataFrame) -> None:
    file = tmp_path / "t.parquet"
    table = pa.Table.from_pandas(people)
    pq.write_table(table, file)
    assert run(read_parquet, context=Context(files={"path": file}), path="elsewhere").equals(people)
    some = run(read_parquet, context=Context(files={"path": file}), path="x", columns=["age", "city"])
    assert list(some.columns) == ["age", "city"]
    assert run(algo_local_read_file, context=Context(files={"data_id": file}), data_id=40).equals(people)
    csv = tmp_path / "t.csv"
    people.to_csv(csv, index=False)
    again = run(algo_local_read_file, context=Context(files={"data_id": csv}), data_id="40")
    pd.testing.assert_frame_equal(again, people, check_dtype=False)
    refused(lambda: run(algo_local_read_file, data_id=40), "data_id")
    refused(lambda: read_parquet(path=str(csv)), "t.csv", "Parquet")
    refused(lambda: read_parquet(path=str(file), columns=["agee"]), "'agee'")


@pytest.mark.parametrize(
    ("params", "direct"),
    [
        ({}, {"test_size": 0.2, "random_state": 3}),
        ({"test_size": 0.5, "random_state": 9}, {"test_size": 0.5, "random_state": 9}),
        ({"test_size": 7}, {"test_size": 7, "random_state": 3}),
        ({"shuffle": False}, {"test_size": 0.2, "shuffle": False}),
    ],
)
def test_split_equals_scikit_learn(run: Any, people: pd.DataFrame, params: dict[str, Any], direct: Any) -> None:
    train, test = run(split, {"data": people}, Context(seed=3), **params)
    wanted = train_test_split(people, **direct)
    assert train.equals(wanted[0].reset_index(drop=True))
    assert test.equals(wanted[1].reset_index(drop=True))


def test_split_stratified(run: Any, people: pd.DataFrame) -> None:
    train, test = run(split, {"data": people}, stratify="grade", test_size=0.25)
    wanted = train_test_split(people, test_size=0.25, stratify=people["grade"], random_state=0)
    assert test.equals(wanted[1].reset_index(drop=True))
    assert len(train) == 300


def test_seed_split(run: Any, people: pd.DataFrame) -> None:
    first, second = run(algo_local_split_data, {"data": people}, split_type=1, ext1=0.8, ext2=None)
    wanted = train_test_split(people, train_size=0.8, random_state=0)
    assert first.equals(wanted[0].reset_index(drop=True))
    assert (len(first), len(second)) == (320, 80)
    fixed = run(algo_local_split_data, {"data": people}, Context(seed=8), split_type=1, ext1=0.8, ext2=0)[0]
    assert fixed.equals(first)
    low, high = run(algo_local_split_data, {"data": people}, split_type=2, ext1="age", ext2=40)
    assert low["age"].max() <= 40 < high["age"].min()
    low, high = run(algo_local_split_data, {"data": people}, split_type=2, ext1="gaps", ext2=0.25)
    assert (low["gaps"] <= 0.25).all()
    assert len(low) + len(high) == 400
    low, _ = run(algo_local_split_data, {"data": people}, split_type=2, ext1="city", ext2="Paris")
    assert low["city"].unique().tolist() == ["Paris"]


@pytest.mark.parametrize(
    ("op", "rows", "params", "words"),
    [
        (split, 1, {}, ["1 row "]),
        (split, 0, {}, ["0 rows"]),
        (split, 10, {"test_size": 10}, ["10 rows"]),
        (split, 10, {"test_size": 1.5}, ["1.5"]),
        (split, 10, {"stratify": "x"}, ["'x'"]),
        (split, 10, {"stratify": "gaps"}, ["'gaps'", "missing"]),
        (split, 10, {"stratify": "bad", "shuffle": False}, ["shuffle"]),
        (algo_local_split_data, 10, {"ext1": 1.2}, ["ext1", "1.2"]),
        (algo_local_split_data, 10, {"ext1": None}, ["ext1"]),
        (algo_local_split_data, 10, {"ext2": "x"}, ["ext2"]),
        (algo_local_split_data, 10, {"split_type": 2, "ext1": "agee", "ext2": 1}, ["'agee'"]),
        (algo_local_split_data, 10, {"split_type": 2, "ext1": "age", "ext2": None}, ["ext2"]),
        (algo_local_split_data, 10, {"split_type": 2, "ext1": "age", "ext2": "old"}, ["'age'", "'old'"]),
        (algo_local_split_data, 10, {"split_type": 2, "ext1": "city", "ext2": 3}, ["'city'", "3"]),
    ],
)
def test_split_refusals(
    run: Any, people: pd.DataFrame, op: Any, rows: int, params: dict[str, Any], words: list[str]
) -> None:
    refused(lambda: run(op, {"data": people.assign(gaps=[np.nan, *people["gaps"][1:]]).iloc[:rows]}, **params), *words)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_impute_equals_scikit_learn(run: Any, people: pd.DataFrame, strategy: str) -> None:
    out, step = run(impute, {"data": people}, columns=["gaps", "age"], strategy=strategy)
    direct = SimpleImputer(strategy=strategy).fit(people[["gaps", "age"]])
    np.testing.assert_allclose(out[["gaps", "age"]], direct.transform(people[["gaps", "age"]]))
    other = pd.DataFrame({"gaps": [np.nan, 1.0], "age": [3.0, np.nan], "more": ["x", None]})
    again = run(apply_transform, {"transform": pickle.loads(pickle.dumps(step)), "data": other})
    np.testing.assert_allclose(again[["gaps", "age"]], direct.transform(other[["gaps", "age"]]))


def test_impute_texts_and_constants(run: Any) -> None:
    data = pd.DataFrame({"t": ["a", None, "b", "b"], "n": [1.0, None, 3.0, 3.0]})
    out, _ = run(impute, {"data": data}, strategy="most_frequent")
    assert out["t"].tolist() == ["a", "b", "b", "b"]
    assert out["n"].tolist() == [1, 3, 3, 3]
    out, _ = run(impute, {"data": data}, strategy="constant", fill_value="?")
    assert out["t"].tolist() == ["a", "?", "b", "b"]
    assert out["n"].isna().sum() == 1
    empty = data.assign(n=np.nan)
    refused(lambda: run(impute, {"data": empty}), "'n'", "no value at all")
    refused(lambda: run(impute, {"data": data}, strategy="constant"), "fill_value")
    refused(lambda: run(impute, {"data": data}, columns=["t"]), "'t'", "not numeric")
    refused(lambda: run(impute, {"data": data}, columns=["t"], strategy="constant", fill_value=1), "'t'", "1")
    refused(lambda: run(impute, {"data": data.iloc[:0]}), "no rows")


def test_select_columns(run: Any, people: pd.DataFrame) -> None:
    assert list(run(select_columns, {"data": people}, columns=["city", "age"]).columns) == ["city", "age"]
    dropped = run(select_columns, {"data": people}, columns=["city"], mode="drop")
    assert list(dropped.columns) == [c for c in people.columns if c != "city"]
    refused(lambda: run(select_columns, {"data": people}, columns=["citi"]), "'citi'", "nearest: 'city'")
    refused(lambda: run(select_columns, {"data": people}, columns=["age", "age"]), "twice")
    refused(lambda: run(select_columns, {"data": people}, columns=list(people.columns), mode="drop"), "no column")


ODD = pd.DataFrame(
    {
        "a": [1, 2, 3, 4],
        "b": [1.5, None, 0.0, -2.0],
        "t": ["x", "yy", None, "Zz"],
        "含 空格": [True, False, None, True],
        "年龄": [10, 20, 30, 40],
        "d": pd.to_datetime(["2020-01-01", "2021-01-01", None, "2022-01-01"]),
    }
)


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("a > 2", [2, 3]),
        ("a >= 2 and a < 4", [1, 2]),
        ("1 < a <= 3", [1, 2]),
        ("a == 1 or 年龄 == 40", [0, 3]),
        ("not a == 1", [1, 2, 3]),
        ("b > 0", [0]),
        ("b != 0", [0, 3]),
        ("not b > 0", [1, 2, 3]),
        ("isnull(b)", [1]),
        ("notnull(t) and length(t) == 2", [1, 3]),
        ("t in ['x', 'yy']", [0, 1]),
        ("t not in ['x']", [1, 3]),
        ("a in (1, 4)", [0, 3]),
        ("lower(t) == 'zz'", [3]),
        ("contains(t, 'y') | startswith(t, 'x')", [0, 1]),
        ("endswith(t, 'z')", [3]),
        ("`含 空格`", [0, 3]),
        ("`含 空格` and a < 3", [0]),
        ("`含 空格` == True", [0, 3]),
        ("abs(b) >= 1.5 & (a < 9)", None),
        ("(abs(b) >= 1.5) & (a < 9)", [0, 3]),
        ("a * 10 == 年龄", [0, 1, 2, 3]),
        ("a % 2 == 0 and a // 2 == 1", [1]),
        ("-a < -3", [3]),
        ("a / 2 > 1.4", [2, 3]),
        ("a > b", [2, 3]),
        ("d >= '2021-01-01'", [1, 3]),
        ("a == 9", []),
    ],
)
def test_filter_rows(run: Any, expression: str, rows: list[int] | None) -> None:
    if rows is None:
        with pytest.raises(OperatorError):
            run(filter_rows, {"data": ODD}, expression=expression)
        return
    out = run(filter_rows, {"data": ODD}, expression=expression)
    assert out["a"].tolist() == ODD["a"].iloc[rows].tolist()


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('id')",
        "a.__class__",
        "a > (lambda: 1)()",
        "[x for x in (1,)]",
        "open('/etc/passwd')",
        "a[0] > 1",
        "f'{a}' == ''",
        "(a := 3) > 2",
        "a ** 99999999 > 1",
        "'x' * 9999999999 == t",
        "a > 10**400",
        "a << 99999",
        "a is None",
        "a == None",
        "isnull(a, key=1)",
        "isnull(*a)",
        "eval('1')",
        "@a > 1",
        "a >",
        "",
        "a = 1",
        "a; b",
        "a",
        "1 < 2",
        "5",
        "t > 3",
        "a == 'x'",
        "a in ['x']",
        "a in b",
        "a in [b]",
        "nothing > 1",
        "t + 1 > 2",
        "a and t",
        "a / 0 > 1",
        "lower(a) == 'x'",
        "contains(t, a)",
        "contains(t)",
        "isnull(3)",
        "d > 'yesterday-ish'",
        "(" * 200 + "a" + ")" * 200,
        "not " * 90 + "(a > 1)",
        " or ".join(["a > 1"] * 400),
        "a > 1" + " " * 20_000,
        "a > 99999999999999999999999",
        "\0",
    ],
)
def test_filter_rows_refuses_all_else(run: Any, expression: str) -> None:
    with pytest.raises(OperatorError) as caught:
        run(filter_rows, {"data": ODD}, expression=expression)
    assert len(caught.value.message) < 25_000


SCALERS = [
    (standardize, {}, StandardScaler()),
    (standardize, {"with_mean": False}, StandardScaler(with_mean=False)),
    (standardize, {"with_std": False}, StandardScaler(with_std=False)),
    (normalize, {}, MinMaxScaler()),
    (normalize, {"low": -1, "high": 3}, MinMaxScaler(feature_range=(-1, 3))),
    (normalize, {"method": "maxabs"}, MaxAbsScaler()),
    (
        discretize,
        {"n_bins": 4},
        KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf", subsample=None),
    ),
    (discretize, {"strategy": "uniform"}, KBinsDiscretizer(5, encode="ordinal", strategy="uniform")),
]


@pytest.mark.parametrize(("op", "params", "direct"), SCALERS)
def test_steps_equal_scikit_learn(run: Any, people: pd.DataFrame, op: Any, params: dict[str, Any], direct: Any) -> None:
    some, others = people.iloc[:300], people.iloc[300:].reset_index(drop=True)
    out, step = run(op, {"data": some}, columns=NUMBERS, **params)
    direct.fit(some[NUMBERS].to_numpy(dtype=float))
    np.testing.assert_array_equal(out[NUMBERS], direct.transform(some[NUMBERS].to_numpy(dtype=float)))
    assert out["city"].equals(some["city"])
    assert list(out.columns) == list(people.columns)
    step = pickle.loads(pickle.dumps(step))
    again = run(apply_transform, {"transform": step, "data": others})
    np.testing.assert_array_equal(again[NUMBERS], direct.transform(others[NUMBERS].to_numpy(dtype=float)))
    manifest = model_manifest(step)
    assert (manifest["columns"], manifest["kind"]) == (NUMBERS, op.algo_name)
    assert run(apply_transform, {"transform": step, "data": others.iloc[:0]}).dtypes.equals(again.dtypes)


def test_steps_choose_numeric_columns_and_leave_the_label(run: Any, people: pd.DataFrame) -> None:
    out, step = run(standardize, {"data": people}, exclude=["bad"])
    assert step.columns == ["income", "age", "risk", "gaps", "amount"]
    assert out["bad"].equals(people["bad"])
    assert out["gaps"].isna().sum() == people["gaps"].isna().sum()


def test_one_hot_equals_scikit_learn(run: Any) -> None:
    data = pd.DataFrame({"c": ["b", "a", None, "b"], "n": [1, 2, 1, 3], "x": [0.1, 0.2, 0.3, 0.4]})
    out, step = run(one_hot, {"data": data}, columns=["c", "n"])
    assert list(out.columns) == ["x", "c_a", "c_b", "c_(missing)", "n_1", "n_2", "n_3"]
    values = data[["c", "n"]].assign(c=data["c"].astype(object).where(data["c"].notna(), None))
    direct = OneHotEncoder(sparse_output=False).fit(values)
    np.testing.assert_array_equal(out[step.produces], direct.transform(values))
    left, _ = run(one_hot, {"data": data}, columns=["c", "n"], drop="first")
    assert list(left.columns) == ["x", "c_b", "c_(missing)", "n_2", "n_3"]


def test_one_hot_on_unseen_categories(run: Any, people: pd.DataFrame, capsys: Any) -> None:
    _, step = run(one_hot, {"data": people}, columns=["city"])
    other = people.iloc[:3].assign(city=["Oslo", "Paris", None])
    out = run(apply_transform, {"transform": pickle.loads(pickle.dumps(step)), "data": other})
    assert out["city_Paris"].tolist() == [0, 1, 0]
    assert out[step.produces].sum().sum() == 1
    assert "Oslo" in capsys.readouterr().err
    none = run(apply_transform, {"transform": step, "data": people.iloc[:0]})
    assert list(none.columns) == list(out.columns)


def test_step_refusals(run: Any, people: pd.DataFrame) -> None:
    _, step = run(standardize, {"data": people}, columns=NUMBERS)
    refused(
        lambda: run(apply_transform, {"transform": step, "data": people.drop(columns="age")}), "'age'", "standardize"
    )
    refused(lambda: run(apply_transform, {"transform": step, "data": people.assign(age="x")}), "'age'", "not numeric")
    refused(lambda: run(apply_transform, {"transform": {"a": 1}, "data": people}), "dict")
    refused(lambda: run(standardize, {"data": people}, columns=["city"]), "'city'", "not numeric")
    refused(lambda: run(standardize, {"data": people}, columns=["age"], exclude=["age"]), "no column")
    refused(lambda: run(standardize, {"data": people}, exclude=["x"]), "'x'")
    refused(lambda: run(standardize, {"data": people.iloc[:0]}), "no rows")
    refused(lambda: run(standardize, {"data": people.assign(age=np.inf)}), "infinite", "age")
    refused(lambda: run(normalize, {"data": people}, low=2, high=1), "empty")
    refused(lambda: run(discretize, {"data": people}), "gaps")
    many = pd.DataFrame({"id": [str(i) for i in range(1001)]})
    refused(lambda: run(one_hot, {"data": many}, columns=["id"]), "1,001 different values")
    clash = pd.DataFrame({"a": ["x", "y"], "a_x": [1, 2]})
    refused(lambda: run(one_hot, {"data": clash}, columns=["a"]), "a_x")


def test_transformers_of_other_makes(run: Any, people: pd.DataFrame) -> None:
    scaler = StandardScaler().fit(people[NUMBERS])
    out = run(apply_transform, {"transform": scaler, "data": people[NUMBERS]})
    np.testing.assert_allclose(out[NUMBERS], scaler.transform(people[NUMBERS]))
    more = PolynomialFeatures(2).fit(people[["age"]])
    assert list(run(apply_transform, {"transform": more, "data": people[["age"]]}).columns) == ["f0", "f1", "f2"]


def test_non_ascii_and_odd_column_names(run: Any) -> None:
    data = pd.DataFrame({"年龄": [1.0, 2.0], "a b": [3.0, 5.0], "self": [1.0, 4.0], "": [0.0, 1.0]})
    out, _ = run(standardize, {"data": data})
    assert list(out.columns) == ["年龄", "a b", "self", ""]
    np.testing.assert_allclose(out.to_numpy(), [[-1] * 4, [1] * 4])
