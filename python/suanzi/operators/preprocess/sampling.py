"""Takes some of a table's rows by chance."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.preprocess.parameters import ByColumns
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns

Size = Annotated[
    float,
    Param(
        gt=0,
        label_en="Size",
        label_zh="样本量",
        help_en="A share below 1, or a number of rows from 1.",
        help_zh="小于 1 为比例，否则为行数。",
    ),
]
Replace = Annotated[
    bool,
    Param(
        advanced=True,
        label_en="With replacement",
        label_zh="有放回",
        help_en="A row may be drawn several times.",
        help_zh="同一行可被多次抽中。",
    ),
]


@operator(
    name_en="Random Sampling",
    name_zh="随机采样",
    category="preprocess",
    doc_en="Takes rows by chance (pandas DataFrame.sample), in the table's order.",
    doc_zh="随机抽取若干行（pandas DataFrame.sample），保持表中顺序。",
    random=True,
    role="sample",
)
def random_sample(
    data: Table, *, size: Size = 0.1, replace: Replace = False, random_state: RandomState = None
) -> Table:
    rows = _rows(size, len(data), replace, "the table")
    return data.sample(n=rows, replace=replace, random_state=random_state).sort_index().reset_index(drop=True)


@operator(
    name_en="Stratified Sampling",
    name_zh="分层采样",
    category="preprocess",
    doc_en="Takes rows by chance from each group (pandas groupby.sample), in the table's order. "
    "A share, or a number of rows, of each group.",
    doc_zh="从每个组中随机抽取（pandas groupby.sample），保持表中顺序；按比例或每组行数。",
    random=True,
    role="sample",
)
def stratified_sample(
    data: Table, *, by: ByColumns, size: Size = 0.1, replace: Replace = False, random_state: RandomState = None
) -> Table:
    require_columns(data, by, "by names it")
    groups = data.groupby(list(dict.fromkeys(by)), dropna=False, observed=True)
    if size < 1:
        drawn = groups.sample(frac=size, replace=replace, random_state=random_state)
    else:
        for key, count in groups.size().items():
            _rows(size, int(count), replace, f"the group {key!r}")
        drawn = groups.sample(n=int(size), replace=replace, random_state=random_state)
    return drawn.sort_index().reset_index(drop=True)


def _rows(size: float, rows: int, replace: bool, where: str) -> int:
    """Number of rows to draw."""
    if size < 1:
        return round(size * rows)
    if not float(size).is_integer():
        raise OperatorError(f"parameter 'size' is {size}", "give a share below 1, or a whole number of rows")
    if size > rows and (not replace or rows == 0):
        raise OperatorError(f"{where} has {rows:,} rows; {int(size):,} can't be drawn", "ask for fewer, or a share")
    return int(size)
