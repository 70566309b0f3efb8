"""`write_table`: a table into a CSV or Parquet file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from suanzi.sdk import ArrowTable, Metrics, OperatorError, Param, Port, operator

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}


@operator(
    name_en="Write Data",
    name_zh="写数据表",
    category="other",
    doc_en="Writes the table to a CSV or Parquet file. The file appears complete or not at all.",
    doc_zh="将表写入 CSV 或 Parquet 文件；文件要么完整出现，要么不出现。",
    side_effects=True,
)
def write_table(
    data: ArrowTable,
    *,
    path: Annotated[
        str,
        Param(label_en="File", label_zh="文件", help_en="Where to write, absolute.", help_zh="写入位置（绝对路径）。"),
    ],
    format: Annotated[
        Literal["auto", "csv", "parquet"],
        Param(label_en="Format", label_zh="格式", help_en="auto: by the ending.", help_zh="auto：按扩展名判断。"),
    ] = "auto",
    if_exists: Annotated[
        Literal["replace", "refuse"],
        Param(
            label_en="If it exists",
            label_zh="已存在时",
            help_en="Replace the file, or refuse.",
            help_zh="覆盖，或拒绝写入。",
        ),
    ] = "replace",
) -> Annotated[Metrics, Port(help_en="What was written: path, format, rows, columns, bytes.", help_zh="写入的内容。")]:
    target = Path(path)
    if not target.is_absolute():
        raise OperatorError(f"'{path}' is not an absolute path", "write it from the root, such as /data/out.parquet")
    kind = ENDINGS.get(target.suffix.lower()) if format == "auto" else format
    if kind is None:
        raise OperatorError(f"the ending of '{target.name}' says no format", "name it .csv or .parquet, or set format")
    if target.is_dir() or not target.parent.is_dir():
        raise OperatorError(
            f"'{path}' can't be written: {target if target.is_dir() else target.parent} is "
            f"{'a folder' if target.is_dir() else 'no folder'}",
            "create the folder first, and name a file in it",
        )
    if if_exists == "refuse" and target.exists():
        raise OperatorError(f"'{path}' exists already", "choose another name, or set if_exists to 'replace'")
    try:
        size = _write(data, target, kind)
    except OSError as error:
        raise OperatorError(f"'{path}' can't be written: {error}", "check rights and free space") from None
    return {"path": path, "format": kind, "rows": data.num_rows, "columns": data.num_columns, "bytes": size}


def _write(data: pa.Table, target: Path, kind: str) -> int:
    """Writes beside the target, then renames; size in bytes."""
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            if kind == "parquet":
                from pyarrow import parquet

                parquet.write_table(data, file)
            else:
                from pyarrow import csv

                delimiter = "\t" if target.suffix.lower() == ".tsv" else ","
                csv.write_csv(data, file, csv.WriteOptions(delimiter=delimiter, quoting_style="needed"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        size = os.path.getsize(draft)
        os.replace(draft, target)
        return size
    except BaseException:
        os.unlink(draft)
        raise
