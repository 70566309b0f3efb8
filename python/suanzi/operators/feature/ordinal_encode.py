"""`ordinal_encode`: categories into numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.feature.categories import EncodedColumns, category_values, note_unseen
from suanzi.operators.feature.scaling import Transformed
from suanzi.sdk import FittedTransform, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_rows, with_columns

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = -1
"""The number of missing values and of categories that the fit has not seen."""


@operator(
    name_en="String Index",
    name_zh="字符串编码",
    category="feature",
    doc_en="Replaces categories by numbers from 0 (scikit-learn's OrdinalEncoder). Missing values and categories "
    "unseen in the fit become -1.",
    doc_zh="将类别替换为从 0 开始的编号（scikit-learn 的 OrdinalEncoder）；缺失值和拟合时未见过的类别为 -1。",
)
def ordinal_encode(
    data: Table,
    *,
    columns: EncodedColumns,
    order: Annotated[
        Literal["value", "frequency"],
        Param(
            label_en="Order",
            label_zh="编号顺序",
            help_en="By the category itself, or the most frequent first.",
            help_zh="按类别值，或按出现频率由高到低。",
        ),
    ] = "value",
) -> Transformed:
    require_rows(data)
    require_columns(data, columns, "the parameter columns names it")
    columns = list(dict.fromkeys(columns))
    values = category_values(data, columns)
    known = {name: _categories(values[name], order) for name in columns}
    step = FittedTransform("ordinal_encode", known, columns, columns, _apply)
    return Transformed(step.transform(data), step)


def _categories(column: pd.Series, order: str) -> list[Any]:
    counts = column.dropna().value_counts()
    by_value: list[Any] = sorted(counts.index.tolist(), key=lambda value: (type(value).__name__, value))
    return by_value if order == "value" else sorted(by_value, key=lambda value: -counts[value])


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    values = category_values(frame, step.columns)
    note_unseen(values, [[*known, None] for known in step.step.values()], f"encoded as {UNKNOWN}")
    codes = {}
    for name, known in step.step.items():
        place = {category: code for code, category in enumerate(known)}
        codes[name] = values[name].map(place).fillna(UNKNOWN).astype("int64")
    return with_columns(frame, codes)
