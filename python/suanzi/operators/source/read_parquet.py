"""`read_parquet`: the table in a Parquet file."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.source.files import read_parquet_file
from suanzi.sdk import ArrowTable, Columns, Param, PathName, current, operator


@operator(
    name_en="Read Parquet",
    name_zh="读Parquet文件",
    category="source",
    doc_en="Reads a Parquet file, or some columns of it.",
    doc_zh="读取 Parquet 文件，或其中的部分列。",
)
def read_parquet(
    *,
    path: Annotated[
        PathName, Param(label_en="File", label_zh="文件", help_en="The file to read.", help_zh="要读取的文件。")
    ],
    columns: Annotated[
        Columns | None,
        Param(label_en="Columns", label_zh="列", help_en="Empty means all columns.", help_zh="留空读取全部列。"),
    ] = None,
) -> ArrowTable:
    return read_parquet_file(current().file("path", path), columns)
