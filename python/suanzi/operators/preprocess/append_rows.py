"""`append_rows`: tables below each other."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.sdk import OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import is_numeric
from suanzi.sdk.names import listed


@operator(
    name_en="Union Rows",
    name_zh="合并行",
    category="preprocess",
    doc_en="Puts tables below each other by the names of their columns (pandas.concat).",
    doc_zh="按列名将多张表上下拼接（pandas.concat）。",
    role="append_rows",
)
def append_rows(
    tables: list[Table],
    *,
    columns: Annotated[
        Literal["same", "union", "intersection"],
        Param(
            label_en="Columns",
            label_zh="列",
            help_en="Demand the same ones, keep all (gaps are missing values), or keep those all tables have.",
            help_zh="要求相同、取并集（空缺为缺失值）或取交集。",
        ),
    ] = "same",
    drop_duplicates: Annotated[
        bool,
        Param(label_en="Distinct", label_zh="去重", help_en="Each row once.", help_zh="相同的行只保留一次。"),
    ] = False,
) -> Table:
    import pandas as pd

    first = tables[0]
    for number, table in enumerate(tables[1:], 2):
        odd = [str(name) for name in [*first.columns, *table.columns] if (name in first) != (name in table)]
        if odd and columns == "same":
            raise OperatorError(
                f"table {number} has other columns than table 1; the difference: {listed(dict.fromkeys(odd))}",
                "rename or select the columns, or set columns to 'union' or 'intersection'",
            )
        for name in first.columns:
            if name in table and len(first) and len(table) and not first[name].isna().all():
                one, other = is_numeric(first[name]), is_numeric(table[name])
                if one != other and not table[name].isna().all():
                    raise OperatorError(
                        f"column '{name}' holds {first[name].dtype} in table 1, "
                        f"but {table[name].dtype} in table {number}",
                        "put type_cast before one of them",
                    )
    filled = [table for table in tables if len(table)] or [first]
    joined = pd.concat(filled, join="inner" if columns == "intersection" else "outer", ignore_index=True)
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    if columns == "intersection":
        names = [name for name in names if all(name in table for table in tables)]
        if not names:
            raise OperatorError(
                "the tables have no column in common", "rename columns first, or set columns to 'union'"
            )
    joined = joined.reindex(columns=names)
    if drop_duplicates:
        before = len(joined)
        joined = joined.drop_duplicates(ignore_index=True)
        current().note(f"{before - len(joined):,} repeated rows dropped")
    return joined
