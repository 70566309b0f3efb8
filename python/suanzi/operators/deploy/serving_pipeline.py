"""`serving_pipeline`: preprocessing and model as one model, proven to score as the pipeline does."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from suanzi.operators.deploy.prepared import together
from suanzi.operators.predict.scoring import RESULT, score
from suanzi.sdk import Metrics, Model, OperatorError, Param, Table, Transform, current, operator

if TYPE_CHECKING:
    import pandas as pd

PART_ROWS = 7
"""Rows are also scored in parts of this size: no row's score may depend on those beside it."""


class Served(NamedTuple):
    """The model that takes raw rows, and how far its scores are from the pipeline's."""

    model: Model
    metrics: Metrics


@operator(
    name_en="Serving Pipeline",
    name_zh="服务流水线",
    category="deploy",
    doc_en="Puts fitted steps (in the order of their edges) and a model together as one model that takes rows as they "
    "were before the steps: for register_model, batch_predict and export. A connected table of such rows is scored "
    "both ways, step by step and by the stored bundle in small parts; the largest difference is a figure, and one "
    "beyond the tolerance is refused.",
    doc_zh="将已拟合的变换（按连线顺序）与模型合为一个模型，直接接收变换之前的原始行，可用于注册、批量预测与导出。"
    "若连接原始数据表，则以逐步处理与打包后小批处理两种方式评分，给出最大差异；超出容差即拒绝。",
)
def serving_pipeline(
    model: Model,
    data: Table | None = None,
    transforms: list[Transform] | None = None,
    *,
    rows: Annotated[
        int,
        Param(
            ge=1,
            le=1_000_000,
            label_en="Rows to compare",
            label_zh="核对行数",
            help_en="Of the connected table, the first so many.",
            help_zh="取所连接表的前若干行进行核对。",
        ),
    ] = 1000,
    tolerance: Annotated[
        float,
        Param(
            ge=0,
            advanced=True,
            label_en="Tolerance",
            label_zh="容差",
            help_en="Largest difference of a score.",
            help_zh="评分的最大允许差异。",
        ),
    ] = 1e-9,
) -> Served:
    steps = transforms or []
    if not steps:
        raise OperatorError("no step is connected to input 'transforms'", "draw an edge from a transform output to it")
    bundle = together(steps, model)
    figures: dict[str, Any] = {"steps": len(steps), "columns": len(bundle.columns)}
    if data is not None and len(data):
        compared, difference = _parity(bundle, steps, model, data.head(rows))
        figures.update({"rows_compared": compared, "max_difference": difference})
        current().note(f"{compared:,} rows scored both ways: largest difference {difference:.3g}")
        if not difference <= tolerance:
            raise OperatorError(
                f"the bundle's scores differ from the pipeline's by up to {difference:.3g} on {compared:,} rows "
                f"(tolerance {tolerance:g})",
                "a step's result depends on the rows beside a row: leave that step out, or raise the tolerance",
            )
    return Served(bundle, {"kind": "serving_pipeline", "metrics": figures, "findings": []})


def _parity(bundle: Any, steps: list[Any], model: Any, data: pd.DataFrame) -> tuple[int, float]:
    """Rows and largest difference between the pipeline, step by step, and the stored bundle, part by part."""
    import numpy as np
    import pandas as pd

    frame = data
    for step in steps:
        frame = step.transform(frame)
    expected = score(model, frame)
    stored = pickle.loads(pickle.dumps(bundle))
    parts = [score(stored, data.iloc[start : start + PART_ROWS]) for start in range(0, len(data), PART_ROWS)]
    found = pd.concat(parts)
    largest = 0.0
    for name in expected.columns:
        if not name.startswith("predict_") or name not in found.columns or name in data.columns:
            continue
        one, other = expected[name].to_numpy(), found[name].to_numpy()
        numbers = one.dtype.kind == "f" and other.dtype.kind == "f"
        if numbers:
            largest = max(largest, float(np.abs(one - other).max()))
        elif name.startswith(RESULT):
            largest = max(largest, float(np.mean(one != other)))
    return len(data), largest
