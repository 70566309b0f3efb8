"""`select_columns`: keeps or drops columns."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.sdk import ArrowTable, Columns, OperatorError, Param, operator
from suanzi.sdk.columns import require_columns


@operator(
    name_en="Select Columns",
    name_zh="选择列",
    category="preprocess",
    doc_en="Keeps the named columns, in the order given, or drops them.",
    doc_zh="按给定顺序保留指定的列，或删除它们。",
    partition="map",
)
def select_columns(
    data: ArrowTable,
    *,
    columns: Annotated[Columns, Param(label_en="Columns", label_zh="列", help_en="Names.", help_zh="列名。")],
    mode: Annotated[
        Literal["keep", "drop"],
        Param(label_en="What to do", label_zh="方式", help_en="Keep or drop them.", help_zh="保留或删除。"),
    ] = "keep",
) -> ArrowTable:
    require_columns(data, columns, "the parameter columns names it")
    if len(set(columns)) != len(columns):
        raise OperatorError("a column is named twice in columns", "name each column once")
    if mode == "keep":
        return data.select(columns)
    left = [name for name in data.column_names if name not in set(columns)]
    if not left:
        raise OperatorError("no column would be left", "drop fewer columns")
    return data.select(left)
