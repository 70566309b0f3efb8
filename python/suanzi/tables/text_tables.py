"""CSV and TSV: encoding, delimiter and header are found, types taken from the first rows or as they were chosen."""

from __future__ import annotations

import codecs
import csv as plain_csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from suanzi.tables.refusal import RefusalError
from suanzi.tables.source import BLOCK_BYTES, Source, check_names
from suanzi.tables.types import chosen, require_known, type_name

LOOK_BYTES = 1 << 20
"""What is looked at to find encoding and delimiter."""
MAX_HEADER_LINES = 100
DELIMITERS = ",;\t|"


def open_text(path: Path, delimiter: str | None, columns: list[dict[str, str]] | None) -> Source:
    """`delimiter` None: comma, semicolon, tab or bar, whichever parts the header into most columns."""
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES)
    encoding, warnings = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)().decode(start, final=False).removeprefix("\ufeff")
    if "\0" in text:
        raise RefusalError("the file holds NUL bytes, so it is no text", "give its real format by the name's ending")
    delimiter = delimiter or _delimiter(text)
    names, header_lines = _header(text, delimiter)
    for position, name in enumerate(names):
        if not name.strip():
            names[position] = _free_name(f"column_{position + 1}", names)
            warnings.append(f"column {position + 1} has no name; it is called '{names[position]}'")
    check_names(names)
    first = _first_batch(path, delimiter, encoding, names, header_lines)
    whole = path.stat().st_size <= BLOCK_BYTES
    known = {name: _inferred(first, name, whole) for name in names}
    types = chosen(columns, known)
    require_known(types, names)
    types = {**known, **types}
    schema = pa.schema([(name, types[name]) for name in names])
    sample = pa.table({n: pa.array([], known[n]) for n in names}) if first is None else pa.Table.from_batches([first])
    rows = _rows(path, delimiter, encoding, names, header_lines, schema)
    return Source(schema, sample, rows, whole, warnings)


def _encoding(start: bytes) -> tuple[str, list[str]]:
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(start, final=False)
        except UnicodeError:
            continue
        return encoding, [] if encoding == "utf-8" else [f"the file isn't UTF-8; it is read as {encoding}"]
    raise RefusalError("the file is neither UTF-8 nor GB18030 text", "save it as UTF-8 and upload it again")


def _delimiter(text: str) -> str:
    line = text.split("\n", 1)[0]
    counts = {d: len(next(plain_csv.reader([line], delimiter=d), [])) for d in DELIMITERS}
    return max(DELIMITERS, key=lambda d: counts[d])


def _header(text: str, delimiter: str) -> tuple[list[str], int]:
    """Names, and how many lines they take: a name may hold a line break."""
    reader = plain_csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for record in reader:
            if record:
                return record, reader.line_num
            if reader.line_num > MAX_HEADER_LINES:
                break
    except plain_csv.Error as error:
        raise RefusalError(f"the header can't be read: {error}", "check the quotes of the first line") from None
    raise RefusalError("the file has no header", "the first line must hold the columns' names")


def _free_name(name: str, names: list[str]) -> str:
    while name in names:
        name += "_"
    return name


def _open(
    path: Path, delimiter: str, encoding: str, names: list[str], header_lines: int, types: dict[str, Any]
) -> csv.CSVStreamingReader:
    return csv.open_csv(
        path,
        csv.ReadOptions(
            use_threads=False, block_size=BLOCK_BYTES, skip_rows=header_lines, column_names=names, encoding=encoding
        ),
        csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        csv.ConvertOptions(column_types=types),
    )


def _first_batch(
    path: Path, delimiter: str, encoding: str, names: list[str], header_lines: int
) -> pa.RecordBatch | None:
    try:
        with _open(path, delimiter, encoding, names, header_lines, {}) as reader:
            return next(iter(reader), None)
    except (pa.ArrowInvalid, UnicodeError) as error:
        if "Empty CSV file" in str(error):
            return None
        raise _refusal(str(error), names, header_lines, {}, 0) from None


def _inferred(first: pa.RecordBatch | None, name: str, whole: bool) -> pa.DataType:
    """An empty column is numbers, as everywhere; but text where later rows may fill it."""
    type_ = pa.null() if first is None else first.schema.field(name).type
    if pa.types.is_null(type_):
        return pa.float64() if whole else pa.string()
    return pa.string() if pa.types.is_binary(type_) else type_


def _rows(
    path: Path, delimiter: str, encoding: str, names: list[str], header_lines: int, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    types = dict(zip(schema.names, schema.types, strict=True))
    done = 0
    try:
        with _open(path, delimiter, encoding, names, header_lines, types) as reader:
            for batch in reader:
                done += batch.num_rows
                yield batch
    except (pa.ArrowInvalid, UnicodeError) as error:
        if "Empty CSV file" in str(error):
            return
        raise _refusal(str(error), names, header_lines, types, done) from None


def _refusal(error: str, names: list[str], header_lines: int, types: dict[str, Any], done: int) -> RefusalError:
    error = error.splitlines()[0]
    row = re.search(r"Row #(\d+)", error)
    at = f"row {int(row.group(1)) - header_lines:,}" if row else f"after row {done:,}" if done else "the first rows"
    value = re.search(r"CSV conversion error to (.+?): invalid value '(.*)'", error)
    column = re.search(r"In CSV column #(\d+)", error)
    if value and column:
        name = names[int(column.group(1))]
        wanted = type_name(types[name]) if name in types else value.group(1)
        return RefusalError(
            f"column '{name}', {at}: '{value.group(2)[:100]}' is no {wanted}",
            "choose another type for this column ('string' takes everything), or mend the file",
        )
    uneven = re.search(r"Expected (\d+) columns, got (\d+): (.*)", error)
    if uneven:
        return RefusalError(
            f"{at}: {uneven.group(2)} fields where the header has {uneven.group(1)}: {uneven.group(3)[:120]}",
            "mend that row; a field that holds the delimiter needs quotes",
        )
    if "straddling" in error:
        return RefusalError(f"a row is longer than {BLOCK_BYTES >> 20} MiB", "check the quotes")
    if "UTF8" in error or "codec" in error:
        return RefusalError(f"{at}: not text in the encoding of the rest", "save it as UTF-8 and upload it again")
    return RefusalError(f"the file can't be read as CSV, {at}: {error}", "check delimiter and quotes")
