"""`append_id`: numbers the rows."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.preprocess.parameters import NewColumn
from suanzi.sdk import ArrowTable, OperatorError, Param, operator


@operator(
    name_en="Append ID Column",
    name_zh="增加序号列",
    category="preprocess",
    doc_en="Adds a first column that numbers the rows.",
    doc_zh="在最前面增加一列行序号。",
    role="row_id",
)
def append_id(
    data: ArrowTable,
    *,
    name: NewColumn = "id",
    start: Annotated[
        int, Param(label_en="First", label_zh="起始值", help_en="The first number.", help_zh="第一个序号。")
    ] = 0,
) -> ArrowTable:
    import numpy as np
    import pyarrow as pa

    if not name or name in data.column_names:
        raise OperatorError(f"the table has a column '{name}' already", "choose another name")
    return data.add_column(0, name, pa.array(np.arange(start, start + data.num_rows, dtype=np.int64)))
