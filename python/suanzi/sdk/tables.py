"""Tables between the store and a function: cheap to hand over, safe to edit.

A function gets a copy-on-write frame over the store's memory map: assignments make private copies of what they touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suanzi.sdk.errors import BadOutputError, OperatorError
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MAX_EXACT_INTEGER = 2**53
"""Integers beyond this lose digits in a float column."""


@dataclass(frozen=True)
class Layout:
    """What decides, besides types, as what columns come to pandas: a piece of a table must come as the whole does."""

    exact: bool
    """Long integers with nulls are there: 64-bit integers stay integers; pandas' default would round them to floats."""
    gaps: frozenset[str]
    """Columns of integers or truth values with nulls: floats and objects in pandas."""

    @classmethod
    def of(cls, table: pa.Table) -> Layout:
        import pyarrow as pa
        import pyarrow.compute as pc

        exact = False
        gaps = set()
        for name, column in zip(table.column_names, table.columns, strict=True):
            if not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)) or not column.null_count:
                continue
            gaps.add(name)
            if pa.types.is_integer(column.type) and column.type.bit_width == 64:
                extremes = pc.min_max(column).as_py()
                exact |= max(abs(extremes["min"] or 0), abs(extremes["max"] or 0)) > MAX_EXACT_INTEGER
        return cls(exact, frozenset(gaps))


def to_frame(table: pa.Table, keep: list[Any], layout: Layout | None = None) -> pd.DataFrame:
    """A pandas frame over the table's own buffers where possible.

    `keep` holds what must stay alive during the call: while pandas sees a second owner of each column, an in-place edit
    copies the column first instead of writing to the shared (and read-only) buffer. `layout` is that of the table of
    which this one is a piece.
    """
    twice = (
        sorted({name for name in table.column_names if table.column_names.count(name) > 1}) if _doubled(table) else []
    )
    if twice:
        raise OperatorError(
            f"the table has several columns called '{twice[0]}'"
            + (f" (and {len(twice) - 1} more such names)" if len(twice) > 1 else ""),
            "give each column a name of its own where the table is made",
        )
    truths: list[str] = []
    if layout is not None:
        table, truths = _as_in_whole(table, layout)
    exact = (layout or Layout.of(table)).exact
    shared = table.to_pandas(
        split_blocks=True, use_threads=False, date_as_object=False, types_mapper=_integers() if exact else None
    )
    for name in truths:
        shared[name] = shared[name].astype(object)
    keep.append(shared)
    return shared.copy(deep=False)


def _doubled(table: pa.Table) -> bool:
    names: list[str] = table.column_names
    return len(set(names)) != len(names)


def _as_in_whole(table: pa.Table, layout: Layout) -> tuple[pa.Table, list[str]]:
    """The piece with integers as floats where those of the whole become such; columns of truth values to be objects."""
    import pyarrow as pa

    truths = []
    for position, name in enumerate(table.column_names):
        column = table.column(position)
        if name not in layout.gaps or column.null_count:
            continue
        if pa.types.is_boolean(column.type):
            truths.append(name)
        elif not (layout.exact and column.type.bit_width == 64):
            table = table.set_column(position, name, column.cast(pa.float64(), safe=False))
    return table, truths


def _integers() -> Any:
    import pandas as pd
    import pyarrow as pa

    return {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}.get


def to_table(value: Any, operator: str, output: str) -> pa.Table:
    """A returned frame as an Arrow table with contiguous columns and no index."""
    import pyarrow as pa

    library = type(value).__module__.split(".")[0]
    if isinstance(value, pa.Table):
        table = value
    elif isinstance(value, pa.RecordBatch):
        table = pa.Table.from_batches([value])
    elif (library == "pandas" and type(value).__name__ == "DataFrame") or _is_frame(value):
        table = _from_pandas(value, operator, output)
    elif library == "polars" and hasattr(value, "to_arrow"):
        table = value.to_arrow()
    else:
        raise BadOutputError(
            f"output '{output}' of {operator} must be a table, but the function returned {_kind(value)}",
            "return a pandas DataFrame, a pyarrow Table or a polars DataFrame",
        )
    _refuse_duplicates(table.column_names, operator, output)
    return table.replace_schema_metadata(None).combine_chunks()


def _is_frame(value: Any) -> bool:
    import pandas as pd

    return isinstance(value, pd.DataFrame)


def _from_pandas(frame: pd.DataFrame, operator: str, output: str) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    from suanzi.sdk.context import current

    if isinstance(frame.columns, pd.MultiIndex):
        names = ["_".join(str(part) for part in parts if str(part)) for parts in frame.columns]
    else:
        names = [str(name) for name in frame.columns]
    _refuse_duplicates(names, operator, output)
    if any(name is not None for name in frame.index.names):
        current().note(
            f"output '{output}': the index ({listed(frame.index.names)}) is not part of the table; "
            "call reset_index() to keep it"
        )
    if names != list(frame.columns):
        frame = frame.set_axis(names, axis="columns")
    try:
        return pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as error:
        column, example = _mixed_column(frame)
        if column is None:
            raise BadOutputError(f"output '{output}' of {operator} can't be stored as a table: {error}") from error
        raise BadOutputError(
            f"column '{column}' of output '{output}' mixes types and can't be stored; it holds {example}",
            "convert the column to one type, for example with astype(str)",
        ) from error


def _mixed_column(frame: pd.DataFrame) -> tuple[str | None, str]:
    import pyarrow as pa

    for name in frame.columns:
        try:
            pa.Array.from_pandas(frame[name])
        except (pa.ArrowException, TypeError, ValueError):
            kinds = sorted({type(value).__name__ for value in frame[name].dropna()})
            return str(name), listed(kinds)
    return None, ""


def _refuse_duplicates(names: list[str], operator: str, output: str) -> None:
    if len(set(names)) == len(names):
        return
    twice = sorted({name for name in names if names.count(name) > 1})
    raise BadOutputError(
        f"output '{output}' of {operator} has several columns called {listed(twice)}",
        "give each column its own name (column names are compared as text)",
    )


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    module, name = type(value).__module__, type(value).__qualname__
    return name if module == "builtins" else f"{module}.{name}"


def to_polars(table: pa.Table) -> Any:
    """A polars frame over the table."""
    try:
        import polars
    except ImportError:
        raise OperatorError("this operator wants a polars DataFrame", "install polars: pip install polars") from None
    return polars.from_arrow(table)
