"""`batch_predict`: a registered model on a table of any length, part by part."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.operators.deploy.stored_model import load_model
from suanzi.operators.predict.scoring import score
from suanzi.sdk import Columns, ModelRef, Param, Table, current, operator
from suanzi.sdk.columns import require_columns, require_rows


@operator(
    name_en="Batch Prediction Job",
    name_zh="离线批量预测",
    category="deploy",
    doc_en="Scores a table by a registered model version, part by part, with the columns that predict adds. The result "
    "equals that of predict; memory stays that of one part.",
    doc_zh="用已注册的模型版本分批为数据表评分，新增列与预测组件相同。结果与预测组件一致，内存只占一批的用量。",
    partition="map",
)
def batch_predict(
    model_ref: ModelRef,
    data: Table,
    *,
    keep: Annotated[
        Columns | None,
        Param(
            label_en="Keep",
            label_zh="保留列",
            help_en="Columns to keep beside the scores, such as an id; empty means all.",
            help_zh="除评分外保留的列（如编号）；留空保留全部。",
        ),
    ] = None,
    batch_rows: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="Rows per part",
            label_zh="每批行数",
            help_en="Scored at a time.",
            help_zh="每次评分的行数。",
        ),
    ] = 100_000,
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
    import pandas as pd

    require_rows(data)
    if keep is not None:
        require_columns(data, keep, "the parameter keep names it")
    model = load_model(model_ref)
    parts = []
    for start in range(0, len(data), batch_rows):
        part = score(model, data.iloc[start : start + batch_rows], positive=pre_value)
        added = [name for name in part.columns if name not in data.columns or name.startswith("predict_")]
        parts.append(part if keep is None else part[[*keep, *(name for name in added if name not in keep)]])
        current().progress((start + len(part)) / len(data), f"{start + len(part):,} of {len(data):,} rows")
    return pd.concat(parts, ignore_index=True)
