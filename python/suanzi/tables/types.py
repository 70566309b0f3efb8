"""Names of column types: as the engine spells them, and those that an import can be asked for."""

from __future__ import annotations

import difflib
import re

import pyarrow as pa

from suanzi.tables.refusal import RefusalError

CHOICES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "uint16": pa.uint16(),
    "uint32": pa.uint32(),
    "uint64": pa.uint64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "string": pa.string(),
    "date32": pa.date32(),
    "timestamp[s]": pa.timestamp("s"),
    "timestamp[ms]": pa.timestamp("ms"),
    "timestamp[us]": pa.timestamp("us"),
    "timestamp[ns]": pa.timestamp("ns"),
    "timestamp[us, tz=UTC]": pa.timestamp("us", "UTC"),
}
"""What an import can be asked for, by name."""

_SPELLED = {
    "double": "float64",
    "float": "float32",
    "halffloat": "float16",
    "date32[day]": "date32",
    "date64[ms]": "date64",
}


def type_name(type_: pa.DataType) -> str:
    """As the engine's previews spell it: `float64` rather than pyarrow's `double`."""
    name = str(type_)
    return _SPELLED.get(name, re.sub(r"\bdouble\b", "float64", name))


def chosen(columns: list[dict[str, str]] | None, known: dict[str, pa.DataType]) -> dict[str, pa.DataType]:
    """The types that were asked for, by column. A type that the column has anyway is always allowed.

    Raises RefusalError for a type or column that isn't known, or a column named twice.
    """
    types: dict[str, pa.DataType] = {}
    for column in columns or []:
        name, wanted = column["name"], column["type"]
        if name in types:
            raise RefusalError(f"the column '{name}' is named twice", "name each column once")
        if name in known and wanted == type_name(known[name]):
            types[name] = known[name]
        elif wanted in CHOICES:
            types[name] = CHOICES[wanted]
        else:
            meant = difflib.get_close_matches(wanted, CHOICES, 1)
            raise RefusalError(
                f"column '{name}': the type '{wanted}' can't be asked for",
                f"did you mean '{meant[0]}'?" if meant else f"choose one of {', '.join(CHOICES)}",
            )
    return types


def require_known(types: dict[str, pa.DataType], known: list[str]) -> None:
    """Raises RefusalError for a column that the file doesn't have."""
    for name in types:
        if name not in known:
            meant = difflib.get_close_matches(name, known, 1)
            raise RefusalError(
                f"the file has no column '{name}'",
                f"did you mean '{meant[0]}'?" if meant else f"it has: {', '.join(known[:20])}",
            )
