"""`eval_regression`: judges the prediction of a quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suanzi.operators.evaluate import findings as say
from suanzi.operators.evaluate.curves import rounded
from suanzi.operators.evaluate.parameters import Evaluation, PredictedColumn, TrueColumn
from suanzi.operators.evaluate.report import report
from suanzi.operators.predict.scoring import RESULT
from suanzi.operators.reporting import binned
from suanzi.sdk import Table, operator
from suanzi.sdk.columns import require_columns, require_finite, require_labels, require_numeric, require_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

HISTOGRAM_BINS = 30
MAX_POINTS = 200
PERFECT_R2 = 0.9999


@operator(
    name_en="Regression Evaluation",
    name_zh="回归评估",
    category="evaluate",
    doc_en="R², mean absolute and squared errors, residuals as a histogram and against the prediction, "
    "findings in words.",
    doc_zh="R²、平均绝对误差、均方根误差，残差直方图与散点，以及文字结论。",
)
def eval_regression(data: Table, *, y_col: TrueColumn, pre_col: PredictedColumn = RESULT) -> Evaluation:
    result = evaluate(data, y_col, pre_col)
    return Evaluation(result, report(result, "Regression", "回归评估"))


def evaluate(data: pd.DataFrame, y_col: str, pre_col: str) -> dict[str, Any]:
    """Figures, residuals and findings; `mape` is null where a true value is 0, `r2` where all are equal."""
    import numpy as np

    require_rows(data)
    require_columns(data, [y_col, pre_col], "this evaluation needs it")
    require_numeric(data, [y_col, pre_col], "a regression is judged on numbers; for classes use eval_multiclass")
    require_labels(data, y_col)
    require_finite(data, [y_col, pre_col], "check the prediction: every row needs a finite value")
    truth: np.ndarray = data[y_col].to_numpy(dtype=np.float64)
    guess: np.ndarray = data[pre_col].to_numpy(dtype=np.float64)
    residual = truth - guess
    spread = float(((truth - truth.mean()) ** 2).sum())
    squared = float((residual**2).sum())
    metrics: dict[str, float | None] = {
        "r2": 1 - squared / spread if spread > 0 and len(truth) > 1 else None,
        "mae": float(np.abs(residual).mean()),
        "rmse": float(np.sqrt((residual**2).mean())),
        "mape": float(np.abs(residual / truth).mean()) if (truth != 0).all() else None,
        "median_absolute_error": float(np.median(np.abs(residual))),
        "max_error": float(np.abs(residual).max()),
        "bias": float(-residual.mean()),
        "explained_variance": float(1 - residual.var() / truth.var()) if spread > 0 else None,
    }
    counts, edges = binned(residual, HISTOGRAM_BINS)
    some = np.unique(np.linspace(0, len(truth) - 1, min(MAX_POINTS, len(truth))).astype(np.int64))
    return {
        "kind": "regression",
        "rows": len(data),
        "metrics": metrics,
        "curves": {
            "residual_histogram": {"edges": rounded(np.array(edges)), "count": counts},
            "predicted_actual": {"predicted": rounded(guess[some]), "actual": rounded(truth[some])},
        },
        "findings": _findings(metrics, guess, len(truth)),
    }


def _findings(metrics: dict[str, float | None], guess: np.ndarray, rows: int) -> list[dict[str, Any]]:
    found = []
    r2 = metrics["r2"]
    if r2 is None:
        found.append(say.constant_truth())
    elif r2 > PERFECT_R2:
        found.append(say.perfect_fit(r2))
    elif r2 < 0:
        found.append(say.worse_than_mean(r2))
    if rows > 1 and (guess == guess[0]).all():
        found.append(say.constant_score())
    return found
