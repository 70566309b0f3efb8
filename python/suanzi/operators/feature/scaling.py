"""What the operators that fit a scikit-learn step on numeric columns share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from suanzi.sdk import Columns, FittedTransform, OperatorError, Param, Table, Transform
from suanzi.sdk.columns import (
    numeric_columns,
    require_columns,
    require_no_infinity,
    require_numeric,
    require_rows,
    with_columns,
)
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd


class Transformed(NamedTuple):
    """The table with the step applied, and the step."""

    data: Table
    transform: Transform


NumericColumns = Annotated[
    Columns | None,
    Param(
        label_en="Columns",
        label_zh="列",
        help_en="Empty means all numeric columns but those excluded.",
        help_zh="留空表示除排除列外的全部数值列。",
    ),
]
Excluded = Annotated[
    Columns | None,
    Param(
        label_en="Leave alone",
        label_zh="排除列",
        help_en="Columns to leave as they are, such as the label.",
        help_zh="保持不变的列，例如标签列。",
        min_items=0,
    ),
]


def chosen_columns(data: pd.DataFrame, columns: list[str] | None, exclude: list[str] | None) -> list[str]:
    """The numeric columns a step works on."""
    require_rows(data)
    excluded = exclude or []
    require_columns(data, excluded, "the parameter exclude names it")
    if columns is None:
        names = numeric_columns(data, excluded)
    else:
        require_columns(data, columns, "the parameter columns names it")
        names = [name for name in dict.fromkeys(columns) if name not in set(excluded)]
    if not names:
        raise OperatorError("there is no column to work on", "name numeric columns, or exclude fewer")
    require_numeric(data, names)
    return names


def fit_step(
    kind: str,
    transformer: Any,
    data: pd.DataFrame,
    names: list[str],
    apply: Callable[[FittedTransform, pd.DataFrame], pd.DataFrame],
) -> Transformed:
    """Fits on the columns and applies to the same table."""
    require_no_infinity(data, names)
    try:
        transformer.fit(data[names].to_numpy(dtype="float64"))
    except ValueError as error:
        raise OperatorError(f"{kind} refuses columns {listed(names)}: {error}", "look for huge values") from error
    step = FittedTransform(kind, transformer, names, names, apply)
    return Transformed(step.transform(data), step)


def apply_to_numbers(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    """Replaces the step's columns by what its transformer makes of them."""
    require_numeric(frame, step.columns)
    require_no_infinity(frame, step.columns)
    if len(frame) == 0:
        return frame.astype(dict.fromkeys(step.columns, "float64"))
    changed = step.step.transform(frame[step.columns].to_numpy(dtype="float64"))
    return with_columns(frame, {name: changed[:, position] for position, name in enumerate(step.columns)})
