"""Parameters that several preprocessing operators share, declared once."""

from __future__ import annotations

from typing import Annotated

from suanzi.sdk import Column, Columns, Param

ByColumns = Annotated[
    Columns, Param(label_en="By", label_zh="依据列", help_en="Columns to go by.", help_zh="作为依据的列。")
]
NewColumn = Annotated[str, Param(label_en="New column", label_zh="新列名", help_en="Its name.", help_zh="新列的名称。")]
OrderColumn = Annotated[
    Column | None,
    Param(
        label_en="In the order of",
        label_zh="排序列",
        help_en="Empty means the table's own order.",
        help_zh="留空使用表中原有顺序。",
    ),
]
