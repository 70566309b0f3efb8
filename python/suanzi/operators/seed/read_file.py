"""`algo_local_read_file`: the table of a registered data set."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.source.files import read_any
from suanzi.sdk import ArrowTable, Dataset, Param, current, operator


@operator(
    name_en="Read File",
    name_zh="读文件",
    category="source",
    doc_en="Reads a registered data set: an import, or a CSV, TSV, Parquet or JSON lines file, told by its "
    "name's ending.",
    doc_zh="读取已登记的数据集：导入的表，或按扩展名识别的 CSV、TSV、Parquet、JSON Lines 文件。",
    unknown_params="ignore",
)
def algo_local_read_file(
    *,
    data_id: Annotated[
        Dataset,
        Param(
            label_en="Data set",
            label_zh="数据集",
            help_en="Id of a registered data set.",
            help_zh="已登记的数据集编号。",
        ),
    ],
) -> ArrowTable:
    return read_any(current().file("data_id"))
