"""`append_columns`: tables side by side, row by row."""

from __future__ import annotations

from typing import Annotated

from suanzi.sdk import ArrowTable, OperatorError, Param, operator
from suanzi.sdk.columns import require_columns
from suanzi.sdk.names import listed


@operator(
    name_en="Merge Columns",
    name_zh="合并列",
    category="preprocess",
    doc_en="Puts two tables of equally many rows side by side, first row by first row.",
    doc_zh="将行数相同的两张表按行横向拼接。",
    role="join",
)
def append_columns(
    left: ArrowTable,
    right: ArrowTable,
    *,
    suffix: Annotated[
        str,
        Param(
            label_en="Suffix",
            label_zh="后缀",
            help_en="For columns of the right whose name the left has too; empty refuses them.",
            help_zh="右表与左表同名列的后缀；留空则拒绝。",
        ),
    ] = "",
) -> ArrowTable:
    for table in (left, right):
        require_columns(table, table.column_names)
    if left.num_rows != right.num_rows:
        raise OperatorError(
            f"the left table has {left.num_rows:,} rows, the right {right.num_rows:,}",
            "use join to match rows by a key, or filter both alike",
        )
    taken = set(left.column_names)
    names = [f"{name}{suffix}" if name in taken else name for name in right.column_names]
    clash = [name for name in names if name in taken or names.count(name) > 1]
    if clash:
        raise OperatorError(f"both tables have columns called {listed(clash)}", "rename them, or set a suffix")
    joined = left
    for name, column in zip(names, right.columns, strict=True):
        joined = joined.append_column(name, column)
    return joined
