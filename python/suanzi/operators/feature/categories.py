"""Columns of categories as the encoders want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.sdk import Columns, Param, current
from suanzi.sdk.columns import with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

EncodedColumns = Annotated[
    Columns, Param(label_en="Columns", label_zh="列", help_en="Columns to encode.", help_zh="要编码的列。")
]


def category_values(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Texts as plain objects with None for missing, which is what the encoders sort reliably."""
    part = frame[columns]
    texts = [name for name in columns if part[name].dtype.kind not in "iufb"]
    return with_columns(part, {name: part[name].astype(object).where(part[name].notna(), None) for name in texts})


def note_unseen(values: pd.DataFrame, categories: list[Any], consequence: str) -> None:
    """Says which categories the fit has not seen; `categories` in the order of the columns."""
    for name, known in zip(values.columns, categories, strict=True):
        unseen = [value for value in values[name].unique() if not is_known(value, known)]
        if unseen:
            current().note(f"column '{name}' holds categories unseen in the fit, {consequence}: {listed(unseen)}")


def is_known(value: Any, known: Any) -> bool:
    """Whether the category is among those of the fit; all missing values are one category."""
    missing = value is None or value != value
    return any((missing and (k is None or k != k)) or k == value for k in known)
