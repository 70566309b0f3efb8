"""Parquet: types are in the file; chosen ones are converted to, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import BATCH_ROWS, Source, check_names
from suanzi.tables.types import chosen, require_known, type_name

SAMPLE_ROWS = 1_000


def open_parquet(path: Path, columns: list[dict[str, str]] | None) -> Source:
    """Opens the file; a chosen type is converted to as far as no value is lost."""
    try:
        file = parquet.ParquetFile(path)
        known = file.schema_arrow
        check_names(known.names)
        types = chosen(columns, dict(zip(known.names, known.types, strict=True)))
        require_known(types, known.names)
        first = next(file.iter_batches(SAMPLE_ROWS, use_threads=False), None)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error) from None
    sample = known.empty_table() if first is None else pa.Table.from_batches([first])
    schema = pa.schema([pa.field(f.name, types.get(f.name, f.type)) for f in known])
    return Source(schema, sample, _rows(file, schema), whole=file.metadata.num_rows <= SAMPLE_ROWS)


def _rows(file: parquet.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    done = 0
    try:
        for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
            yield _converted(batch, schema, done)
            done += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error) from None


def _converted(batch: pa.RecordBatch, schema: pa.Schema, done: int) -> pa.RecordBatch:
    arrays = []
    for column, field in zip(batch.columns, schema, strict=True):
        try:
            arrays.append(column if column.type == field.type else column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise RefusalError(
                f"column '{field.name}', rows {done + 1:,} to {done + batch.num_rows:,}: {str(error).splitlines()[0]}",
                f"keep its type {type_name(column.type)}, or choose one that holds all its values",
            ) from None
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _unreadable(error: Exception) -> RefusalError:
    return RefusalError(f"the file is not readable Parquet: {str(error).splitlines()[0]}", "check how it was written")
