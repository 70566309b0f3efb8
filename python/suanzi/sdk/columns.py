"""Refusals about columns, in the user's terms: which column, what is wrong with it, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suanzi.sdk.errors import OperatorError
from suanzi.sdk.names import listed, nearest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


MANY_COLUMNS = 100
"""So many are added to a table at once, fewer one by one."""


def require_columns(frame: pd.DataFrame | pa.Table, names: Sequence[str], why: str = "") -> None:
    """Refuses a table that lacks one of `names`, or in which one of them is ambiguous; `why` says who wants it."""
    arrow = type(frame).__module__.startswith("pyarrow")
    have = [str(name) for name in (frame.column_names if arrow else frame.columns)]
    present = set(have)
    missing = [name for name in names if name not in present]
    if missing:
        meant = nearest(missing[0], have)
        tail = f"; {why}" if why else ""
        what = f"column '{missing[0]}' is" if len(missing) == 1 else f"columns {listed(missing)} are"
        raise OperatorError(
            f"{what} not in the table{tail}; it has: {listed(have)}" + (f"; nearest: '{meant}'" if meant else ""),
            f"did you mean '{meant}'?" if meant else "check the operator before this one, or the parameter's spelling",
        )
    if len(present) != len(have):
        twice = [name for name in names if have.count(name) > 1]
        if twice:
            raise OperatorError(f"the table has several columns called '{twice[0]}'", "rename one of them first")


def require_rows(frame: pd.DataFrame, what: str = "the table") -> None:
    """Refuses an empty table."""
    if len(frame) == 0:
        raise OperatorError(
            f"{what} has no rows ({len(frame.columns)} columns)", "check the filter or split before this operator"
        )


def numeric_columns(frame: pd.DataFrame, without: Iterable[str] = ()) -> list[str]:
    """Names of the numeric and boolean columns."""
    left_out = set(without)
    return [str(name) for name in frame.columns if name not in left_out and is_numeric(frame[name])]


def is_numeric(column: pd.Series[Any]) -> bool:
    """Integers, floats and booleans."""
    return column.dtype.kind in "iufb" if hasattr(column.dtype, "kind") else False


def require_numeric(frame: pd.DataFrame, names: Sequence[str], remedy: str = "") -> None:
    """Refuses columns that are not numbers, with an example of what they hold."""
    bad = [name for name in names if not is_numeric(frame[name])]
    if not bad:
        return
    values = frame[bad[0]].dropna()
    example = f", for example {values.iloc[0]!r}" if len(values) else ""
    also = f" ({len(bad)} such columns: {listed(bad)})" if len(bad) > 1 else ""
    raise OperatorError(
        f"column '{bad[0]}' is not numeric: it holds {frame[bad[0]].dtype}{example}{also}",
        remedy or "encode it with one_hot first, or leave it out of the columns",
    )


def require_finite(frame: pd.DataFrame, names: Sequence[str], remedy: str = "") -> None:
    """Refuses missing values and infinities, with the columns and how many."""
    part = frame[list(names)]
    missing = part.isna().sum()
    missing = missing[missing > 0]
    if len(missing):
        found = listed(f"{name} ({count:,})" for name, count in missing.items())
        raise OperatorError(
            f"missing values in {found} of {len(part):,} rows; this algorithm can't take them",
            remedy or "put impute before it, or drop those rows with filter_rows",
        )
    require_no_infinity(frame, names)


def require_no_infinity(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuses infinities, with the columns; missing values may be there."""
    import numpy as np

    infinite = [n for n in names if frame[n].dtype.kind == "f" and np.isinf(frame[n].to_numpy()).any()]
    if infinite:
        raise OperatorError(
            f"infinite values in columns {listed(infinite)} of {len(frame):,} rows", "replace or filter them first"
        )


def require_labels(frame: pd.DataFrame, name: str) -> None:
    """Refuses a label column with missing values."""
    missing = int(frame[name].isna().sum())
    if missing:
        raise OperatorError(
            f"the label column '{name}' has {missing:,} missing values in {len(frame):,} rows",
            f"drop those rows first: filter_rows with `not isnull({name})`",
        )


def match_label(value: Any, labels: Sequence[Any], column: str) -> Any:
    """The label that a parameter means: 1 in YAML is 1, 1.0, '1' and True in data."""
    for label in labels:
        if type(label) is type(value) and label == value:
            return label
    for label in labels:
        if same_label(label, value):
            return label
    raise OperatorError(
        f"the positive label {value!r} does not occur in column '{column}'; it holds: {listed(map(repr, labels))}",
        "set pre_value to one of these labels",
    )


def same_label(one: Any, other: Any) -> bool:
    """Whether two labels mean the same although a file, a parameter or a model wrote them as another type."""
    return bool(one == other) or _label_text(one) == _label_text(other)


def _label_text(label: Any) -> str:
    whole = isinstance(label, float) and label.is_integer()
    return str(int(label)) if whole or isinstance(label, bool) else str(label)


def with_columns(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame with columns added or replaced; the one given is left as it is. (`assign` can't take a column `self`.)"""
    if len(columns) > MANY_COLUMNS and frame.columns.is_unique:
        import pandas as pd

        # One by one, each of thousands costs a search through all before it.
        added = pd.DataFrame(dict(columns), index=frame.index)
        kept = frame[[name for name in frame.columns if name not in columns]]
        order = [*frame.columns, *(name for name in columns if name not in frame.columns)]
        return pd.concat([kept, added], axis=1)[order]
    changed = frame.copy(deep=False)
    for name, values in columns.items():
        changed[name] = values
    return changed
