"""`one_hot`: categories into columns of 0 and 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.feature.categories import EncodedColumns, category_values, note_unseen
from suanzi.operators.feature.scaling import Transformed
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_rows, with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_CATEGORIES = 1000
"""A column with more different values is an id or a quantity, not a category."""
MISSING = "(missing)"


@operator(
    name_en="One-Hot Encode",
    name_zh="独热编码",
    category="feature",
    doc_en="Replaces each column by one column of 0 and 1 per category, `column_category` "
    "(scikit-learn's OneHotEncoder). Categories unseen in the fit give zeros.",
    doc_zh="将每列替换为每个类别一列的 0/1 列，名为“列_类别”（scikit-learn 的 OneHotEncoder）。"
    "拟合时未见过的类别全为 0。",
)
def one_hot(
    data: Table,
    *,
    columns: EncodedColumns,
    drop: Annotated[
        Literal["first", "if_binary"] | None,
        Param(
            label_en="Leave out",
            label_zh="省略类别",
            help_en="A category per column that needs no column of its own.",
            help_zh="每列可省略的一个类别。",
        ),
    ] = None,
) -> Transformed:
    from sklearn.preprocessing import OneHotEncoder

    require_rows(data)
    require_columns(data, columns, "the parameter columns names it")
    columns = list(dict.fromkeys(columns))
    for name in columns:
        different = data[name].nunique(dropna=False)
        if different > MAX_CATEGORIES:
            raise OperatorError(
                f"column '{name}' has {different:,} different values; one_hot takes at most {MAX_CATEGORIES:,}",
                "leave it out, or put discretize before it",
            )
    encoder = OneHotEncoder(drop=drop, handle_unknown="ignore", sparse_output=False, dtype="int8")
    encoder.fit(category_values(data, columns))
    produced = _names(encoder, columns)
    others = [str(name) for name in data.columns if name not in set(columns)]
    clash = [name for name in produced if name in set(others)]
    if clash or len(set(produced)) < len(produced):
        raise OperatorError(f"the encoded columns' names would clash: {listed(clash or produced)}", "rename a column")
    step = FittedTransform("one_hot", encoder, columns, produced, _apply)
    return Transformed(step.transform(data), step)


def _names(encoder: Any, columns: list[str]) -> list[str]:
    """`column_category` in the encoder's order."""
    names = []
    for position, (column, categories) in enumerate(zip(columns, encoder.categories_, strict=True)):
        left_out = None if encoder.drop_idx_ is None else encoder.drop_idx_[position]
        for index, category in enumerate(categories):
            if index != left_out:
                names.append(f"{column}_{MISSING if category is None or category != category else category}")
    return names


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    import warnings

    import pandas as pd

    rest = frame.drop(columns=step.columns)
    if len(frame) == 0:
        encoded = pd.DataFrame({name: pd.Series(dtype="int8") for name in step.produces})
        return with_columns(rest, {name: encoded[name] for name in step.produces})
    values = category_values(frame, step.columns)
    note_unseen(values, step.step.categories_, "encoded as zeros")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        encoded_values = step.step.transform(values)
    encoded = pd.DataFrame(encoded_values, columns=step.produces, index=frame.index)
    return pd.concat([rest, encoded], axis="columns")
