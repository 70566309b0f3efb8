"""Parameters that several sources share, declared once."""

from __future__ import annotations

from typing import Annotated

from suanzi.sdk import Columns, Param, PathName

FilePath = Annotated[
    PathName, Param(label_en="File", label_zh="文件", help_en="The file to read.", help_zh="要读取的文件。")
]
SomeColumns = Annotated[
    Columns | None,
    Param(label_en="Columns", label_zh="列", help_en="Empty means all columns.", help_zh="留空读取全部列。"),
]
