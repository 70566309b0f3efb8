"""Encodings, scales, parts of times, windows, texts, bins and statistics, against direct computation."""

import math
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2, f_classif
from sklearn.preprocessing import OrdinalEncoder, PowerTransformer, TargetEncoder

from suanzi.operators.feature.apply_transform import apply_transform
from suanzi.operators.feature.datetime_features import datetime_features
from suanzi.operators.feature.filter_select import filter_select
from suanzi.operators.feature.ordinal_encode import ordinal_encode
from suanzi.operators.feature.pca import pca
from suanzi.operators.feature.scale_transform import scale_transform
from suanzi.operators.feature.target_encode import target_encode
from suanzi.operators.feature.ts_features import ts_features
from suanzi.operators.feature.window_features import window_features
from suanzi.operators.feature.woe import bin_feature, weights
from suanzi.operators.feature.woe_binning import woe_binning
from suanzi.operators.stats.correlation import correlation
from suanzi.operators.stats.histogram import histogram
from suanzi.operators.stats.psi import psi
from suanzi.operators.stats.summary import summary
from suanzi.operators.text.tfidf import tfidf
from suanzi.operators.text.tokenize import tokenize

X = ["income", "age", "risk"]


def test_ordinal_encode(run: Any, people: pd.DataFrame) -> None:
    out, step = run(ordinal_encode, {"data": people}, columns=["city", "age"])
    direct = OrdinalEncoder().fit_transform(people[["city", "age"]].astype({"city": object}))
    np.testing.assert_array_equal(out[["city", "age"]], direct)
    other = pd.DataFrame({"city": ["Oslo", None, "Paris"], "age": [1, 2, 18]})
    again = run(apply_transform, {"transform": step, "data": other})
    assert again["city"].tolist() == [-1, -1, 0]
    out, _ = run(ordinal_encode, {"data": people}, columns=["city"], order="frequency")
    assert (np.diff(out["city"].value_counts().sort_index()) <= 0).all()


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("label", ["bad", "amount"])
def test_target_encode(run: Any, people: pd.DataFrame, label: str) -> None:
    out, step = run(target_encode, {"data": people}, columns=["city"], y_col=label)
    direct = TargetEncoder(random_state=0)
    x = people[["city"]].astype(object)
    np.testing.assert_allclose(out[["city"]], direct.fit_transform(x, people[label]))
    again = run(apply_transform, {"transform": step, "data": people})
    np.testing.assert_allclose(again[["city"]], direct.transform(x))


def test_scales_and_components(run: Any, refused: Any, people: pd.DataFrame) -> None:
    for method, function in (("log1p", np.log1p), ("sqrt", np.sqrt), ("log", np.log), ("square", np.square)):
        out, step = run(scale_transform, {"data": people}, columns=["income"], method=method)
        np.testing.assert_array_equal(out["income"], function(people["income"].astype(float)))
        again = run(apply_transform, {"transform": step, "data": people})
        assert again.equals(out)
    out, _ = run(scale_transform, {"data": people}, columns=["risk"], method="yeo-johnson")
    np.testing.assert_allclose(out[["risk"]], PowerTransformer().fit_transform(people[["risk"]].to_numpy()))
    refused(lambda: run(scale_transform, {"data": people}, columns=["risk"], method="log"), "'risk'", "above 0")
    out, step = run(pca, {"data": people}, columns=X, n_components=2)
    direct = PCA(2, svd_solver="full").fit(people[X].to_numpy(float))
    np.testing.assert_allclose(out[["pc_1", "pc_2"]], direct.transform(people[X].to_numpy(float)), atol=1e-9)
    assert "income" not in out
    assert run(apply_transform, {"transform": step, "data": people.iloc[:0]}).columns.tolist() == out.columns.tolist()
    refused(lambda: run(pca, {"data": people}, columns=X, n_components=4), "at most 3")
    refused(lambda: run(pca, {"data": people}, columns=["gaps"]), "gaps", "missing")


def test_parts_of_times(run: Any, refused: Any) -> None:
    times = pd.Series(pd.to_datetime(["2024-02-29 13:05", None, "2023-12-31 00:00"]))
    parts = ["year", "week", "weekday", "dayofyear", "is_weekend", "is_month_end", "timestamp", "month"]
    out = run(datetime_features, {"data": pd.DataFrame({"t": times})}, columns=["t"], parts=parts, cyclic=True)
    first = {part: out[f"t_{part}"].iloc[0] for part in parts}
    assert first == {
        "year": 2024,
        "week": 9,
        "weekday": 3,
        "dayofyear": 60,
        "is_weekend": 0,
        "is_month_end": 1,
        "timestamp": 1709211900,
        "month": 2,
    }
    assert out["t_month_sin"].iloc[0] == pytest.approx(math.sin(math.pi / 6))
    assert out.iloc[1].isna().all()
    text = run(datetime_features, {"data": pd.DataFrame({"t": ["2024-02-29"]})}, columns=["t"], drop=True)
    assert text.columns.tolist() == ["t_year", "t_month", "t_day", "t_weekday"]
    refused(lambda: run(datetime_features, {"data": pd.DataFrame({"t": ["soon"]})}, columns=["t"]), "'t'", "soon")
    refused(lambda: run(datetime_features, {"data": pd.DataFrame({"t": [3]})}, columns=["t"]), "'t'", "int64")
    bad = {"columns": ["t"], "parts": ["yaer"]}
    refused(lambda: run(datetime_features, {"data": pd.DataFrame({"t": times})}, **bad), "'yaer'")


def test_windows(run: Any, refused: Any, people: pd.DataFrame) -> None:
    given = {"data": people}
    functions = ["mean", "max", "lag", "diff"]
    out = run(window_features, given, columns=["risk"], functions=functions, windows=[2], by=["city"], order="age")
    ordered = people.sort_values("age", kind="stable")
    groups = ordered.groupby("city")["risk"]
    wanted = {
        "risk_mean_2": groups.transform(lambda v: v.rolling(2, min_periods=1).mean()),
        "risk_max_2": groups.transform(lambda v: v.rolling(2, min_periods=1).max()),
        "risk_lag_2": groups.shift(2),
        "risk_diff_2": groups.diff(2),
    }
    for name, values in wanted.items():
        np.testing.assert_allclose(out[name], values.sort_index(), err_msg=name)
    assert out[people.columns].equals(people)
    past = run(window_features, given, columns=["risk"], windows=[3], include_current=False)
    np.testing.assert_allclose(past["risk_mean_3"], people["risk"].shift(1).rolling(3, min_periods=1).mean())
    refused(lambda: run(window_features, given, columns=["city"]), "'city'", "not numeric")
    refused(lambda: run(window_features, given, columns=["age"], functions=["meen"]), "'meen'")
    refused(lambda: run(window_features, given, columns=["age"], windows=[0]), "0 rows")


def test_series(run: Any, refused: Any) -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-04"])
    data = pd.DataFrame({"t": days, "v": [1.0, 3.0, 8.0], "k": ["a", "a", "a"]})
    shared = {"time_col": "t", "columns": ["v"]}
    out = run(ts_features, {"data": data}, **shared, fill="linear", lags=[1], by=["k"])
    assert out["v"].tolist() == [2, 4, 6, 8]
    assert out["v_lag_1"].tolist()[1:] == [2, 4, 6]
    assert out["k"].tolist() == ["a"] * 4
    assert run(ts_features, {"data": data}, **shared, figure="sum", fill="zero")["v"].tolist() == [4, 0, 0, 8]
    refused(lambda: run(ts_features, {"data": data}, **shared, step="never"), "'never'")
    refused(lambda: run(ts_features, {"data": data}, **shared, step="us"), "steps of us")
    refused(lambda: run(ts_features, {"data": data}, time_col="v", columns=["v"]), "'v'", "not times")


def test_texts(run: Any, refused: Any, monkeypatch: Any) -> None:
    data = pd.DataFrame({"t": ["The cat, the DOG", None, "a cat 我们"]})
    out = run(tokenize, {"data": data}, column="t", stop_words=["the"], min_length=2)
    assert out["t_tokens"].fillna("-").tolist() == ["cat dog", "-", "cat 我们"]
    assert run(tokenize, {"data": data}, column="t", method="characters")["t_tokens"].iloc[2] == "a c a t 我 们"
    refused(lambda: run(tokenize, {"data": data}, column="t", pattern="("), "'('")
    refused(lambda: run(tokenize, {"data": data.assign(t=1)}, column="t"), "'t'", "not texts")
    words, step = run(tfidf, {"data": data}, column="t", ngram_max=2)
    direct = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", max_features=100)
    np.testing.assert_allclose(words, direct.fit_transform(data["t"].fillna("")).toarray())
    assert run(apply_transform, {"transform": step, "data": data}).equals(words)
    monkeypatch.setitem(sys.modules, "jieba", None)
    refused(lambda: run(tokenize, {"data": data}, column="t", method="jieba"), "jieba", "not installed")


def test_chinese(run: Any) -> None:
    pytest.importorskip("jieba")
    data = pd.DataFrame({"t": ["我来到北京清华大学。"]})
    assert run(tokenize, {"data": data}, column="t", method="jieba")["t_tokens"].iloc[0] == "我 来到 北京 清华大学"


@pytest.mark.parametrize(("score", "direct"), [("f", f_classif), ("chi2", chi2)])
def test_filter_select(run: Any, refused: Any, people: pd.DataFrame, score: str, direct: Any) -> None:
    names = ["income", "age", "count"]
    data = people.assign(count=(people["amount"].abs() * 10).round())
    out, step, report = run(filter_select, {"data": data}, x_cols=names, y_col="bad", score=score, k=2)
    kept = SelectKBest(direct, k=2).fit(data[names], data["bad"]).get_feature_names_out().tolist()
    assert [name for name in names if name in out.columns] == kept == step.columns
    assert len(report["sections"][0]["rows"]) == 3
    given = {"x_cols": ["risk"], "y_col": "bad", "score": "chi2"}
    refused(lambda: run(filter_select, {"data": data}, **given), "'risk'", "below 0")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(20, 500), st.integers(2, 8), st.booleans())
def test_bins_of_evidence_keep_their_rules(seed: int, rows: int, most: int, monotone: bool) -> None:
    rng = np.random.default_rng(seed)
    column = pd.Series(np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows).round(1)), name="x")
    positive = rng.random(rows) < 1 / (1 + np.exp(-column.fillna(0)))
    positive.iloc[:2] = [True, False]
    found = bin_feature(column, positive.to_numpy(), max_bins=most, min_share=0.05, monotone=monotone)
    places = found.bins_of(column)
    counts = np.bincount(places, minlength=len(found.counts))
    assert counts.tolist() == [n + p for n, p in found.counts]
    assert len(found.counts) - 1 <= most
    assert (places[column.isna()] == len(found.counts) - 1).all()
    risks = [p / (n + p) for n, p in found.counts[:-1] if n + p]
    assert not monotone or risks in (sorted(risks), sorted(risks, reverse=True))
    assert found.iv >= 0


def test_weights_of_evidence(run: Any, refused: Any, people: pd.DataFrame) -> None:
    woe, iv = weights([(30, 10), (10, 30)])
    assert woe == pytest.approx([math.log(1 / 3), math.log(3)])
    assert iv == pytest.approx(math.log(3))
    data = people.assign(city=people["city"].where(people["age"] > 25))
    out, _, report = run(woe_binning, {"data": data}, columns=["city", "risk"], y_col="bad", min_share=0)
    city = data["city"].fillna("?")
    counts = pd.crosstab(city, data["bad"])
    wanted = np.log((counts[1] / counts[1].sum()) / (counts[0] / counts[0].sum()))
    np.testing.assert_allclose(out["city"], city.map(wanted))
    assert report["sections"][0]["rows"][0][0] == "risk"
    refused(lambda: run(woe_binning, {"data": data}, y_col="grade"), "'grade'", "3 different labels")
    many = pd.DataFrame({"id": [str(i) for i in range(1200)], "y": [0, 1] * 600})
    refused(lambda: run(woe_binning, {"data": many}, y_col="y"), "'id'", "1,200")


def test_statistics(run: Any, people: pd.DataFrame) -> None:
    out, report = run(summary, {"data": people})
    described = people.describe()
    out = out.set_index("column")
    for figure, name in (("mean", "mean"), ("std", "std"), ("25%", "q25"), ("max", "max"), ("count", "count")):
        np.testing.assert_allclose(out.loc[described.columns, name].astype(float), described.loc[figure])
    assert out.loc["city", "distinct"] == 3
    assert report["sections"][0]["rows"] == [[400, 8]]
    table, report = run(correlation, {"data": people}, columns=X, method="spearman")
    np.testing.assert_allclose(table[X], people[X].corr("spearman"))
    assert report["charts"][0]["kind"] == "heatmap"
    drawn = {chart["title_en"]: chart for chart in run(histogram, {"data": people}, bins=7)["charts"]}
    counts, edges = np.histogram(people["gaps"].dropna(), bins=7)
    assert drawn["gaps"]["counts"] == counts.tolist()
    assert drawn["gaps"]["edges"] == edges.tolist()
    assert sum(drawn["city"]["values"]) == 400


def test_stability(run: Any, refused: Any, people: pd.DataFrame) -> None:
    moved = people.assign(risk=people["risk"] + 1)
    report = run(psi, {"expected": people, "actual": moved}, columns=["risk", "city", "gaps"])
    values = {row[0]: row[1] for row in report["sections"][0]["rows"]}
    edges = np.quantile(people["risk"], np.linspace(0, 1, 11)[1:-1])
    a, b = (np.bincount(np.searchsorted(edges, f["risk"]), minlength=10) / 400 for f in (people, moved))
    wanted = ((b - a) * np.log(np.maximum(b, 1e-4) / np.maximum(a, 1e-4))).sum()
    assert values["risk"] == pytest.approx(wanted)
    assert values["city"] == values["gaps"] == 0
    assert [found["code"] for found in report["findings"]] == ["population_shift"]
    refused(lambda: run(psi, {"expected": people, "actual": people.assign(city=1)}, columns=["city"]), "'city'")
    refused(lambda: run(psi, {"expected": people, "actual": people.iloc[:0]}), "actual table", "no rows")
