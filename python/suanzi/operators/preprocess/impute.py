"""`impute`: fills missing values, and remembers what it filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from suanzi.sdk import Columns, FittedTransform, OperatorError, Param, Table, Transform, operator
from suanzi.sdk.columns import is_numeric, numeric_columns, require_columns, require_numeric, require_rows

if TYPE_CHECKING:
    import pandas as pd


class Imputed(NamedTuple):
    """The filled table and the step."""

    data: Table
    transform: Transform


@operator(
    name_en="Fill Missing Values",
    name_zh="缺失值填充",
    category="preprocess",
    doc_en="Fills missing values by a figure of the column or a constant, as scikit-learn's SimpleImputer does. "
    "apply_transform fills the same values into other data.",
    doc_zh="用列的统计值或常数填充缺失值，与 scikit-learn 的 SimpleImputer 一致。"
    "apply_transform 可将相同的值填入其他数据。",
)
def impute(
    data: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(
            label_en="Columns",
            label_zh="列",
            help_en="Empty means all columns that the way of filling suits.",
            help_zh="留空表示适用的全部列。",
        ),
    ] = None,
    strategy: Annotated[
        Literal["mean", "median", "most_frequent", "constant"],
        Param(label_en="Fill with", label_zh="填充方式", help_en="What to fill in.", help_zh="填充的内容。"),
    ] = "mean",
    fill_value: Annotated[
        Any,
        Param(
            label_en="Constant",
            label_zh="常数",
            help_en="For 'constant': a number or a text.",
            help_zh="用于 constant：数字或文本。",
        ),
    ] = None,
) -> Imputed:
    require_rows(data)
    names = _columns(data, columns, strategy, fill_value)
    values = {name: _fill(data, name, strategy, fill_value) for name in names}
    step = FittedTransform("impute", values, names, names, _apply)
    return Imputed(step.transform(data), step)


def _columns(data: pd.DataFrame, columns: list[str] | None, strategy: str, fill_value: Any) -> list[str]:
    if strategy == "constant" and (fill_value is None or isinstance(fill_value, (bool, list, dict))):
        raise OperatorError(
            f"fill_value is {fill_value!r}; strategy 'constant' needs a value", "give a number or a text"
        )
    if columns is not None:
        require_columns(data, columns, "the parameter columns names it")
        if strategy in ("mean", "median"):
            require_numeric(data, columns, f"'{strategy}' is for numbers; use most_frequent or constant for texts")
        return columns
    if strategy in ("mean", "median"):
        return numeric_columns(data)
    if strategy == "constant":
        number = isinstance(fill_value, (int, float))
        return [str(name) for name in data.columns if is_numeric(data[name]) == number]
    return [str(name) for name in data.columns]


def _fill(data: pd.DataFrame, name: str, strategy: str, fill_value: Any) -> Any:
    column = data[name]
    if strategy == "constant":
        if is_numeric(column) != isinstance(fill_value, (int, float)):
            raise OperatorError(
                f"column '{name}' holds {column.dtype}; it can't be filled with {fill_value!r}",
                "give a value of the column's type, or fill numbers and texts by two operators",
            )
        return fill_value
    if column.isna().all():
        raise OperatorError(
            f"column '{name}' has no value at all, so there is no {strategy} to fill in",
            "drop it with select_columns, or use strategy 'constant'",
        )
    if strategy == "most_frequent":
        return column.mode().iloc[0]
    return float(column.mean() if strategy == "mean" else column.median())


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.fillna(step.step)
