"""The parts of a report: tables of cells to read, and charts that name their kind and hold their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def report(
    title_en: str,
    title_zh: str,
    sections: Sequence[dict[str, Any]],
    charts: Sequence[dict[str, Any]] = (),
    findings: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What a `report` output holds."""
    return {
        "kind": "report",
        "title_en": title_en,
        "title_zh": title_zh,
        "sections": list(sections),
        "charts": list(charts),
        "findings": list(findings),
    }


def section(title_en: str, title_zh: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """A titled table of cells."""
    return {"title_en": title_en, "title_zh": title_zh, "columns": columns, "rows": [list(row) for row in rows]}


def binned(values: np.ndarray, bins: int) -> tuple[list[int], list[float]]:
    """Counts and edges of a histogram; one bin where the values lie too close or too far apart for more."""
    import numpy as np

    try:
        counts, edges = np.histogram(values, bins=bins)
    except ValueError:
        counts, edges = np.array([len(values)]), np.array([values.min(), values.max()])
    return counts.tolist(), edges.tolist()


def chart(kind: str, title_en: str, title_zh: str, **data: Any) -> dict[str, Any]:
    """`bar` (labels, values), `histogram` (edges, counts), `line` (x, series), `heatmap` (rows, columns, values),
    `parallel` (axes, lines, better: "high" or "low", which end of the last axis is the better)."""
    return {"kind": kind, "title_en": title_en, "title_zh": title_zh, **data}
