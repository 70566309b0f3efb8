"""An evaluation's figures with intervals: computed again on the rows it judged, while their table is there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from suanzi.operators.evaluate.card_page import Words
from suanzi.operators.evaluate.intervals import Interval, intervals
from suanzi.operators.predict.scoring import RESULT, SCORE

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 200
MAX_ROWS = 1_000_000
"""More rows get no intervals: a page should come in seconds."""
MAX_DRAWN = 20_000_000
"""Rows drawn over all resamples; more rows get fewer resamples."""
FEWEST_RESAMPLES = 20
TOLERANCE = 1e-6
"""A figure that is computed again must be the one that was stored, else it gets no interval."""


class Judged(NamedTuple):
    """Figures of one evaluation, what its intervals are, and its findings."""

    operator: str
    note: Words
    figures: dict[str, Interval]
    findings: list[dict[str, Any]]


def judged(evaluation: dict[str, Any], fitted: dict[str, Any]) -> Judged:
    """`fitted` is what was written down of the model: its label, where the evaluation's parameters leave it out."""
    result = evaluation["result"]
    stored = {
        name: float(value)
        for name, value in result["metrics"].items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    note, found = _again(evaluation, fitted, result)
    told = {}
    for name, value in stored.items():
        again = found.get(name)
        same = again is not None and again.value is not None and math.isclose(again.value, value, abs_tol=TOLERANCE)
        told[name] = Interval(value, again.low, again.high) if same and again else Interval(value, None, None)
    return Judged(evaluation["operator"], note, told, list(result.get("findings") or []))


def _again(
    evaluation: dict[str, Any], fitted: dict[str, Any], result: dict[str, Any]
) -> tuple[Words, dict[str, Interval]]:
    rows = result.get("rows")
    on = Words(f"on {rows:,} rows.", f"基于 {rows:,} 行。") if isinstance(rows, int) else Words("", "")
    without = Words(
        f"{on.en} Without intervals: this evaluation doesn't judge rows of a table.",
        f"{on.zh}无置信区间：该评估不针对表中的行。",
    )
    place = evaluation["table"]
    if result.get("kind") not in ("binary", "multiclass", "regression") or place is None:
        return without, {}
    if place["path"] is None:
        gone = "Without intervals: the table of judged rows was collected; run the DAG again."
        return Words(f"{on.en} {gone}", f"{on.zh}无置信区间：被评估的表已清理，请重新运行流程。"), {}
    if place["rows"] is None or place["rows"] > MAX_ROWS:
        many = f"Without intervals: they are computed for up to {MAX_ROWS:,} rows."
        return Words(f"{on.en} {many}", f"{on.zh}无置信区间：最多对 {MAX_ROWS:,} 行计算。"), {}
    label, guess, score = columns(evaluation, fitted)
    data = _read(place["path"], {label, guess, score} - {""})
    if label not in data.columns or len(data) == 0 or (guess not in data.columns and score not in data.columns):
        return without, {}
    from suanzi.operators.evaluate.rejudged import figures_of

    resamples = max(FEWEST_RESAMPLES, min(RESAMPLES, MAX_DRAWN // len(data)))
    try:
        figures = figures_of(result, data, label, guess, score if score in data.columns else None)
    except (KeyError, TypeError, ValueError):  # not the columns that were judged: no figure would be the stored one
        return without, {}
    note = Words(
        f"{on.en} Intervals of 95 %: percentiles over {resamples:,} bootstrap samples of these rows; they tell how far "
        "chance in the choice of the rows goes, not how another training would come out.",
        f"{on.zh}95% 置信区间为对这些行做 {resamples:,} 次自助法抽样的分位数；"
        "反映评估样本的偶然性，不反映重新训练的差异。",
    )
    return note, intervals(figures, len(data), resamples, seed=0)


def columns(evaluation: dict[str, Any], fitted: dict[str, Any]) -> tuple[str, str, str]:
    """Names of label, prediction and score as the evaluation took them; empty where there is none."""
    params = evaluation["params"]
    label = params.get("y_col") or fitted.get("label") or ""
    label = label[0] if isinstance(label, list) and label else label
    return str(label), str(params.get("pre_col", RESULT) or ""), str(params.get("score_col", SCORE) or "")


def _read(path: str, names: set[str]) -> pd.DataFrame:
    import pyarrow as pa

    with pa.memory_map(path) as source:
        table = pa.ipc.open_file(source).read_all()
        return table.select([name for name in table.column_names if name in names]).to_pandas()
