"""`histogram`: how the values of columns are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.reporting import binned, chart, report, section
from suanzi.sdk import Columns, OperatorError, Param, Report, Table, operator
from suanzi.sdk.columns import is_numeric, require_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_COLUMNS = 200
MAX_CATEGORIES_SHOWN = 30
OTHERS = "(others)"


@operator(
    name_en="Histogram / Distribution",
    name_zh="直方图",
    category="evaluate",
    doc_en="Numbers as a histogram (numpy.histogram), texts as counts of the most frequent values.",
    doc_zh="数值列给出直方图（numpy.histogram），文本列给出最常见取值的计数。",
)
def histogram(
    data: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(label_en="Columns", label_zh="列", help_en="Empty means all.", help_zh="留空表示全部。"),
    ] = None,
    bins: Annotated[
        int, Param(ge=1, le=1000, label_en="Bins", label_zh="箱数", help_en="For numbers.", help_zh="用于数值列。")
    ] = 30,
) -> Report:
    names = list(dict.fromkeys(columns or [str(name) for name in data.columns]))
    require_columns(data, names, "the parameter columns names it")
    if len(names) > MAX_COLUMNS:
        raise OperatorError(
            f"{len(names):,} columns ({listed(names)}); at most {MAX_COLUMNS} can be drawn", "name some"
        )
    charts = [_chart(data[name], name, bins) for name in names]
    rows = [[name, len(data), int(data[name].isna().sum())] for name in names]
    return report("Distributions", "分布", [section("Columns", "列", ["column", "rows", "missing"], rows)], charts)


def _chart(column: pd.Series, name: str, bins: int) -> dict[str, Any]:
    import numpy as np

    present = column.dropna()
    if is_numeric(column) and column.dtype.kind != "b":
        values = present.to_numpy(dtype="float64")
        values = values[np.isfinite(values)]
        counts, edges = binned(values, bins)
        return chart("histogram", name, name, edges=edges, counts=counts)
    frequent = present.astype(str).value_counts()
    ordered = sorted(frequent.items(), key=lambda entry: (-entry[1], entry[0]))
    shown, rest = ordered[:MAX_CATEGORIES_SHOWN], ordered[MAX_CATEGORIES_SHOWN:]
    bars = [*shown, (OTHERS, sum(count for _, count in rest))] if rest else shown
    return chart("bar", name, name, labels=[label for label, _ in bars], values=[int(count) for _, count in bars])
