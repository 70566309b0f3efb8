"""JSON lines: one object per line. Nested objects become columns `outer.inner`, lists texts, as `read_json` does."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import BLOCK_BYTES, Source, check_names
from suanzi.tables.types import chosen, type_name

CHUNK_BYTES = 8 << 20
"""Lines that become one batch."""
MAX_BAD_LINE_CHARS = 120

Rows = list[tuple[int, dict[str, Any]]]
"""Line numbers and what the lines hold, flat."""


def open_lines(path: Path, columns: list[dict[str, str]] | None) -> Source:
    """Types come from the first lines. A field that comes later must be among `columns`."""
    chunks = _chunks(path, BLOCK_BYTES)
    first = next(chunks, [])
    whole = next(chunks, None) is None
    names = list(dict.fromkeys(name for _, row in first for name in row))
    known = {name: _inferred([row.get(name) for _, row in first], whole) for name in names}
    types = chosen(columns, known)
    names += [name for name in types if name not in known]
    check_names(names)
    schema = pa.schema([(name, types.get(name) or known[name]) for name in names])
    sample = pa.Table.from_batches([_batch(first, pa.schema([(n, known[n]) for n in known]))])
    return Source(schema, sample, _rows(path, schema), whole)


def _rows(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in _chunks(path, CHUNK_BYTES):
        yield _batch(rows, schema)


def _chunks(path: Path, bytes_: int) -> Iterator[Rows]:
    rows: Rows = []
    size = number = 0
    with path.open("rb") as file:
        while line := file.readline(BLOCK_BYTES + 1):
            number += 1
            if len(line) > BLOCK_BYTES:
                raise RefusalError(f"line {number:,} is longer than {BLOCK_BYTES >> 20} MiB", "split it")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            rows.append((number, _flat(_object(line, number))))
            size += len(line)
            if size >= bytes_:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        text = line[:MAX_BAD_LINE_CHARS].decode(errors="replace").rstrip()
        raise RefusalError(f"line {number:,} is not JSON ({error}): {text}", "mend the line") from None
    if not isinstance(value, dict):
        raise RefusalError(f"line {number:,} is not an object", 'write each line as {"column": value}')
    return value


def _flat(row: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and value and depth < 8:
            flat.update(_flat(value, f"{before}{key}.", depth + 1))
        else:
            flat[f"{before}{key}"] = _text(value) if isinstance(value, list | dict) else value
    return flat


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _inferred(values: list[Any], whole: bool) -> pa.DataType:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.float64() if whole else pa.string()
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pa.int64()
    return pa.float64() if kinds <= {int, float} else pa.string()


def _batch(rows: Rows, schema: pa.Schema) -> pa.RecordBatch:
    known = set(schema.names)
    for number, row in rows:
        if len(row) > len(known) or not row.keys() <= known:
            late = next(name for name in row if name not in known)
            raise RefusalError(
                f"line {number:,}: the field '{late}' isn't in the first lines, so its type isn't known",
                f"add a column '{late}' with its type",
            )
    return pa.RecordBatch.from_arrays([_array(rows, field) for field in schema], schema=schema)


def _array(rows: Rows, field: pa.Field) -> pa.Array:
    values = [row.get(field.name) for _, row in rows]
    try:
        return _converted(values, field.type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        for (number, _), value in zip(rows, values, strict=True):
            try:
                _converted([value], field.type)
            except (pa.ArrowException, ValueError, TypeError, OverflowError):
                raise RefusalError(
                    f"column '{field.name}', line {number:,}: {_text(value)[:100]} is no {type_name(field.type)}",
                    "choose another type for this column ('string' takes everything), or mend the file",
                ) from None
        raise


def _converted(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_string(type_):
        return pa.array([v if v is None else _text(v) for v in values], type_)
    if any(isinstance(v, str) for v in values):
        # Times, and numbers that were written as text.
        return pa.array([v if v is None else _text(v) for v in values], pa.string()).cast(type_)
    if pa.types.is_floating(type_):
        if any(isinstance(v, bool) for v in values):
            raise TypeError("a truth value is no number")
        return pa.array([v if v is None or math.isfinite(v) else None for v in map(_float, values)], type_)
    if pa.types.is_integer(type_) and any(isinstance(v, bool) for v in values):
        raise TypeError("a truth value is no number")
    return pa.array(values, type_)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
