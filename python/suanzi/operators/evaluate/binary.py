"""Judges a binary classifier: figures, confusion matrix, curves, a table of thresholds, and findings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suanzi.operators.evaluate import findings as say
from suanzi.operators.evaluate.curves import Ranking, curves, rank, threshold_table
from suanzi.sdk import OperatorError
from suanzi.sdk.columns import (
    match_label,
    require_columns,
    require_finite,
    require_labels,
    require_numeric,
    require_rows,
    same_label,
)
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEFAULT_THRESHOLD = 0.5


def evaluate(
    data: pd.DataFrame, *, y_col: str, pre_col: str | None, score_col: str | None, pre_value: Any
) -> dict[str, Any]:
    """Everything known of the predictions; `pre_col` or `score_col` may be absent, not both.

    Without `pre_col` a row counts as positive from a score of 0.5. Figures that can't be computed are null.
    """
    import numpy as np

    require_rows(data)
    require_columns(
        data, [name for name in (y_col, pre_col, score_col) if name is not None], "this evaluation needs it"
    )
    require_labels(data, y_col)
    labels = data[y_col].unique().tolist()
    predicted = _predicted_labels(data, pre_col)
    positive, negative = _both_labels(labels, predicted, pre_value, y_col)
    truth = (data[y_col] == positive).to_numpy(dtype=bool)
    score = _scores(data, score_col)
    if pre_col is not None:
        guess = np.asarray([same_label(v, positive) for v in predicted])[_codes(data, pre_col, predicted)]
    elif score is not None:
        guess = score >= DEFAULT_THRESHOLD
    else:
        raise OperatorError("there is neither a column of predictions nor one of scores", "set pre_col or score_col")
    ranking = rank(truth, score) if score is not None and 0 < truth.sum() < len(truth) else None
    probabilities = score is not None and bool((score >= 0).all() and (score <= 1).all())
    confusion = _confusion(truth, guess)
    result: dict[str, Any] = {
        "kind": "binary",
        "rows": len(data),
        "positive": positive,
        "negative": negative,
        "counts": {
            "positives": int(truth.sum()),
            "negatives": int((~truth).sum()),
            "predicted_positives": int(guess.sum()),
            "predicted_negatives": int((~guess).sum()),
        },
        "metrics": {
            **_label_figures(confusion),
            **_score_figures(truth, score, ranking, probabilities=probabilities),
        },
        "confusion_matrix": {"labels": [negative, positive], **confusion},
        "curves": {},
        "thresholds": [],
    }
    if ranking is not None and score is not None:
        result["curves"] = curves(ranking, truth, score, probabilities=probabilities)
        result["thresholds"] = threshold_table(ranking, probabilities=probabilities)
    without = {name for name in (y_col, pre_col, score_col) if name is not None}
    result["findings"] = _findings(result, truth, guess, score, ranking, data, without)
    return result


def _predicted_labels(data: pd.DataFrame, pre_col: str | None) -> list[Any]:
    if pre_col is None:
        return []
    missing = int(data[pre_col].isna().sum())
    if missing:
        raise OperatorError(
            f"the column of predictions '{pre_col}' has {missing:,} missing values", "check the prediction"
        )
    return list(data[pre_col].unique().tolist())


def _codes(data: pd.DataFrame, pre_col: str, predicted: list[Any]) -> np.ndarray:
    import pandas as pd

    codes: np.ndarray = pd.factorize(data[pre_col])[0]
    return codes


def _both_labels(labels: list[Any], predicted: list[Any], pre_value: Any, y_col: str) -> tuple[Any, Any]:
    """Positive and negative label; a label that only the predictions hold counts as known."""
    known = list(labels)
    known.extend(label for label in predicted if not any(same_label(label, k) for k in known))
    if len(labels) > 2:
        raise OperatorError(
            f"column '{y_col}' holds {len(labels)} labels ({listed(labels)}); this evaluation is for two",
            "use eval_multiclass, or eval_regression for quantities",
        )
    if len(known) > 2:
        raise OperatorError(
            f"the predictions hold labels that column '{y_col}' lacks: {listed(known[len(labels) :])}",
            "name the column of predicted labels (not of scores) as pre_col",
        )
    ordered = sorted(known, key=lambda label: (str(type(label)), label))
    if pre_value is None:
        positive = ordered[-1] if len(ordered) == 2 or ordered[0] in (1, "1", True) else None
    elif len(known) == 2:
        positive = match_label(pre_value, known, y_col)
    else:
        positive = next((label for label in known if same_label(label, pre_value)), pre_value)
    others = [label for label in ordered if label != positive]
    return positive, others[0] if others else None


def _scores(data: pd.DataFrame, score_col: str | None) -> np.ndarray | None:
    if score_col is None:
        return None
    require_numeric(data, [score_col], "a score column holds probabilities or other numbers")
    require_finite(data, [score_col], "check the prediction: every row needs a score")
    import numpy as np

    score: np.ndarray = data[score_col].to_numpy(dtype=np.float64)
    return score


def _confusion(truth: np.ndarray, guess: np.ndarray) -> dict[str, int]:
    import numpy as np

    tn, fp, fn, tp = np.bincount(truth * 2 + guess, minlength=4).tolist()
    return {"tn": tn, "fp": fp, "fn": fn, "tp": tp}


def _label_figures(confusion: dict[str, int]) -> dict[str, float]:
    tn, fp, fn, tp = (confusion[key] for key in ("tn", "fp", "fn", "tp"))

    def ratio(part: float, whole: float) -> float:
        return part / whole if whole else 0.0

    return {
        "accuracy": ratio(tp + tn, tn + fp + fn + tp),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
    }


def _score_figures(
    truth: np.ndarray, score: np.ndarray | None, ranking: Ranking | None, *, probabilities: bool
) -> dict[str, float | None]:
    import numpy as np

    figures: dict[str, float | None] = dict.fromkeys(
        ("auc", "gini", "ks", "ks_threshold", "average_precision", "log_loss", "brier")
    )
    if ranking is not None:
        figures["auc"] = ranking.auc
        figures["gini"] = 2 * ranking.auc - 1
        figures["ks"], figures["ks_threshold"] = ranking.ks
        figures["average_precision"] = ranking.average_precision
    if score is not None and probabilities:
        sure = np.finfo(np.float64).eps
        p = np.clip(score, sure, 1 - sure)
        figures["log_loss"] = float(-np.mean(np.log(np.where(truth, p, 1 - p))))
        figures["brier"] = float(np.mean((score - truth) ** 2))
    return figures


def _findings(
    result: dict[str, Any],
    truth: np.ndarray,
    guess: np.ndarray,
    score: np.ndarray | None,
    ranking: Ranking | None,
    data: pd.DataFrame,
    without: set[str],
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    rows = len(truth)
    shares = {"positive": (truth.mean(), guess.mean()), "negative": (1 - truth.mean(), 1 - guess.mean())}
    for side, (true_share, predicted_share) in shares.items():
        count = round(true_share * rows)
        if count == 0:
            found.append(say.label_missing(result[side] if result[side] is not None else side, rows))
        elif predicted_share < say.ONE_CLASS_SHARE * true_share:
            scales = say.column_scales(data, without)
            found.append(say.one_class(result[side], float(true_share), float(predicted_share), scales))
        if 0 < count < say.FEW_ROWS:
            found.append(say.few_rows(result[side], count))
        if 0 < true_share < say.RARE_SHARE:
            found.append(say.imbalance(result[side], float(true_share)))
    if score is None:
        found.append(say.no_score())
    elif ranking is not None:
        auc = ranking.auc
        if len(ranking.thresholds) == 1:
            found.append(say.constant_score())
        elif auc > say.PERFECT_AUC:
            found.append(say.perfect_score(auc))
        elif auc < say.INVERTED_AUC:
            found.append(say.inverted_score(auc))
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda entry: order[entry["severity"]])
