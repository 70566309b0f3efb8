"""`predict`: applies a model to a table."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.operators.predict.scoring import score
from suanzi.sdk import Columns, Model, Param, Table, operator


@operator(
    name_en="Predict / Score",
    name_zh="预测",
    category="predict",
    doc_en="Adds predict_result and, for classifiers, predict_score: the positive label's probability of two, "
    "the predicted label's of more (each label's then in predict_score_<label>).",
    doc_zh="增加 predict_result；分类模型另加 predict_score：二分类为正例概率，多分类为预测类别的概率"
    "（各类别概率见 predict_score_<标签>）。",
    partition="map",
)
def predict(
    model: Model,
    data: Table,
    *,
    x_cols: Annotated[
        Columns | None,
        Param(
            advanced=True,
            label_en="Features",
            label_zh="特征列",
            help_en="Only for models that don't know their columns.",
            help_zh="仅用于没有记录训练列的模型。",
        ),
    ] = None,
    pre_value: Annotated[
        Any,
        Param(
            advanced=True,
            label_en="Positive label",
            label_zh="正例值",
            help_en="Empty means the one chosen in training.",
            help_zh="留空则用训练时的正例值。",
        ),
    ] = None,
) -> Table:
    return score(model, data, columns=x_cols, positive=pre_value)
