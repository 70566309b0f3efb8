"""Figures equal scikit-learn's; curves keep their shape; findings say what a colleague would."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from suanzi.operators.evaluate import curves as cv
from suanzi.operators.evaluate.binary import evaluate
from suanzi.operators.evaluate.eval_binary import eval_binary
from suanzi.operators.evaluate.eval_multiclass import eval_multiclass
from suanzi.operators.evaluate.eval_regression import eval_regression
from suanzi.operators.seed.eval_2c import algo_local_model_2c_eval
from suanzi.sdk import OperatorError


def scored(truth: Any, score: Any, **more: Any) -> pd.DataFrame:
    score = np.asarray(score, dtype=float)
    frame = {"y": truth, "predict_result": (score >= 0.5).astype(int), "predict_score": score, **more}
    return pd.DataFrame(frame)


def judge(data: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    given = {"y_col": "y", "pre_col": "predict_result", "score_col": "predict_score", "pre_value": 1, **changes}
    return evaluate(data, **given)


def codes(result: dict[str, Any]) -> list[str]:
    return [found["code"] for found in result["findings"]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 400), st.integers(1, 3))
def test_binary_figures_equal_scikit_learn(seed: int, rows: int, decimals: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows)
    truth[:2] = [0, 1]
    score = np.round(np.clip(0.4 * truth + rng.random(rows) * 0.7, 0, 1), decimals)
    data = scored(truth, score)
    result = judge(data)
    guess = data["predict_result"]
    fpr, tpr, _ = sk.roc_curve(truth, score)
    expected = {
        "auc": sk.roc_auc_score(truth, score),
        "ks": np.abs(tpr - fpr).max(),
        "average_precision": sk.average_precision_score(truth, score),
        "log_loss": sk.log_loss(truth, np.clip(score, 1e-15, 1 - 1e-15)),
        "brier": sk.brier_score_loss(truth, score),
        "accuracy": sk.accuracy_score(truth, guess),
        "precision": sk.precision_score(truth, guess, zero_division=0),
        "recall": sk.recall_score(truth, guess),
        "f1": sk.f1_score(truth, guess),
    }
    for name, value in expected.items():
        assert result["metrics"][name] == pytest.approx(value, rel=2e-2 if name == "log_loss" else 1e-9), name
    tn, fp, fn, tp = sk.confusion_matrix(truth, guess).ravel().tolist()
    assert result["confusion_matrix"] == {"labels": [0, 1], "tn": tn, "fp": fp, "fn": fn, "tp": tp}
    observed, predicted = calibration_curve(truth, score, n_bins=10)
    assert sum(result["curves"]["calibration"]["count"]) == rows
    if decimals > 1 and not np.isin(np.round(score * 10, 9) % 1, [0]).any():
        assert result["curves"]["calibration"]["observed"] == pytest.approx(observed.tolist(), abs=1e-5)
        assert result["curves"]["calibration"]["predicted"] == pytest.approx(predicted.tolist(), abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 300))
def test_threshold_table(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows)
    truth[:2] = [0, 1]
    score = np.round(rng.random(rows), 2)
    table = judge(scored(truth, score))["thresholds"]
    assert len(table) == 101
    for row in table[:: 1 + seed % 7]:
        guess = score >= np.linspace(0, 1, 101)[round(row["threshold"] * 100)]
        assert (row["tp"], row["fp"]) == ((guess & (truth == 1)).sum(), (guess & (truth == 0)).sum())
        assert row["f1"] == pytest.approx(sk.f1_score(truth, guess, zero_division=0), abs=1e-6)


def test_curves_are_thin_and_true_to_shape() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(30_000) < 0.2
    score = 1 / (1 + np.exp(-(truth * 1.1 + rng.normal(size=30_000) - 1)))
    drawn = judge(scored(truth.astype(int), score))["curves"]
    for name, x, y in [
        ("roc", "fpr", "tpr"),
        ("gain", "share", "gain"),
        ("pr", "recall", "precision"),
        ("lift", "share", "lift"),
    ]:
        assert len(drawn[name][x]) <= 200
        assert np.all(np.diff(drawn[name][x]) >= 0)
        assert np.isfinite(drawn[name][y]).all()
    fpr, tpr, _ = sk.roc_curve(truth, score, drop_intermediate=False)
    assert np.abs(np.interp(fpr, drawn["roc"]["fpr"], drawn["roc"]["tpr"]) - tpr).max() < 0.01
    area = np.trapezoid(drawn["roc"]["tpr"], drawn["roc"]["fpr"])
    assert area == pytest.approx(sk.roc_auc_score(truth, score), abs=1e-3)
    gap = np.subtract(drawn["ks"]["tpr"], drawn["ks"]["fpr"])
    assert gap.max() == pytest.approx((tpr - fpr).max(), abs=2e-3)
    assert drawn["gain"]["gain"][0] == 0
    assert drawn["gain"]["gain"][-1] == 1
    assert drawn["lift"]["lift"][-1] == 1


@given(st.integers(0, 2**32), st.integers(2, 5000), st.integers(2, 200))
@settings(max_examples=40, deadline=None)
def test_thin_keeps_both_ends_and_the_budget(seed: int, rows: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.random(rows)), rng.random(rows)
    kept = cv.thin(x, y, limit)
    assert len(kept) <= max(limit, 2)
    assert (kept[0], kept[-1]) == (0, rows - 1)
    assert np.all(np.diff(kept) > 0)


GOOD = ([0, 0, 1, 1] * 20, [0.1, 0.6, 0.7, 0.4] * 20)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (scored(*GOOD), []),
        (scored([0, 1] * 50, [0.1, 0.4] * 50), ["one_class", "perfect_score"]),
        (scored([0] * 97 + [1] * 40, np.r_[np.full(97, 0.2), np.linspace(0.1, 0.45, 40)]), ["one_class"]),
        (scored([0, 1] * 40, [0.9, 0.1] * 40), ["inverted_score"]),
        (scored([0, 1] * 40, [0.7] * 80), ["one_class", "constant_score"]),
        (scored([1] * 40, [0.7] * 40), ["label_missing"]),
        (scored([0] * 40, [0.2] * 39 + [0.7]), ["label_missing"]),
        (scored([0, 1, 0, 1], [0.2, 0.7, 0.8, 0.3]), ["few_rows", "few_rows"]),
        (scored([0] * 990 + [1] * 35, np.r_[np.tile([0.1, 0.6], 495), np.full(35, 0.55)]), ["imbalance"]),
    ],
)
def test_findings(data: pd.DataFrame, expected: list[str]) -> None:
    result = judge(data)
    assert codes(result) == expected
    for found in result["findings"]:
        assert all(found[key] for key in ("text_en", "text_zh", "remedy_en", "remedy_zh", "severity"))


def test_one_class_names_the_scales_and_the_fix() -> None:
    data = scored([0, 1] * 50, [0.1, 0.4] * 50, limit=np.linspace(0, 1e6, 100), sex=[0, 1] * 50)
    found = next(f for f in judge(data)["findings"] if f["code"] == "one_class")
    assert "limit" in found["text_en"]
    assert "not scaled" in found["text_en"]
    assert found["fix"] == {"insert": ["standardize", "apply_transform"]}


def test_a_part_without_one_label_has_no_auc_but_figures() -> None:
    result = judge(scored([1] * 40, [0.7] * 30 + [0.2] * 10))
    assert result["metrics"]["auc"] is None
    assert result["metrics"]["recall"] == 0.75
    assert result["curves"] == {}
    json.dumps(result, allow_nan=False)


def test_scores_that_are_no_probabilities() -> None:
    data = scored([0, 1] * 40, [-3.0, 4.0, 1.0, 2.0] * 20)
    result = judge(data)
    assert result["metrics"]["log_loss"] is None
    assert "calibration" not in result["curves"]
    assert result["thresholds"][0]["threshold"] == -3.0
    assert result["metrics"]["auc"] == sk.roc_auc_score(data["y"], data["predict_score"])


@pytest.mark.parametrize(
    ("truth", "pre_value", "positive", "negative"),
    [
        (["no", "yes"], "yes", "yes", "no"),
        (["no", "yes"], None, "yes", "no"),
        ([1, 2], 1, 1, 2),
        ([1.0, 2.0], "2", 2.0, 1.0),
        ([True, False], 1, True, False),
        (["1", "0"], 1, "1", "0"),
    ],
)
def test_labels_of_all_kinds(run: Any, truth: list[Any], pre_value: Any, positive: Any, negative: Any) -> None:
    data = pd.DataFrame({"y": truth * 20, "predict_result": truth * 20})
    result = run(algo_local_model_2c_eval, {"data": data}, y_col="y", pre_value=pre_value)
    assert (result["positive"], result["negative"]) == (positive, negative)
    assert result["metrics"]["accuracy"] == 1.0
    assert codes(result) == ["few_rows", "few_rows", "no_score"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pd.DataFrame({"y": [], "predict_result": [], "predict_score": []}), ["no rows"]),
        (scored([0, None, 1], [0.1, 0.2, 0.3]), ["'y'", "1 missing"]),
        (scored([0, 1, 2], [0.1, 0.2, 0.3]), ["'y'", "3 labels"]),
        (scored([0, 1], [0.1, np.nan]), ["predict_score", "missing"]),
        (scored([0, 5], [0.1, 0.2]).assign(predict_result=[0, 5]), ["1", "does not occur", "0, 5"]),
        (scored([0, 1], [0.1, 0.2]).assign(predict_score=["a", "b"]), ["predict_score", "not numeric"]),
        (scored([0, 1], [0.1, 0.2]).rename(columns={"y": "Y"}), ["'y'", "nearest: 'Y'"]),
        (scored([0, 1], [0.1, 0.2]).assign(predict_result=[0, 7]), ["lacks", "7"]),
    ],
)
def test_refusals(data: pd.DataFrame, words: list[str]) -> None:
    with pytest.raises(OperatorError) as caught:
        judge(data)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


def test_report_beside_the_figures(run: Any) -> None:
    figures, report = run(eval_binary, {"data": scored(*GOOD)}, y_col="y", pre_value=1)
    assert figures["kind"] == "binary"
    assert [s["title_en"] for s in report["sections"]] == ["Figures", "Confusion matrix (rows: true)"]
    assert json.dumps(report, allow_nan=False)


def test_without_scores_the_default_score_column_is_not_asked_for(run: Any) -> None:
    data = scored(*GOOD).drop(columns="predict_score")
    figures, _ = run(eval_binary, {"data": data}, y_col="y")
    assert figures["metrics"]["auc"] is None
    with pytest.raises(OperatorError, match="'mine' is not in the table"):
        run(eval_binary, {"data": data}, y_col="y", score_col="mine")


def test_multiclass_equals_scikit_learn(run: Any) -> None:
    rng = np.random.default_rng(3)
    truth = rng.choice(list("abc"), 300)
    p = rng.dirichlet([1, 1, 1], 300)
    guess = np.array(list("abc"))[p.argmax(axis=1)]
    data = pd.DataFrame({"y": truth, "predict_result": guess})
    data = data.assign(**{f"predict_score_{label}": p[:, i] for i, label in enumerate("abc")})
    result, report = run(eval_multiclass, {"data": data}, y_col="y")
    expected = sk.classification_report(truth, guess, output_dict=True)
    for entry in result["classes"]:
        for name in ("precision", "recall"):
            assert entry[name] == pytest.approx(expected[entry["label"]][name])
        assert entry["f1"] == pytest.approx(expected[entry["label"]]["f1-score"])
    figures = result["metrics"]
    assert figures["f1_macro"] == pytest.approx(expected["macro avg"]["f1-score"])
    assert figures["precision_weighted"] == pytest.approx(expected["weighted avg"]["precision"])
    assert figures["log_loss"] == pytest.approx(sk.log_loss(truth, p))
    assert figures["auc_macro"] == pytest.approx(sk.roc_auc_score(truth, p, multi_class="ovr"))
    assert figures["kappa"] == pytest.approx(sk.cohen_kappa_score(truth, guess))
    assert result["confusion_matrix"]["counts"] == sk.confusion_matrix(truth, guess).tolist()
    assert report["sections"][-1]["title_en"] == "Classes"


def test_multiclass_findings(run: Any) -> None:
    data = pd.DataFrame({"y": list("aaab") * 30, "predict_result": ["a"] * 119 + ["c"]})
    result, _ = run(eval_multiclass, {"data": data}, y_col="y")
    assert codes(result) == ["one_class", "label_missing"]
    perfect, _ = run(eval_multiclass, {"data": data}, y_col="y", pre_col="y")
    assert codes(perfect) == ["perfect_score"]
    with pytest.raises(OperatorError, match="holds str but"):
        run(eval_multiclass, {"data": data.assign(predict_result=1)}, y_col="y")


def test_regression_equals_scikit_learn(run: Any) -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(5, 1, 300)
    guess = truth + rng.normal(0.1, 0.5, 300)
    result, report = run(eval_regression, {"data": pd.DataFrame({"y": truth, "predict_result": guess})}, y_col="y")
    expected = {
        "r2": sk.r2_score(truth, guess),
        "mae": sk.mean_absolute_error(truth, guess),
        "rmse": sk.root_mean_squared_error(truth, guess),
        "mape": sk.mean_absolute_percentage_error(truth, guess),
        "median_absolute_error": sk.median_absolute_error(truth, guess),
        "max_error": sk.max_error(truth, guess),
        "explained_variance": sk.explained_variance_score(truth, guess),
    }
    for name, value in expected.items():
        assert result["metrics"][name] == pytest.approx(value), name
    assert result["metrics"]["bias"] == pytest.approx((guess - truth).mean())
    assert sum(result["curves"]["residual_histogram"]["count"]) == 300
    assert report["findings"] == []


@pytest.mark.parametrize(
    ("truth", "guess", "expected"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], ["perfect_score"]),
        ([1.0, 2.0, 3.0], [9.0, 9.0, 9.0], ["worse_than_mean", "constant_score"]),
        ([2.0, 2.0], [1.0, 3.0], ["constant_label"]),
        ([2.0], [1.0], ["constant_label"]),
    ],
)
def test_regression_findings(run: Any, truth: list[float], guess: list[float], expected: list[str]) -> None:
    result, _ = run(eval_regression, {"data": pd.DataFrame({"y": truth, "predict_result": guess})}, y_col="y")
    assert codes(result) == expected
    json.dumps(result, allow_nan=False)
