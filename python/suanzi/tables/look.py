"""What is in a file: its columns with types and examples, before anything is imported."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from suanzi.tables.source import Source
from suanzi.tables.types import type_name

EXAMPLES = 5
LOOK_ROWS = 1_000
"""Rows that examples are taken from."""
MAX_EXAMPLE_CHARS = 80


def look(source: Source) -> dict[str, Any]:
    """Columns with names, types, whether the sample has nulls, and up to five different values as text."""
    columns = []
    for position, field in enumerate(source.schema):
        column = source.sample.column(position) if position < source.sample.num_columns else None
        columns.append(
            {
                "name": field.name,
                "type": type_name(field.type),
                "nullable": column is None or column.null_count > 0,
                "examples": [] if column is None else examples(column.slice(0, LOOK_ROWS)),
            }
        )
    return {
        "columns": columns,
        "rows_sampled": source.sample.num_rows,
        "whole": source.whole,
        "warnings": source.warnings,
    }


def examples(column: pa.ChunkedArray) -> list[str]:
    """Different values in the order they come, as text."""
    found: dict[str, None] = {}
    for value in column.to_pylist():
        if value is None or len(found) >= EXAMPLES:
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str).strip('"')
        found[text if len(text) <= MAX_EXAMPLE_CHARS else text[:MAX_EXAMPLE_CHARS] + "…"] = None
    return list(found)
