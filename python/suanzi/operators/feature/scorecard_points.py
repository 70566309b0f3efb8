"""`scorecard_points`: probabilities as the points of a scorecard."""

from __future__ import annotations

from typing import Annotated

from suanzi.sdk import Column, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_finite, require_numeric, with_columns

SMALLEST_PROBABILITY = 1e-9
"""Probabilities of 0 and 1 count as this far from them, so that the points stay finite."""


@operator(
    name_en="Scorecard Points",
    name_zh="评分卡分数",
    category="evaluate",
    doc_en="Turns the probability of the bad label into points: base_points at the odds base_odds (good : bad), "
    "and pdo more points for each doubling of the odds.",
    doc_zh="将违约概率换算为评分：好坏比为 base_odds 时得 base_points 分，好坏比每翻一倍增加 pdo 分。",
)
def scorecard_points(
    data: Table,
    *,
    score_col: Annotated[
        Column,
        Param(
            label_en="Probability",
            label_zh="概率列",
            help_en="Of the bad label, 0 to 1.",
            help_zh="坏样本的概率，0 到 1。",
        ),
    ] = "predict_score",
    base_points: Annotated[
        float,
        Param(label_en="Base points", label_zh="基准分", help_en="At the base odds.", help_zh="基准好坏比时的分数。"),
    ] = 600.0,
    base_odds: Annotated[
        float,
        Param(
            gt=0, label_en="Base odds", label_zh="基准好坏比", help_en="Good to bad.", help_zh="好样本与坏样本之比。"
        ),
    ] = 20.0,
    pdo: Annotated[
        float,
        Param(
            gt=0,
            label_en="PDO",
            label_zh="翻倍分值",
            help_en="Points to double the odds.",
            help_zh="好坏比翻倍的分值。",
        ),
    ] = 50.0,
    output: Annotated[
        str, Param(label_en="New column", label_zh="新列名", help_en="Holds the points.", help_zh="存放分数的列名。")
    ] = "points",
) -> Table:
    import numpy as np

    require_columns(data, [score_col], "score_col names it")
    require_numeric(data, [score_col], "connect the output of predict")
    require_finite(data, [score_col])
    bad = data[score_col].to_numpy(dtype="float64")
    outside = int(((bad < 0) | (bad > 1)).sum())
    if outside:
        raise OperatorError(
            f"column '{score_col}' holds {outside:,} values outside 0 to 1 in {len(bad):,} rows",
            "name a column of probabilities, such as predict_score",
        )
    if not output or (output in data.columns and output != score_col):
        raise OperatorError(f"the new column can't be called '{output}'", "choose a name the table doesn't have")
    bad = np.clip(bad, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    points = base_points + pdo / np.log(2) * (np.log((1 - bad) / bad) - np.log(base_odds))
    return with_columns(data, {output: points})
