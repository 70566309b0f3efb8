"""`algo_local_model_2c_eval`: judges a two-class prediction."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.evaluate.binary import evaluate
from suanzi.operators.predict.scoring import RESULT, SCORE
from suanzi.operators.train.parameters import Ignored, Label, PositiveLabel
from suanzi.sdk import Column, Metrics, Param, Table, operator


@operator(
    name_en="Two-class Evaluation",
    name_zh="二分类评估",
    category="evaluate",
    doc_en="AUC, KS, F1 and more, curves, a table of thresholds, and findings in words.",
    doc_zh="AUC、KS、F1 等指标，各类曲线、阈值表，以及文字结论。",
    unknown_params="ignore",
)
def algo_local_model_2c_eval(
    data: Table,
    *,
    y_col: Label,
    pre_col: Annotated[
        Column,
        Param(label_en="Prediction", label_zh="预测列", help_en="The predicted label.", help_zh="预测标签所在的列。"),
    ] = RESULT,
    pre_value: PositiveLabel = None,
    senior: Ignored = None,
) -> Metrics:
    score_col = SCORE if SCORE in data.columns else None
    return evaluate(data, y_col=y_col, pre_col=pre_col, score_col=score_col, pre_value=pre_value)
