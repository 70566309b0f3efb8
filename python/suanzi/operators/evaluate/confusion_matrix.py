"""`confusion_matrix`: which labels are taken for which."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.operators.evaluate.eval_multiclass import evaluate
from suanzi.operators.evaluate.parameters import PredictedColumn, TrueColumn
from suanzi.operators.predict.scoring import RESULT
from suanzi.operators.reporting import chart, report, section
from suanzi.sdk import Param, Report, Table, operator


@operator(
    name_en="Confusion Matrix",
    name_zh="混淆矩阵",
    category="evaluate",
    doc_en="Counts each pair of true and predicted label (scikit-learn's confusion_matrix), as rows or as shares.",
    doc_zh="统计真实标签与预测标签的组合（scikit-learn 的 confusion_matrix），给出行数或占比。",
)
def confusion_matrix(
    data: Table,
    *,
    y_col: TrueColumn,
    pre_col: PredictedColumn = RESULT,
    normalize: Annotated[
        Literal["none", "true", "predicted", "all"],
        Param(label_en="Shares", label_zh="归一化", help_en="Of what.", help_zh="按真实、按预测或按全部。"),
    ] = "none",
) -> Report:
    import numpy as np

    result = evaluate(data, y_col, pre_col)
    labels = [str(label) for label in result["confusion_matrix"]["labels"]]
    counts = np.array(result["confusion_matrix"]["counts"])
    totals = {
        "true": counts.sum(axis=1, keepdims=True),
        "predicted": counts.sum(axis=0, keepdims=True),
        "all": counts.sum(),
    }
    values = counts if normalize == "none" else counts / np.maximum(totals[normalize], 1)
    rows = [[label, *row] for label, row in zip(labels, values.tolist(), strict=True)]
    classes = [[entry[key] for key in ("label", "precision", "recall", "f1", "support")] for entry in result["classes"]]
    sections = [
        section("Confusion matrix (rows: true)", "混淆矩阵（行为真实值）", ["", *labels], rows),
        section("Classes", "各类别", ["label", "precision", "recall", "f1", "rows"], classes),
    ]
    drawn = chart("heatmap", "Confusion matrix", "混淆矩阵", rows=labels, columns=labels, values=values.tolist())
    return report("Confusion matrix", "混淆矩阵", sections, [drawn], result["findings"])
