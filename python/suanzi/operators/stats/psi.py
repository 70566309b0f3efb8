"""`psi`: whether two tables are of the same population."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.evaluate.findings import finding
from suanzi.operators.reporting import chart, report, section
from suanzi.sdk import Columns, OperatorError, Param, Report, Table, operator
from suanzi.sdk.columns import is_numeric, require_columns, require_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SMALLEST_SHARE = 1e-4
"""Shares of empty bins count as this, so that the logarithm stays finite."""
STABLE, SHIFTED = 0.1, 0.25
MAX_CATEGORIES = 50
"""Rarer categories than the most frequent so many are put together."""


@operator(
    name_en="Population Stability Index",
    name_zh="样本稳定指数(PSI)",
    category="evaluate",
    doc_en="Compares how columns are spread in two tables: Σ (actual − expected) · ln(actual / expected) over bins "
    "that hold equal parts of the expected table. Below 0.1 stable, above 0.25 another population. Missing values "
    "are a bin.",
    doc_zh="比较两张表中各列的分布：在基准表等频分箱上求 Σ(实际−期望)·ln(实际/期望)。低于 0.1 稳定，高于 0.25 "
    "显著偏移。缺失值自成一箱。",
)
def psi(
    expected: Table,
    actual: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(
            label_en="Columns",
            label_zh="列",
            help_en="Empty: all that both tables have.",
            help_zh="留空为两表共有的列。",
        ),
    ] = None,
    bins: Annotated[
        int, Param(ge=2, le=100, label_en="Bins", label_zh="箱数", help_en="For numbers.", help_zh="用于数值列。")
    ] = 10,
) -> Report:
    require_rows(expected, "the expected table")
    require_rows(actual, "the actual table")
    names = list(dict.fromkeys(columns or [str(name) for name in expected.columns if name in actual.columns]))
    if not names:
        raise OperatorError("the tables have no column in common", "rename columns first")
    require_columns(expected, names, "the parameter columns names it")
    require_columns(actual, names, "the parameter columns names it")
    found = []
    for name in names:
        labels, wanted, seen = _shares(expected[name], actual[name], name, bins)
        parts = (seen - wanted) * _log_ratio(seen, wanted)
        found.append((name, float(parts.sum()), labels, wanted, seen, parts))
    found.sort(key=lambda entry: -entry[1])
    sections = [section("PSI", "PSI", ["column", "psi", "reading"], [[f[0], f[1], _reading(f[1])] for f in found])]
    header = ["bin", "expected", "actual", "psi"]
    for name, _, labels, wanted, seen, parts in found:
        sections.append(section(name, name, header, zip(labels, wanted, seen, parts, strict=True)))
    drawn = chart("bar", "PSI", "PSI", labels=[f[0] for f in found], values=[f[1] for f in found])
    return report(
        "Population stability", "样本稳定性", sections, [drawn], [_shift(f[0], f[1]) for f in found if f[1] > SHIFTED]
    )


def _reading(value: float) -> str:
    return "stable" if value < STABLE else "moved" if value <= SHIFTED else "shifted"


def _shift(name: str, value: float) -> dict[str, Any]:
    return finding(
        "population_shift",
        "warning",
        f"column '{name}' is spread differently in the two tables: PSI {value:.3f}, above {SHIFTED}",
        f"列“{name}”在两张表中分布差异显著：PSI 为 {value:.3f}，高于 {SHIFTED}",
        "look for a change in how the data come about; train again on newer data",
        "检查数据来源是否变化；用较新的数据重新训练",
    )


def _log_ratio(seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    import numpy as np

    ratio: np.ndarray = np.log(np.maximum(seen, SMALLEST_SHARE) / np.maximum(wanted, SMALLEST_SHARE))
    return ratio


def _shares(expected: pd.Series, actual: pd.Series, name: str, bins: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Labels of the bins and the share of each table's rows in them, the last for missing values."""
    import numpy as np

    if is_numeric(expected) != is_numeric(actual) and expected.notna().any() and actual.notna().any():
        raise OperatorError(
            f"column '{name}' holds {expected.dtype} in the expected table, {actual.dtype} in the actual one",
            "put type_cast before one of them",
        )
    if is_numeric(expected) and expected.notna().any():
        values = expected.dropna().to_numpy(dtype="float64")
        edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
        texts = ["-inf", *(f"{edge:g}" for edge in edges), "inf"]
        labels = [f"({low}, {high}]" for low, high in pairwise(texts)]

        def places(column: pd.Series) -> Any:
            return np.searchsorted(edges, column.dropna().to_numpy(dtype="float64"), side="left")

    else:
        kept = expected.dropna().astype(str).value_counts().head(MAX_CATEGORIES).index.tolist()
        labels = [*kept, "(others)"]
        place = {label: position for position, label in enumerate(kept)}

        def places(column: pd.Series) -> Any:
            return column.dropna().astype(str).map(place).fillna(len(kept)).to_numpy(dtype="int64")

    shares = [
        np.append(np.bincount(places(column), minlength=len(labels)), int(column.isna().sum())) / len(column)
        for column in (expected, actual)
    ]
    return [*labels, "(missing)"], shares[0], shares[1]
