"""`drop_duplicates`: each row once."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.sdk import Columns, Param, Table, current, operator
from suanzi.sdk.columns import require_columns


@operator(
    name_en="Remove Duplicate Rows",
    name_zh="去重",
    category="preprocess",
    doc_en="Keeps one of the rows that are equal in the named columns (pandas drop_duplicates).",
    doc_zh="在指定列取值相同的行中只保留一行（pandas drop_duplicates）。",
    role="deduplicate",
)
def drop_duplicates(
    data: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(label_en="Columns", label_zh="列", help_en="To compare; empty: all.", help_zh="用于比较；留空为全部。"),
    ] = None,
    keep: Annotated[
        Literal["first", "last", "none"],
        Param(label_en="Keep", label_zh="保留", help_en="Which of them; none: drop all.", help_zh="保留哪一行。"),
    ] = "first",
) -> Table:
    if columns is not None:
        require_columns(data, columns, "the parameter columns names it")
    kept = data[~data.duplicated(subset=columns, keep=False if keep == "none" else keep)]
    current().note(f"{len(data) - len(kept):,} of {len(data):,} rows dropped")
    return kept.reset_index(drop=True)
