"""The model card: figures equal to the evaluations', intervals that hold the truth, a page that stands alone."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from suanzi.operators.deploy.serving_pipeline import serving_pipeline
from suanzi.operators.evaluate.eval_binary import eval_binary
from suanzi.operators.evaluate.eval_multiclass import eval_multiclass
from suanzi.operators.evaluate.eval_regression import eval_regression
from suanzi.operators.evaluate.intervals import binary_figures, intervals, multiclass_figures, regression_figures
from suanzi.operators.evaluate.model_card import model_card
from suanzi.operators.feature.one_hot import one_hot
from suanzi.operators.predict.predict import predict
from suanzi.operators.train.decision_tree import decision_tree
from suanzi.operators.train.gbdt import gbdt
from suanzi.operators.train.kmeans import kmeans
from suanzi.operators.train.linear_regression import linear_regression
from suanzi.operators.train.linear_svm import linear_svm
from suanzi.operators.train.logistic_regression import logistic_regression
from suanzi.sdk import Context
from suanzi.sdk.scratch import discard

X = ["income", "age", "risk"]


class Page(HTMLParser):
    """What a browser would make of the page: texts in cells, what it would fetch, tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "input"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def figure(self, name: str) -> list[float]:
        (row,) = (row for row in self.rows if len(row) == 4 and row[0].startswith(name))
        return [float(cell.replace(",", "")) for cell in row[1:]]


def card(run: Any, model: Any, data: pd.DataFrame, context: Any = None, **more: Any) -> str:
    inputs = {"model": model, "data": data}
    if "training" in more:
        inputs["training"] = more.pop("training")
    file = run(model_card, inputs, context, **{"resamples": 100, "n_repeats": 1, "random_state": 3, **more})
    text = Path(file).read_text(encoding="utf-8")
    discard(file)
    return text


@pytest.mark.parametrize(
    ("train", "label", "judge", "names"),
    [
        (gbdt, "bad", eval_binary, ("auc", "ks", "accuracy", "precision", "recall", "f1")),
        (linear_svm, "bad", eval_binary, ("auc", "accuracy")),
        (decision_tree, "grade", eval_multiclass, ("accuracy", "precision_macro", "recall_macro", "f1_macro")),
        (linear_regression, "amount", eval_regression, ("r2", "mae", "rmse")),
    ],
)
def test_the_figures_are_those_of_the_evaluation(
    run: Any, people: pd.DataFrame, train: Any, label: str, judge: Any, names: tuple[str, ...]
) -> None:
    training, held = people.iloc[:250], people.iloc[250:]
    params = {"max_depth": 3} if train is decision_tree else {}
    model = run(train, {"data": training}, x_cols=X, y_col=label, **params)
    page = Page(card(run, model, held, training=training))
    expected = run(judge, {"data": run(predict, {"model": model, "data": held})}, y_col=label)[0]["metrics"]
    for name in names:
        value, low, high = page.figure(name)
        assert value == pytest.approx(expected[name], rel=1e-3)
        assert low <= value <= high and low < high
    assert ["Training训练", "250", "62.5%"] in page.rows and ["Evaluation评估", "150", "37.5%"] in page.rows
    assert page.open == [] and page.fetched == [] and "script" not in page.tags


def test_weights_are_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    truth, score = rng.random(60) < 0.4, rng.random(60).round(1)
    guess, classes, other = score > 0.5, rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    value = score + rng.normal(size=60)
    weights = rng.integers(0, 4, 60)
    again = np.repeat(np.arange(60), weights)
    found = binary_figures(truth, guess, score)(weights.astype(float))
    fpr, tpr, _ = metrics.roc_curve(truth[again], score[again])
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(truth[again], score[again]))
    assert found["ks"] == pytest.approx(np.abs(tpr - fpr).max())
    assert found["f1"] == pytest.approx(metrics.f1_score(truth[again], guess[again]))
    assert found["precision"] == pytest.approx(metrics.precision_score(truth[again], guess[again]))
    found = multiclass_figures(classes, other, 3)(weights.astype(float))
    assert found["f1_macro"] == pytest.approx(metrics.f1_score(classes[again], other[again], average="macro"))
    found = regression_figures(value, score)(weights.astype(float))
    assert found["r2"] == pytest.approx(metrics.r2_score(value[again], score[again]))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(value[again], score[again]))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for seed in range(100):
        right = rng.random(200) < 0.8
        truth = rng.random(200) < 0.5
        one = intervals(binary_figures(truth, truth == right, None), 200, 200, seed)["accuracy"]
        assert one.low is not None and one.high is not None
        held += one.low <= 0.8 <= one.high
    assert 85 <= held <= 100


def test_one_class_has_no_interval_of_what_needs_two(run: Any, people: pd.DataFrame) -> None:
    model = run(logistic_regression, {"data": people}, x_cols=X, y_col="bad")
    text = card(run, model, people[people["bad"] == 1].head(40))
    (row,) = (row for row in Page(text).rows if row[:1] == ["aucAUC"])
    assert row[1:] == ["–", "–", "–"]
    assert 'class="warning"' in text or 'class="error"' in text


def test_lineage_parameters_and_importance_are_told(run: Any, people: pd.DataFrame, tmp_path: Path) -> None:
    model = run(gbdt, {"data": people}, x_cols=X, y_col="bad", max_iter=7)
    stored = tmp_path / "model.pkl"
    stored.write_bytes(b"stored")
    context = Context(run_id="run-17", operator_id="card", input_files={"model": str(stored)})
    page = Page(card(run, model, people, context))
    cells = {row[0]: row[1:] for row in page.rows if row}
    assert (
        cells["Run运行"] == ["run-17"] and cells["Operator算子"] == ["card"] and cells["Random seed随机种子"] == ["3"]
    )
    assert cells["Model file模型文件"] == [f"SHA-256 {hashlib.sha256(b'stored').hexdigest()}"]
    assert cells["max_iter"] == ["7"]
    importances = [row for row in page.rows if len(row) == 3 and row[0] in X and row[2] == ""]
    assert importances[0][0] == "risk" and len(importances) == 3


def test_rows_that_were_trained_on_are_counted(run: Any, people: pd.DataFrame) -> None:
    training, held = people.iloc[:300], people.iloc[290:]
    model = run(gbdt, {"data": training}, x_cols=X, y_col="bad", max_iter=2)
    assert "10 evaluation rows (9.1%) equal a training row" in card(run, model, held, training=training)
    assert "how well the model remembers" not in card(run, model, held, training=training)
    floats = training.astype({"age": "float64"})
    assert "300 evaluation rows (100.0%) equal" in card(run, model, training, training=floats)
    assert "how well the model remembers" in card(run, model, training, training=floats)
    frame, step = run(one_hot, {"data": people}, columns=["city"])
    x = ["income", *[name for name in frame.columns if name.startswith("city_")]]
    bundle, _ = run(
        serving_pipeline,
        {"model": run(gbdt, {"data": frame}, x_cols=x, y_col="bad", max_iter=2), "transforms": [step]},
    )
    assert "110 evaluation rows (100.0%) equal" in card(run, bundle, held, training=people)


def test_texts_are_escaped_and_both_languages_are_there(run: Any, people: pd.DataFrame) -> None:
    odd = people.rename(columns={"risk": '<b>风险</b> & "co"'})
    model = run(logistic_regression, {"data": odd}, x_cols=["income", odd.columns[2]], y_col="bad")
    text = card(run, model, odd, title="<script>alert(1)</script>", purpose="审批 <i>only</i>")
    page = Page(text)
    assert "script" not in page.tags and "b" not in page.tags and "i" not in page.tags
    for heading in re.findall("<h2>(.*?)</h2>", text):
        assert re.fullmatch(
            r'<span class="en" lang="en">[A-Z].+?</span><span class="zh" lang="zh-CN">.+</span>', heading
        )
    assert len(re.findall("<h2>", text)) == 7


def test_the_same_seed_gives_the_same_page(run: Any, people: pd.DataFrame) -> None:
    model = run(gbdt, {"data": people}, x_cols=X, y_col="bad", max_iter=5)
    assert card(run, model, people) == card(run, model, people)
    assert card(run, model, people) != card(run, model, people, random_state=4)


def test_a_bundle_has_a_card_without_importances(run: Any, people: pd.DataFrame) -> None:
    frame, step = run(one_hot, {"data": people}, columns=["city"])
    x = ["income", *[name for name in frame.columns if name.startswith("city_")]]
    model = run(gbdt, {"data": frame}, x_cols=x, y_col="bad", max_iter=5)
    bundle, _ = run(serving_pipeline, {"model": model, "transforms": [step]})
    text = card(run, bundle, people)
    assert "before serving_pipeline" in text
    assert ["max_iter", "5"] in Page(text).rows


def test_what_has_no_card_is_refused(run: Any, people: pd.DataFrame, refused: Any) -> None:
    clusters = run(kmeans, {"data": people}, x_cols=X, n_clusters=2)
    refused(lambda: card(run, clusters, people), "does not say what it predicts")
    model = run(gbdt, {"data": people}, x_cols=X, y_col="bad", max_iter=2)
    refused(lambda: card(run, model, people.drop(columns="bad")), "bad")
    refused(lambda: card(run, model, people.drop(columns="risk")), "risk")
    refused(lambda: card(run, model, people.head(0)), "no rows")
    refused(lambda: card(run, model, people.assign(bad=np.where(people["age"] > 60, np.nan, 1.0))), "bad")
    refused(lambda: card(run, model, people, training=people[["age"]]), "income")
