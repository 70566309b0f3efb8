"""`eval_binary`: judges a classifier of two classes."""

from __future__ import annotations

from suanzi.operators.evaluate.binary import evaluate
from suanzi.operators.evaluate.parameters import Evaluation, PredictedColumn, ScoreColumn, TrueColumn, present
from suanzi.operators.evaluate.report import report
from suanzi.operators.predict.scoring import RESULT, SCORE
from suanzi.operators.train.parameters import PositiveLabel
from suanzi.sdk import Table, operator


@operator(
    name_en="Binary Classification Evaluation",
    name_zh="二分类评估",
    category="evaluate",
    doc_en="AUC, KS, F1 and more; ROC, PR, KS, gain, lift and calibration curves; thresholds; findings in words.",
    doc_zh="AUC、KS、F1 等指标，ROC、PR、KS、增益、提升和校准曲线，阈值表，以及文字结论。",
)
def eval_binary(
    data: Table,
    *,
    y_col: TrueColumn,
    pre_col: PredictedColumn = RESULT,
    score_col: ScoreColumn = SCORE,
    pre_value: PositiveLabel = None,
) -> Evaluation:
    score = present(score_col, data)
    result = evaluate(data, y_col=y_col, pre_col=pre_col, score_col=score, pre_value=pre_value)
    return Evaluation(result, report(result, "Binary classification", "二分类评估"))
