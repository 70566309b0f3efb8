"""A file opened as a table: its schema, and its rows batch by batch, so that memory doesn't grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from suanzi.tables.refusal import RefusalError

BLOCK_BYTES = 32 << 20
"""What is read at a time; a row must fit."""
MAX_COLUMNS = 20_000
BATCH_ROWS = 65_536
"""Rows of a batch where the format leaves the choice."""


@dataclass
class Source:
    """`sample` holds the first rows, `rest` gives all rows (those of the sample too) with `schema`'s types."""

    schema: pa.Schema
    sample: pa.Table
    rest: Iterator[pa.RecordBatch]
    whole: bool
    """The sample is all there is."""
    warnings: list[str] = field(default_factory=list)


def open_source(path: Path, format_: str, columns: list[dict[str, str]] | None = None) -> Source:
    """Opens a file of a format (`csv`, `tsv`, `parquet`, `jsonl`, `arrow`) with the types asked for.

    Raises RefusalError where the file isn't of that format or a type can't be had.
    """
    from suanzi.tables import arrow_files, json_lines, parquet_files, text_tables

    if not path.is_file():
        raise RefusalError(f"there is no file {path.name}", "upload it again")
    if path.stat().st_size == 0:
        raise RefusalError("the file is empty", "check how it was written")
    if format_ in ("csv", "tsv"):
        return text_tables.open_text(path, "\t" if format_ == "tsv" else None, columns)
    if format_ == "parquet":
        return parquet_files.open_parquet(path, columns)
    if format_ == "jsonl":
        return json_lines.open_lines(path, columns)
    if format_ == "arrow":
        return arrow_files.open_arrow(path)
    raise RefusalError(f"the format '{format_}' is not known", "give csv, tsv, parquet or jsonl")


def check_names(names: list[str]) -> None:
    """Raises RefusalError for names that appear twice, none, or too many."""
    if not names:
        raise RefusalError("the file has no columns", "check how it was written")
    if len(names) > MAX_COLUMNS:
        raise RefusalError(f"the file has {len(names):,} columns; {MAX_COLUMNS:,} is the most", "split it")
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise RefusalError(f"the file has several columns called '{twice[0]}'", "rename them in the file")
