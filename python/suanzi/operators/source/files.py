"""Reads CSV and Parquet files and rows as Arrow tables, and says what is wrong with a file by line and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError, current
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pyarrow as pa

MAX_BAD_LINE_CHARS = 120
PARQUET_ENDINGS = (".parquet", ".pq")
ARROW_ENDINGS = (".arrow", ".feather")
LINES_ENDINGS = (".jsonl", ".ndjson")


def read_any(path: Path) -> pa.Table:
    """Told by the name's ending: Parquet, Arrow (as imports are), JSON lines, else CSV (with tabs for `.tsv`)."""
    ending = path.suffix.lower()
    if ending in PARQUET_ENDINGS:
        return read_parquet_file(path)
    if ending in ARROW_ENDINGS:
        return read_arrow_file(path)
    if ending in LINES_ENDINGS:
        return read_lines_file(path)
    return read_csv_file(path, delimiter="\t" if ending == ".tsv" else ",")


def read_arrow_file(path: Path) -> pa.Table:
    """The table in an Arrow IPC file, mapped: its types are those it was written with."""
    import pyarrow as pa

    require_file(path)
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise OperatorError(f"{path.name} is not a readable Arrow file: {error}", "check the file") from None
    _refuse_duplicates(path, table.column_names)
    return table


def read_lines_file(path: Path) -> pa.Table:
    """The table in a file of JSON lines, one object each."""
    import pyarrow as pa

    from suanzi.tables.refusal import RefusalError
    from suanzi.tables.source import open_source

    require_file(path)
    try:
        source = open_source(path, "jsonl")
        return pa.Table.from_batches(list(source.rest), source.schema)
    except RefusalError as refusal:
        raise OperatorError(f"{path.name}: {refusal.message}", refusal.hint) from None


def read_csv_file(
    path: Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header: bool = True,
    null_values: list[str] | None = None,
) -> pa.Table:
    """The table in a CSV file. A column with values of several types gets the widest of them, text if need be."""
    import pyarrow as pa
    from pyarrow import csv

    require_file(path)
    converting = csv.ConvertOptions(strings_can_be_null=null_values is not None)
    if null_values is not None:
        converting.null_values = null_values
    reading = csv.ReadOptions(
        encoding=encoding, autogenerate_column_names=not header, use_threads=current().cpu_slots > 1
    )
    parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    try:
        table = csv.read_csv(path, read_options=reading, parse_options=parsing, convert_options=converting)
        names = table.column_names
    except (pa.ArrowInvalid, LookupError, UnicodeError) as error:
        raise _refusal(path, str(error), delimiter, encoding) from None
    undecoded = [name for name, type_ in zip(names, table.schema.types, strict=True) if pa.types.is_binary(type_)]
    if undecoded:
        raise _wrong_encoding(path, encoding, f"see column '{undecoded[0]}'")
    _refuse_duplicates(path, names)
    return _empty_columns_as_numbers(table)


def read_parquet_file(path: Path, columns: list[str] | None = None) -> pa.Table:
    """The table in a Parquet file, or the named columns of it."""
    import pyarrow as pa
    from pyarrow import parquet

    from suanzi.sdk.names import nearest

    require_file(path)
    try:
        with parquet.ParquetFile(path) as file:
            known = file.schema_arrow.names
            _refuse_duplicates(path, known)
            missing = [name for name in columns or [] if name not in known]
            if missing:
                meant = nearest(missing[0], known)
                raise OperatorError(
                    f"column '{missing[0]}' is not in {path.name}; it has: {listed(known)}",
                    f"did you mean '{meant}'?" if meant else None,
                )
            return file.read(columns=columns, use_threads=current().cpu_slots > 1)
    except (pa.ArrowInvalid, OSError) as error:
        raise OperatorError(f"{path.name} is not a readable Parquet file: {error}", "check the file") from error


def rows_table(rows: list[dict[str, Any]], source: str) -> pa.Table:
    """Rows as a table: nested objects become columns `outer.inner`, lists and mixed values texts."""
    import pyarrow as pa

    flat = [_flattened(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    if not names:
        raise OperatorError(f"{source} holds no rows with columns", "check the file or the records")
    columns = {}
    for name in names:
        values = [row.get(name) for row in flat]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            kinds = {type(value) for value in values if value is not None}
            numbers = kinds <= {int, float}
            columns[name] = pa.array(
                [v if v is None else float(v) if numbers else v if isinstance(v, str) else _text(v) for v in values]
            )
    return _empty_columns_as_numbers(pa.table(columns))


def _flattened(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and value:
            flat.update(_flattened(value, f"{before}{key}."))
        else:
            flat[f"{before}{key}"] = _text(value) if isinstance(value, (list, dict)) else value
    return flat


def _text(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=str)


def require_file(path: Path) -> None:
    """Refuses a path that names no file, or an empty one."""
    if path.is_dir():
        raise OperatorError(f"{path} is a folder, not a file", "name the file in it")
    if not path.is_file():
        raise OperatorError(f"the file {path} does not exist", "check the path, or register the data set again")
    if path.stat().st_size == 0:
        raise OperatorError(f"the file {path.name} is empty", "check how it was written")


def _refuse_duplicates(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OperatorError(f"{path.name} has several columns called {listed(twice)}", "rename them in the file")


def _empty_columns_as_numbers(table: pa.Table) -> pa.Table:
    """A column with nothing in it has no type of its own; as numbers it can be filled and dropped like any other."""
    import pyarrow as pa

    for position, column in enumerate(table.columns):
        if pa.types.is_null(column.type):
            table = table.set_column(position, table.column_names[position], column.cast(pa.float64()))
    return table


def _refusal(path: Path, error: str, delimiter: str, encoding: str) -> OperatorError:
    error = error.splitlines()[0]
    if "UTF8" in error or "codec can't decode" in error:
        return _wrong_encoding(path, encoding, error)
    if "unknown encoding" in error:
        return OperatorError(f"the encoding '{encoding}' is unknown", "use utf-8, gb18030, latin-1 or the like")
    uneven = re.search(r"Expected (\d+) columns, got (\d+)", error)
    if uneven:
        line = _uneven_line(path, delimiter, encoding, int(uneven.group(1)))
        if line is not None:
            number, count, text = line
            return OperatorError(
                f"{path.name}, line {number:,}: {count} fields where the header has {uneven.group(1)}: {text}",
                f"mend the line, or check the delimiter (now '{delimiter}') and the quotes",
            )
    return OperatorError(f"{path.name} can't be read as CSV: {error}", f"check the delimiter (now '{delimiter}')")


def _wrong_encoding(path: Path, encoding: str, where: str) -> OperatorError:
    return OperatorError(
        f"{path.name} is not text in the encoding {encoding} ({where})",
        "save it as UTF-8, or read it with read_csv and encoding gb18030 (or the one it has)",
    )


def _uneven_line(path: Path, delimiter: str, encoding: str, fields: int) -> tuple[int, int, str] | None:
    """Line number, number of fields and text of the first record that has another number of fields."""
    import csv

    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        for record in reader:
            if record and len(record) != fields:
                text = delimiter.join(record)
                return reader.line_num, len(record), text[:MAX_BAD_LINE_CHARS]
    return None
