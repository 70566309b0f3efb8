"""`correlation`: how columns go together."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from suanzi.operators.feature.scaling import NumericColumns, chosen_columns
from suanzi.operators.reporting import chart, report, section
from suanzi.sdk import OperatorError, Param, Report, Table, operator

MAX_COLUMNS = 500
PAIRS_SHOWN = 20


class Correlated(NamedTuple):
    """The matrix as a table, and the same to read."""

    data: Table
    report: Report


@operator(
    name_en="Correlation Matrix",
    name_zh="相关系数矩阵",
    category="evaluate",
    doc_en="Correlations of numeric columns (pandas DataFrame.corr) over the rows where both have a value.",
    doc_zh="数值列两两之间的相关系数（pandas DataFrame.corr），只用两列均有值的行。",
)
def correlation(
    data: Table,
    *,
    columns: NumericColumns = None,
    method: Annotated[
        Literal["pearson", "spearman", "kendall"],
        Param(
            label_en="Coefficient",
            label_zh="系数",
            help_en="Of values, of ranks, or of pairs in order.",
            help_zh="皮尔逊、斯皮尔曼或肯德尔。",
        ),
    ] = "pearson",
) -> Correlated:
    import numpy as np

    names = chosen_columns(data, columns, None)
    if len(names) > MAX_COLUMNS:
        raise OperatorError(f"{len(names):,} columns; at most {MAX_COLUMNS} can be compared", "name fewer columns")
    matrix = data[names].astype("float64").corr(method=method)
    values = matrix.to_numpy()
    upper = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names)) if np.isfinite(values[i, j])]
    strongest = sorted(upper, key=lambda pair: -abs(values[pair]))[:PAIRS_SHOWN]
    rows = [[names[i], names[j], float(values[i, j])] for i, j in strongest]
    pairs = section("Strongest pairs", "相关最强的列对", ["column", "other", "correlation"], rows)
    drawn = chart("heatmap", "Correlations", "相关系数", rows=names, columns=names, values=values.tolist())
    table = matrix.reset_index(names="column" if "column" not in names else "(column)")
    return Correlated(table, report("Correlations", "相关系数", [pairs], [drawn]))
