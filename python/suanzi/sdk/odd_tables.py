"""Odd tables made from a good one: what an operator must take, or refuse with column, cause and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

WIDE_COLUMNS = 5_000
WIDE_ROWS = 12
"""A wide table keeps so many rows: what is tried is its width."""
FOREIGN = "列 é."
"""Put before a column's name."""
UNSEEN = "unseen ☃"
SHORTEST_MESSAGE = 15
EMPTY_REMEDIES = ("see the message", "check the data", "try again", "fix it")
COUNTED = re.compile(r"\d[\d,]* (?:rows?|columns?|values?|categories|labels?)|no rows|no (?:numeric )?columns?|one row")


def odd_tables(table: pa.Table, params: Mapping[str, Any]) -> Iterator[tuple[str, pa.Table, dict[str, Any]]]:
    """What is odd, the table, and the parameters that go with it."""
    given = dict(params)
    yield "no rows", table.slice(0, 0), given
    yield "one row", table.slice(0, 1), given
    yield "only nulls", _changed(table, _nulls), given
    yield "unseen categories", _changed(table, _unseen), given
    yield "numbers as texts", _changed(table, _mixed), given
    yield "columns of the same name", table.append_column(table.field(0), table.column(0)), given
    renamed = {name: f"{FOREIGN}{name}" for name in table.column_names}
    yield "names beyond ASCII", table.rename_columns(list(renamed.values())), _renamed(given, renamed)
    yield "infinite numbers", _changed(table, _infinite), given
    yield "no such columns", table.rename_columns([f"other {n}" for n in range(table.num_columns)]), given


def wide_table(table: pa.Table) -> pa.Table:
    """The table's first rows with thousands of further columns of numbers."""
    import pyarrow as pa

    few = table.slice(0, WIDE_ROWS)
    more = [f"wide {number}" for number in range(WIDE_COLUMNS - few.num_columns)]
    values = [pa.array([float((row * 7 + at) % 11) for row in range(few.num_rows)]) for at in range(11)]
    return pa.table(
        {
            **{name: few.column(at) for at, name in enumerate(few.column_names)},
            **{name: values[at % 11] for at, name in enumerate(more)},
        }
    )


def generic(message: str, hint: str | None, table: pa.Table, params: Mapping[str, Any]) -> str | None:
    """What a refusal lacks, or `None`: it names a column, parameter or count, says why, and gives a remedy."""
    if not hint or hint.strip().lower() in EMPTY_REMEDIES:
        return "it gives no remedy"
    if len(message) <= SHORTEST_MESSAGE:
        return "it doesn't say why"
    names = {*table.column_names, *_texts(params)}
    if any(name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message) for name in names):
        return None
    # A parameter's name may be a word of English: it counts in quotes, or behind the word itself.
    if any(f"'{name}'" in message or f"parameter {name}" in message or f"{name} names" in message for name in params):
        return None
    if COUNTED.search(message):
        return None
    return "it names no column, no parameter and no count"


def _changed(table: pa.Table, change: Any) -> pa.Table:
    for position, field in enumerate(table.schema):
        column = change(table.column(position), field.type)
        if column is not None:
            table = table.set_column(position, field.name, column)
    return table


def _nulls(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    return pa.nulls(len(column), kind)


def _unseen(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return pa.array([UNSEEN] * len(column), kind) if is_text else None


def _mixed(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        return None
    values = column.to_pylist()
    return pa.array(["?" if at % 3 == 1 else None if v is None else str(v) for at, v in enumerate(values)], pa.string())


def _infinite(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    if not pa.types.is_floating(kind) or len(column) == 0:
        return None
    return pa.array([float("inf"), *column.to_pylist()[1:]], kind)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Parameters with the new names of columns, in lists and maps, and as words of expressions."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, Mapping):
        return {names.get(key, key): _renamed(one, names) for key, one in value.items()}
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
