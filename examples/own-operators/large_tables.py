"""Figures of a table that may be too large for one go: found by `--operators examples/own-operators`."""

import math
from typing import Annotated, Any

from suanzi.sdk import Columns, Metrics, OperatorError, Param, Partition, Table, operator


def total(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One result of those of all pieces, which come in the order of the rows."""
    figures = {}
    for name in parts[0]:
        count = sum(part[name]["count"] for part in parts)
        figures[name] = {
            "count": count,
            "mean": math.fsum(part[name]["sum"] for part in parts) / count if count else None,
            "largest": max((part[name]["largest"] for part in parts if part[name]["count"]), default=None),
        }
    return {"kind": "column_figures", "metrics": {f"{n}.{k}": v for n, of in figures.items() for k, v in of.items()}}


@operator(name_en="Column figures", name_zh="列统计", category="evaluate", partition=Partition(combine=total))
def column_figures(
    data: Table,
    *,
    columns: Annotated[Columns, Param(help_en="Of numbers.", help_zh="数值列。")],
) -> Metrics:
    """Count, mean and largest value of columns, however many rows there are."""
    found = {}
    for name in columns:
        if name not in data.columns:
            raise OperatorError(f"there is no column '{name}'", f"there are: {', '.join(data.columns)}")
        if data[name].dtype.kind not in "iuf":
            raise OperatorError(f"column '{name}' holds {data[name].dtype}, not numbers", "leave it out")
        values = data[name].dropna()
        found[name] = {
            "count": len(values),
            "sum": float(values.sum()),
            "largest": float(values.max()) if len(values) else None,
        }
    return found
