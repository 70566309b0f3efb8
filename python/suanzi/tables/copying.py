"""Writes a table as an Arrow file (imports, previews) or to a stream as CSV, Parquet or JSON lines (downloads)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv, parquet

from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import Source
from suanzi.tables.types import type_name


def write_arrow(source: Source, out: Path) -> dict[str, Any]:
    """Writes and syncs the file `out`; the caller renames it. Gives rows, bytes and columns."""
    rows = 0
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, source.schema) as writer:
        for batch in source.rest:
            writer.write_batch(batch)
            rows += batch.num_rows
    with out.open("rb") as file:
        os.fsync(file.fileno())
    columns = [{"name": field.name, "type": type_name(field.type)} for field in source.schema]
    return {"rows": rows, "bytes": out.stat().st_size, "columns": columns, "warnings": source.warnings}


def write_stream(source: Source, format_: str, to: BinaryIO) -> None:
    """Writes to a stream that can't seek, batch by batch."""
    if format_ == "csv":
        _csv(source, to)
    elif format_ == "parquet":
        with parquet.ParquetWriter(pa.PythonFile(to, "w"), source.schema) as writer:
            for batch in source.rest:
                writer.write_batch(batch)
    elif format_ == "jsonl":
        for batch in source.rest:
            for row in batch.to_pylist():
                to.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")
    else:
        raise RefusalError(f"the format '{format_}' can't be written", "give csv, parquet or jsonl")
    to.flush()


def _csv(source: Source, to: BinaryIO) -> None:
    """What CSV has no form for (lists, structs, bytes) is written as JSON text."""
    flat = pa.schema([pa.field(f.name, f.type if _plain(f.type) else pa.string()) for f in source.schema])
    with csv.CSVWriter(pa.PythonFile(to, "w"), flat) as writer:
        for batch in source.rest:
            arrays = [_as_text(c, f) for c, f in zip(batch.columns, flat, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=flat))


def _as_text(column: pa.Array, field: pa.Field) -> pa.Array:
    if column.type == field.type:
        return column
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type).cast(pa.string())
    return pa.array([None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()])


def _plain(type_: pa.DataType) -> bool:
    return not (
        pa.types.is_nested(type_)
        or pa.types.is_dictionary(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_fixed_size_binary(type_)
    )
