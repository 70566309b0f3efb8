"""`type_cast`: columns as another type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.sdk import Columns, OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import require_columns, with_columns

if TYPE_CHECKING:
    import pandas as pd

TRUE, FALSE = {"true", "1", "1.0", "yes", "y", "t", "是"}, {"false", "0", "0.0", "no", "n", "f", "否"}


@operator(
    name_en="Type Conversion",
    name_zh="类型转换",
    category="preprocess",
    doc_en="Turns columns into integers, numbers, texts, truth values or times. Missing values stay missing.",
    doc_zh="将列转换为整数、数值、文本、布尔或时间；缺失值保持缺失。",
)
def type_cast(
    data: Table,
    *,
    columns: Annotated[
        Columns, Param(label_en="Columns", label_zh="列", help_en="To convert.", help_zh="要转换的列。")
    ],
    to: Annotated[
        Literal["integer", "number", "text", "boolean", "datetime"],
        Param(label_en="Into", label_zh="目标类型", help_en="The type.", help_zh="转换后的类型。"),
    ],
    errors: Annotated[
        Literal["refuse", "missing"],
        Param(
            label_en="What can't be converted",
            label_zh="无法转换时",
            help_en="Refuse, or make it a missing value.",
            help_zh="拒绝，或置为缺失值。",
        ),
    ] = "refuse",
    date_format: Annotated[
        str | None,
        Param(
            advanced=True,
            label_en="Format of times",
            label_zh="时间格式",
            help_en="Such as %d/%m/%Y; empty: ISO.",
            help_zh="如 %d/%m/%Y；留空为 ISO。",
        ),
    ] = None,
) -> Table:
    require_columns(data, columns, "the parameter columns names it")
    changed: dict[str, Any] = {}
    for name in columns:
        column = data[name]
        result = _converted(column, to, date_format)
        failed = result.isna() & column.notna()
        if failed.any():
            count = int(failed.sum())
            example = column[failed].iloc[0]
            if errors == "refuse":
                raise OperatorError(
                    f"column '{name}' has {count:,} values that are no {to}, such as {example!r} "
                    f"(row {int(failed.to_numpy().argmax()) + 1:,})",
                    "filter or mend them first, or set errors to 'missing'",
                )
            current().note(f"column '{name}': {count:,} values that are no {to} became missing, such as {example!r}")
        changed[name] = result
    return with_columns(data, changed)


def _converted(column: pd.Series, to: str, date_format: str | None) -> pd.Series:
    import numpy as np
    import pandas as pd

    if to == "text":
        if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
            column = column.astype("Int64")
        return column.astype("string")
    if to == "datetime":
        numbers = column.dtype.kind in "iufb"
        texts = column.astype("string") if numbers else column
        return pd.to_datetime(texts, errors="coerce", format=date_format or ("%Y%m%d" if numbers else "ISO8601"))
    if to == "boolean":
        words = column.astype("string").str.strip().str.lower()
        return words.map({**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}).astype("boolean")
    if column.dtype.kind == "M":
        missing = column.isna()
        numbers = column.astype("int64").astype("Int64").mask(missing)
    elif column.dtype.kind in "iub" or pd.api.types.is_integer_dtype(column.dtype):
        numbers = column.astype("Int64")
    else:
        texts = column if column.dtype.kind == "f" else column.astype("string").str.strip().str.replace(",", "")
        numbers = pd.to_numeric(texts, errors="coerce")
    if to == "number":
        return numbers.astype("float64")
    if numbers.dtype.kind == "f":
        whole = numbers.astype("float64")
        whole = whole.where(np.isfinite(whole) & (whole % 1 == 0) & (whole.abs() < 2**63))
        numbers = whole.astype("Int64")
    return numbers if numbers.isna().any() else numbers.astype("int64")
