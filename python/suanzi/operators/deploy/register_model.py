"""`register_model`: describes a model for the registry; the engine stores the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.deploy.names import checked_name
from suanzi.operators.deploy.stored_model import stored_model
from suanzi.sdk import Metrics, Model, ModelRef, OperatorError, Param, Table, TrainedModel, model_manifest, operator

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Register Model",
    name_zh="模型注册",
    category="deploy",
    doc_en="Registers the model as a new version under a name, with its input columns and, if connected, its metrics. "
    "A connected table gives the columns' types and is checked to hold the model's features.",
    doc_zh="以指定名称登记模型的新版本，记录其输入列，若已连接也记录评估指标。连接的表用于确定列类型并核对特征列。",
    side_effects=True,
)
def register_model(
    model: Model,
    metrics: Metrics | None = None,
    data: Table | None = None,
    *,
    name: Annotated[
        str,
        Param(
            label_en="Name",
            label_zh="模型名",
            help_en="Letters, digits, `_`, `.`, `-`; at most 63 characters.",
            help_zh="字母、数字、_、.、-，最多 63 个字符。",
        ),
    ],
    description: Annotated[
        str, Param(label_en="Description", label_zh="说明", help_en="What it is for.", help_zh="模型的用途。")
    ] = "",
) -> ModelRef:
    checked_name(name, "model")
    manifest = model_manifest(model)
    return {
        "name": name,
        "description": description,
        "manifest": manifest,
        "input_schema": _input_schema(model, manifest, data),
        "metrics": (metrics or {}).get("metrics", metrics or {}),
        "artifact": stored_model("model"),
    }


def _input_schema(model: Any, manifest: dict[str, Any], data: pd.DataFrame | None) -> list[dict[str, Any]]:
    columns = manifest["columns"]
    if columns is None:
        raise OperatorError("the model does not say which columns it takes", "train it by a training operator")
    types = dict(model.column_types) if isinstance(model, TrainedModel) else {}
    if data is not None:
        from suanzi.sdk.columns import require_columns

        require_columns(data, columns, "the model was trained with it")
        types = {name: str(data[name].dtype) for name in columns}
    return [{"name": name, "type": types.get(name)} for name in columns]
