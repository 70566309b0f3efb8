"""`manual_data`: a small table typed into the DAG."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from suanzi.operators.source.files import rows_table
from suanzi.sdk import ArrowTable, OperatorError, Param, operator

MAX_ROWS = 100_000


@operator(
    name_en="Enter Data Manually",
    name_zh="手动输入数据",
    category="source",
    doc_en="A small table written in the DAG: as CSV text with a header, or as a list of rows (maps).",
    doc_zh="直接写在 DAG 中的小表：带表头的 CSV 文本，或行（映射）的列表。",
)
def manual_data(
    *,
    text: Annotated[
        str | None,
        Param(
            label_en="CSV text",
            label_zh="CSV 文本",
            help_en="First line: names of the columns.",
            help_zh="首行为列名。",
        ),
    ] = None,
    rows: Annotated[
        list[dict[str, Any]] | None,
        Param(
            label_en="Rows",
            label_zh="行",
            help_en="Maps from column to value.",
            help_zh="列名到取值的映射。",
        ),
    ] = None,
) -> ArrowTable:
    if (text is None) == (rows is None):
        raise OperatorError("give either 'text' or 'rows'", "remove one of them, or fill one in")
    if rows is not None:
        if len(rows) > MAX_ROWS:
            raise OperatorError(f"rows has {len(rows):,} items; the limit is {MAX_ROWS:,}", "read a file instead")
        return rows_table(rows, "rows")
    return rows_table(_parsed(text or ""), "text")


def _parsed(text: str) -> list[dict[str, Any]]:
    lines = [line for line in csv.reader(io.StringIO(text.strip("\n")), skipinitialspace=True) if line]
    if not lines:
        raise OperatorError("the text is empty", "write a header and rows, such as `a,b` and `1,x`")
    header, body = [name.strip() for name in lines[0]], lines[1:]
    if len(set(header)) < len(header) or "" in header:
        raise OperatorError(f"the header is {lines[0]}", "give each column its own name")
    if not body:
        raise OperatorError("the text has a header but no rows", "write a line of values below it")
    for number, line in enumerate(body, 2):
        if len(line) != len(header):
            raise OperatorError(
                f"line {number} has {len(line)} fields where the header has {len(header)}", "mend the line"
            )
    columns = [_typed([line[position].strip() for line in body]) for position in range(len(header))]
    return [dict(zip(header, row, strict=True)) for row in zip(*columns, strict=True)]


def _typed(texts: list[str]) -> list[Any]:
    """Integers, else numbers, else true and false, else texts; nothing is a missing value."""
    present = [text for text in texts if text]
    if present and {text.lower() for text in present} <= {"true", "false"}:
        return [text.lower() == "true" if text else None for text in texts]
    for convert in (int, float):
        try:
            return [convert(text) if text else None for text in texts]
        except ValueError:
            continue
    return [text or None for text in texts]
