"""`read_json`: the table in a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from suanzi.operators.source.files import require_file, rows_table
from suanzi.operators.source.parameters import FilePath
from suanzi.sdk import ArrowTable, OperatorError, Param, current, operator

MAX_BAD_LINE_CHARS = 120


@operator(
    name_en="Read JSON",
    name_zh="读JSON文件",
    category="source",
    doc_en="Reads rows from JSON: a list of objects, a map from column to values, or one object per line. "
    "Nested objects become columns `outer.inner`; lists and mixed values become texts.",
    doc_zh="读取 JSON 中的行：对象列表、列名到取值的映射，或每行一个对象。"
    "嵌套对象展开为“外.内”列；列表和混合取值转为文本。",
)
def read_json(
    *,
    path: FilePath,
    layout: Annotated[
        Literal["auto", "records", "columns", "lines"],
        Param(
            label_en="Layout",
            label_zh="格式",
            help_en="List of objects, map of columns, one object per line; auto looks.",
            help_zh="对象列表、列映射、每行一个对象；auto 自动判断。",
        ),
    ] = "auto",
    records_at: Annotated[
        str | None,
        Param(
            advanced=True,
            label_en="Rows at",
            label_zh="数据位置",
            help_en="Keys that lead to the rows, such as `result.items`.",
            help_zh="通向数据行的键，例如 result.items。",
        ),
    ] = None,
    encoding: Annotated[
        str,
        Param(
            advanced=True, label_en="Encoding", label_zh="编码", help_en="utf-8 and so on.", help_zh="utf-8 等编码。"
        ),
    ] = "utf-8",
) -> ArrowTable:
    file = current().file("path", path)
    require_file(file)
    try:
        text = file.read_text(encoding=encoding).removeprefix("\ufeff")
    except (UnicodeError, LookupError) as error:
        raise OperatorError(f"{file.name} is not text in the encoding {encoding} ({error})", "set encoding") from None
    if layout == "lines" or (layout == "auto" and records_at is None and _looks_like_lines(text)):
        return rows_table(_lines(file, text), file.name)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OperatorError(f"{file.name} is not JSON: {error}", "mend the file, or set layout to 'lines'") from None
    for key in records_at.split(".") if records_at else []:
        if not isinstance(value, dict) or key not in value:
            raise OperatorError(f"{file.name} has no '{records_at}' (nothing called '{key}')", "correct records_at")
        value = value[key]
    return rows_table(_records(file, value, layout), file.name)


def _looks_like_lines(text: str) -> bool:
    """Two objects in a row that no list holds together."""
    start = text.lstrip()
    if not start.startswith("{"):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError):
        return False
    return start[end:].strip().startswith("{")


def _lines(file: Path, text: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise OperatorError(
                f"{file.name}, line {number:,} is not JSON ({error}): {line[:MAX_BAD_LINE_CHARS]}", "mend the line"
            ) from None
        if not isinstance(row, dict):
            raise OperatorError(
                f"{file.name}, line {number:,} is not an object: {line[:MAX_BAD_LINE_CHARS]}",
                'write each line as {"column": value}',
            )
        rows.append(row)
    return rows


def _records(file: Path, value: Any, layout: str) -> list[dict[str, Any]]:
    if isinstance(value, list) and layout != "columns":
        odd = next((i for i, row in enumerate(value) if not isinstance(row, dict)), None)
        if odd is not None:
            raise OperatorError(f"{file.name}: item {odd + 1:,} of the list is not an object", "give a list of objects")
        return value
    if isinstance(value, dict) and layout != "records":
        lengths = {name: len(column) for name, column in value.items() if isinstance(column, (list, dict))}
        if len(lengths) == len(value) and len(set(lengths.values())) <= 1:
            columns = {n: list(c.values()) if isinstance(c, dict) else c for n, c in value.items()}
            return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if layout == "auto" and not any(isinstance(column, list) for column in value.values()):
            return [value]
    raise OperatorError(
        f"{file.name} holds a JSON {type(value).__name__} that is no table of layout '{layout}'",
        "name the place of the rows in records_at, or choose another layout",
    )
