"""A served model in ONNX's form: its answers, and the rows that tell two forms apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from suanzi.operators.deploy.onnx_double import boosted_double
from suanzi.operators.deploy.onnx_file import onnx_bytes
from suanzi.operators.deploy.prepared import together
from suanzi.sdk import FittedTransform, TrainedModel
from suanzi.serving.fast import fast_form, proof_rows
from suanzi.serving.model import ServedModel

runtime = pytest.importorskip("onnxruntime")
pytest.importorskip("skl2onnx")

COLUMNS = ["a", "b", "c"]
TOLERANCE = 1e-5


def rows() -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(random.normal(size=(500, 3)) * [1e5, 50.0, 1.0], columns=COLUMNS)


def served(estimator: Any, task: str = "binary", labels: Any = (0, 1), types: Any = None) -> ServedModel:
    table = rows()
    kinds = np.digitize(table["a"], np.quantile(table["a"], np.linspace(0, 1, len(labels) + 1)[1:-1]))
    known = table["a"] / 1e4 + table["b"] if task == "regression" else np.asarray(labels)[kinds]
    fitted = estimator.fit(table, known)
    positive = labels[1] if task == "binary" else None
    return ServedModel(TrainedModel(fitted, COLUMNS, task, "y", positive, column_types=types or {}), {})


def run(form: bytes, table: np.ndarray) -> list[np.ndarray]:
    session = runtime.InferenceSession(form, providers=["CPUExecutionProvider"])
    kind = "float64" if "double" in session.get_inputs()[0].type else "float32"
    found: list[np.ndarray] = session.run(None, {"input": table.astype(kind)})
    return found


@pytest.mark.parametrize(
    ("estimator", "task", "labels"),
    [
        (HistGradientBoostingClassifier(max_iter=20), "binary", (0, 1)),
        (HistGradientBoostingClassifier(max_iter=10), "multiclass", ("low", "middle", "high")),
        (HistGradientBoostingRegressor(max_iter=20), "regression", (0, 1)),
        (LogisticRegression(), "binary", ("no", "yes")),
        (LinearRegression(), "regression", (0, 1)),
        (KMeans(3, n_init=1), "clustering", (0, 1)),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_the_first_form_answers_as_the_model_does(estimator: Any, task: str, labels: Any) -> None:
    header, content = fast_form(served(estimator, task, labels))
    form, cells = content[: header["forms"][0]], content[sum(header["forms"]) :]
    table = np.frombuffer(cells, "<f8").reshape(len(COLUMNS), header["rows"]).T
    results, *scores = run(form, table)
    expected = header["answers"]
    if header["classes"] is None:
        np.testing.assert_allclose(results.ravel(), expected["predict_result"], rtol=TOLERANCE, atol=TOLERANCE)
        return
    assert results.tolist() == expected["predict_result"]
    assert header["classes"] == sorted(labels)
    read = scores[0][:, header["score"]["of"]] if "of" in header["score"] else scores[0].max(axis=1)
    np.testing.assert_allclose(read, expected["predict_score"], atol=TOLERANCE)
    for at, name in enumerate(header["score"].get("best", [])):
        np.testing.assert_allclose(scores[0][:, at], expected[name], atol=TOLERANCE)


def test_boosted_trees_in_single_precision_are_told_from_the_model() -> None:
    """Thresholds between two numbers of single precision send some rows to the other side: the proof's rows show it."""
    estimator = HistGradientBoostingClassifier(max_iter=20)
    table = rows()
    estimator.fit(table, (table["a"] > 0).astype(int))
    exact = boosted_double(estimator)
    assert exact is not None
    single = onnx_bytes(estimator, COLUMNS, {})
    proof = proof_rows(exact, len(COLUMNS), True)
    assert np.isnan(proof).any()
    expected = estimator.predict_proba(pd.DataFrame(proof, columns=COLUMNS))
    assert np.abs(run(exact, proof)[1] - expected).max() < TOLERANCE
    assert np.abs(run(single, proof)[1] - expected).max() > 0.01
    assert boosted_double(RandomForestClassifier(2).fit(table, table["a"] > 0)) is None


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda: served(LinearSVC()), "knows no probabilities"),
        (lambda: served(LogisticRegression(), labels=(False, True)), "neither whole numbers nor texts"),
        (lambda: served(LogisticRegression(), types={"a": "bool"}), "aren't all numbers"),
        (
            lambda: ServedModel(
                together([FittedTransform("same", None, ["a"], ["a"], _same)], served(LogisticRegression()).model), {}
            ),
            "steps before the model",
        ),
    ],
)
def test_what_has_no_form_says_why(model: Any, said: str) -> None:
    header, content = fast_form(model())
    assert said in header["not"] and content == b""


def _same(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    return frame
