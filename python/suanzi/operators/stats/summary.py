"""`summary`: figures of every column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from suanzi.operators.reporting import report, section
from suanzi.sdk import Report, Table, operator
from suanzi.sdk.columns import is_numeric

if TYPE_CHECKING:
    import pandas as pd

FIGURES = [
    "count",
    "missing",
    "missing_share",
    "distinct",
    "mean",
    "std",
    "min",
    "q25",
    "median",
    "q75",
    "max",
    "skew",
    "kurtosis",
    "zeros",
    "top",
    "top_count",
]


class Described(NamedTuple):
    """A row per column, and the same to read."""

    data: Table
    report: Report


@operator(
    name_en="Full-Table Statistics",
    name_zh="全表统计",
    category="evaluate",
    doc_en="A row per column: counts, missing and distinct values, mean, deviation, quartiles, extremes, skewness, "
    "kurtosis, the most frequent value (pandas describe and more).",
    doc_zh="每列一行：计数、缺失、不同取值数、均值、标准差、四分位数、极值、偏度、峰度、众数（pandas describe 等）。",
)
def summary(data: Table) -> Described:
    import pandas as pd

    rows = [{"column": str(name), "type": str(data[name].dtype), **_figures(data[name])} for name in data.columns]
    described = pd.DataFrame(rows, columns=["column", "type", *FIGURES])
    numbers = [name for name in FIGURES if name != "top"]
    described = described.astype({**dict.fromkeys(numbers, "float64"), "top": "string"})
    described = described.astype(dict.fromkeys(["count", "missing", "distinct"], "int64"))
    cells = described.astype(object).where(described.notna(), None).to_numpy().tolist()
    table = section("Columns", "列", list(described.columns), cells)
    size = section("Table", "表", ["rows", "columns"], [[len(data), len(data.columns)]])
    return Described(described, report("Statistics", "全表统计", [size, table]))


def _figures(column: pd.Series) -> dict[str, Any]:
    present = column.dropna()
    figures: dict[str, Any] = {
        "count": len(present),
        "missing": len(column) - len(present),
        "missing_share": (len(column) - len(present)) / len(column) if len(column) else None,
        "distinct": int(present.nunique()),
    }
    if len(present) == 0:
        return figures
    frequent = present.value_counts()
    most = int(frequent.iloc[0])
    figures["top"] = str(min(frequent.index[frequent == most], key=str))
    figures["top_count"] = most
    if not is_numeric(column):
        return figures
    values = present.astype("float64")
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    figures |= {
        "mean": values.mean(),
        "std": values.std(),
        "min": values.min(),
        "q25": low,
        "median": middle,
        "q75": high,
        "max": values.max(),
        "skew": values.skew(),
        "kurtosis": values.kurt(),
        "zeros": int((values == 0).sum()),
    }
    return figures
