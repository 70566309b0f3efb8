"""`sort`: rows in order."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.operators.preprocess.parameters import ByColumns
from suanzi.sdk import OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns


@operator(
    name_en="Sort",
    name_zh="排序",
    category="preprocess",
    doc_en="Sorts rows by columns; rows that are equal keep their order (pandas sort_values, stable).",
    doc_zh="按列排序；相等的行保持原有顺序（pandas sort_values，稳定排序）。",
)
def sort(
    data: Table,
    *,
    by: ByColumns,
    ascending: Annotated[
        bool, Param(label_en="Ascending", label_zh="升序", help_en="Smallest first.", help_zh="从小到大。")
    ] = True,
    descending_columns: Annotated[
        list[str] | None,
        Param(
            advanced=True,
            label_en="Except",
            label_zh="反向列",
            help_en="Of these columns, those that go the other way.",
            help_zh="其中按相反方向排序的列。",
        ),
    ] = None,
    missing: Annotated[
        Literal["last", "first"],
        Param(
            advanced=True,
            label_en="Missing values",
            label_zh="缺失值位置",
            help_en="Where they go.",
            help_zh="缺失值的位置。",
        ),
    ] = "last",
) -> Table:
    require_columns(data, by, "by names it")
    others = set(descending_columns or [])
    odd = sorted(others - set(by))
    if odd:
        raise OperatorError(f"descending_columns names '{odd[0]}', which is not in by", "add it to by, or remove it")
    ways = [ascending != (name in others) for name in by]
    try:
        return data.sort_values(by, ascending=ways, na_position=missing, kind="stable", ignore_index=True)
    except TypeError:
        raise OperatorError(f"the values of {by} are of types that have no order", "put type_cast before it") from None
