"""`group_aggregate`: one row per group, with figures of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.preprocess.parameters import ByColumns
from suanzi.sdk import OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_numeric
from suanzi.sdk.names import listed, nearest

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("count", "nunique", "sum", "mean", "median", "std", "var", "min", "max", "first", "last")
FOR_NUMBERS = ("sum", "mean", "median", "std", "var")
ROWS = "rows"


@operator(
    name_en="Group & Aggregate",
    name_zh="分组聚合",
    category="preprocess",
    doc_en="One row per group with figures of its rows (pandas groupby.agg), columns `column_figure`, and `rows`. "
    "Rows whose key is missing form a group of their own.",
    doc_zh="每组一行，给出该组的统计值（pandas groupby.agg），列名为“列_统计量”，另有 rows。键缺失的行自成一组。",
    role="aggregate",
)
def group_aggregate(
    data: Table,
    *,
    by: ByColumns,
    aggregations: Annotated[
        dict[str, Any] | None,
        Param(
            label_en="Figures",
            label_zh="统计量",
            help_en=f"Column to figure or list of figures: {', '.join(FIGURES)}. Empty: only the number of rows.",
            help_zh=f"列到统计量（或其列表）：{'、'.join(FIGURES)}。留空只统计行数。",
        ),
    ] = None,
) -> Table:
    require_columns(data, by, "by names it")
    by = list(dict.fromkeys(by))
    wanted = _figures(data, by, aggregations or {})
    groups = data.groupby(by, dropna=False, sort=True, observed=True)
    result = groups.size().rename(ROWS).reset_index()
    for column, figure in wanted:
        result[f"{column}_{figure}"] = getattr(groups[column], figure)().to_numpy()
    return result


def _figures(data: pd.DataFrame, by: list[str], aggregations: dict[str, Any]) -> list[tuple[str, str]]:
    wanted = []
    require_columns(data, [str(name) for name in aggregations], "aggregations names it")
    for column, figures in aggregations.items():
        for figure in figures if isinstance(figures, list) else [figures]:
            if figure not in FIGURES:
                meant = nearest(figure, FIGURES)
                raise OperatorError(
                    f"'{figure}' is no figure for column '{column}'; there are: {listed(FIGURES)}",
                    f"did you mean '{meant}'?" if meant else "choose one of them",
                )
            if figure in FOR_NUMBERS:
                require_numeric(data, [str(column)], f"'{figure}' is for numbers; use count, nunique, min or max")
            wanted.append((str(column), str(figure)))
    names = [*by, ROWS, *(f"{column}_{figure}" for column, figure in wanted)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise OperatorError(f"the result would have several columns called '{twice[0]}'", "rename a column first")
    return wanted
