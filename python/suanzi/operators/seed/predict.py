"""`algo_local_model_predict`: applies a model to a table."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.predict.scoring import check_columns, score
from suanzi.operators.train.parameters import Ignored
from suanzi.sdk import Columns, Model, Param, Port, Table, operator


@operator(
    name_en="Predict (2018)",
    name_zh="模型预测",
    category="predict",
    doc_en="Adds predict_result (the label) and predict_score (the positive label's probability) to the table. "
    "A model connected to the data port stands for the table it was trained on.",
    doc_zh="为表增加 predict_result（预测标签）和 predict_score（正例概率）。接到数据端口的模型代表训练它所用的表。",
    unknown_params="ignore",
    partition="map",
)
def algo_local_model_predict(
    data: Annotated[Table, Port(model_stands_for_table=True, help_en="The rows to score.", help_zh="待预测的数据。")],
    model: Annotated[Model, Port(help_en="A trained model.", help_zh="已训练的模型。")],
    *,
    x_cols: Annotated[
        Columns | None,
        Param(
            label_en="Features",
            label_zh="特征列",
            help_en="The model's columns; empty means those it was trained on.",
            help_zh="模型使用的列；留空则用训练时的列。",
        ),
    ] = None,
    senior: Ignored = None,
) -> Table:
    check_columns(data, x_cols)
    return score(model, data, columns=x_cols)
