"""What the evaluating operators share: their outputs and the columns they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from suanzi.operators.predict.scoring import SCORE
from suanzi.sdk import Column, Metrics, Param, Report

if TYPE_CHECKING:
    import pandas as pd


class Evaluation(NamedTuple):
    """Figures for charts, and something to read."""

    metrics: Metrics
    report: Report


TrueColumn = Annotated[
    Column, Param(label_en="Label", label_zh="标签列", help_en="The true values.", help_zh="真实值所在的列。")
]
PredictedColumn = Annotated[
    Column,
    Param(label_en="Prediction", label_zh="预测列", help_en="The predicted values.", help_zh="预测值所在的列。"),
]
ScoreColumn = Annotated[
    Column | None,
    Param(
        label_en="Score",
        label_zh="得分列",
        help_en="The positive label's probability; empty if there is none.",
        help_zh="正例概率所在的列；没有则留空。",
    ),
]


def present(score_col: str | None, data: pd.DataFrame) -> str | None:
    """The score column, or none where the default one is not there."""
    return None if score_col == SCORE and SCORE not in data.columns else score_col
