"""`eval_multiclass`: judges a classifier of several classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suanzi.operators.evaluate import findings as say
from suanzi.operators.evaluate.curves import rank
from suanzi.operators.evaluate.parameters import Evaluation, PredictedColumn, TrueColumn
from suanzi.operators.evaluate.report import report
from suanzi.operators.predict.scoring import RESULT, SCORE
from suanzi.sdk import OperatorError, Table, operator
from suanzi.sdk.columns import require_columns, require_labels, require_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_CLASSES = 200
"""A confusion matrix larger than this can't be read; the label is then hardly a class."""


@operator(
    name_en="Multiclass Evaluation",
    name_zh="多分类评估",
    category="evaluate",
    doc_en="Precision, recall and F1 per class, macro and weighted; confusion matrix; log loss and AUC (one class "
    "against the rest) where the table has predict_score_<label> columns; findings in words.",
    doc_zh="各类别及宏平均、加权平均的精确率、召回率和 F1，混淆矩阵；"
    "若有 predict_score_<标签> 列，还给出对数损失和一对多 AUC；"
    "以及文字结论。",
)
def eval_multiclass(data: Table, *, y_col: TrueColumn, pre_col: PredictedColumn = RESULT) -> Evaluation:
    result = evaluate(data, y_col, pre_col)
    return Evaluation(result, report(result, "Multiclass classification", "多分类评估"))


def evaluate(data: pd.DataFrame, y_col: str, pre_col: str) -> dict[str, Any]:
    """Figures, confusion matrix and findings; classes are those of the labels and of the predictions."""
    import numpy as np

    require_rows(data)
    require_columns(data, [y_col, pre_col], "this evaluation needs it")
    require_labels(data, y_col)
    require_labels(data, pre_col)
    labels = _labels(data, y_col, pre_col)
    place = {label: position for position, label in enumerate(labels)}
    truth = data[y_col].map(place).to_numpy(dtype=np.int64)
    guess = data[pre_col].map(place).to_numpy(dtype=np.int64)
    size = len(labels)
    matrix = np.bincount(truth * size + guess, minlength=size * size).reshape(size, size)
    classes = _classes(labels, matrix)
    metrics = _metrics(classes, matrix)
    probabilities = _probabilities(data, labels)
    metrics.update(_probability_figures(truth, probabilities, [entry["support"] for entry in classes]))
    return {
        "kind": "multiclass",
        "rows": len(data),
        "metrics": metrics,
        "classes": classes,
        "confusion_matrix": {"labels": labels, "counts": matrix.tolist()},
        "findings": _findings(classes, matrix, len(data)),
    }


def _labels(data: pd.DataFrame, y_col: str, pre_col: str) -> list[Any]:
    known = {*data[y_col].unique().tolist(), *data[pre_col].unique().tolist()}
    if len(known) > MAX_CLASSES:
        raise OperatorError(
            f"columns '{y_col}' and '{pre_col}' hold {len(known):,} different values; the limit is {MAX_CLASSES}",
            "use eval_regression for quantities",
        )
    try:
        return sorted(known)
    except TypeError:
        raise OperatorError(
            f"column '{y_col}' holds {data[y_col].dtype} but '{pre_col}' holds {data[pre_col].dtype}",
            "compare labels of one type",
        ) from None


def _classes(labels: list[Any], matrix: np.ndarray) -> list[dict[str, Any]]:
    entries = []
    for position, label in enumerate(labels):
        tp = int(matrix[position, position])
        support, predicted = int(matrix[position].sum()), int(matrix[:, position].sum())
        entries.append(
            {
                "label": label,
                "precision": tp / predicted if predicted else 0.0,
                "recall": tp / support if support else 0.0,
                "f1": 2 * tp / (support + predicted) if support + predicted else 0.0,
                "support": support,
                "predicted": predicted,
            }
        )
    return entries


def _metrics(classes: list[dict[str, Any]], matrix: np.ndarray) -> dict[str, Any]:
    import numpy as np

    rows = int(matrix.sum())
    support = np.array([entry["support"] for entry in classes])
    metrics: dict[str, Any] = {"accuracy": float(np.trace(matrix) / rows)}
    for name in ("precision", "recall", "f1"):
        values = np.array([entry[name] for entry in classes])
        metrics[f"{name}_macro"] = float(values.mean())
        metrics[f"{name}_weighted"] = float(np.average(values, weights=support))
    chance = float((matrix.sum(axis=1) / rows) @ (matrix.sum(axis=0) / rows))
    metrics["kappa"] = (metrics["accuracy"] - chance) / (1 - chance) if chance < 1 else None
    return metrics


def _probabilities(data: pd.DataFrame, labels: list[Any]) -> np.ndarray | None:
    import numpy as np

    names = [f"{SCORE}_{label}" for label in labels]
    if any(name not in data.columns or data[name].dtype.kind not in "fiu" for name in names):
        return None
    values: np.ndarray = data[names].to_numpy(dtype=np.float64)
    return values if np.isfinite(values).all() and (values >= 0).all() and (values <= 1).all() else None


def _probability_figures(
    truth: np.ndarray, probabilities: np.ndarray | None, support: list[int]
) -> dict[str, float | None]:
    import numpy as np

    if probabilities is None:
        return {"log_loss": None, "auc_macro": None}
    sure = np.finfo(np.float64).eps
    own = np.clip(probabilities[np.arange(len(truth)), truth], sure, 1 - sure)
    both = all(0 < count < len(truth) for count in support)
    areas = [rank(truth == k, probabilities[:, k]).auc for k in range(len(support))] if both else []
    return {"log_loss": float(-np.log(own).mean()), "auc_macro": float(np.mean(areas)) if areas else None}


def _findings(classes: list[dict[str, Any]], matrix: np.ndarray, rows: int) -> list[dict[str, Any]]:
    found = []
    for entry in classes:
        label, support, predicted = entry["label"], entry["support"], entry["predicted"]
        if support == 0:
            found.append(say.label_missing(label, rows))
        elif predicted < say.ONE_CLASS_SHARE * support:
            found.append(say.one_class(label, support / rows, predicted / rows, None))
        elif support < say.FEW_ROWS:
            found.append(say.few_rows(label, support))
    if matrix.trace() == rows and rows >= say.FEW_ROWS:
        found.append(say.perfect_labels())
    return sorted(found, key=lambda entry: entry["severity"] == "info")
