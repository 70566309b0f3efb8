"""`scale_transform`: logarithms, roots and powers that make skewed columns even."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.feature.scaling import Excluded, NumericColumns, Transformed, chosen_columns
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_numeric, with_columns

if TYPE_CHECKING:
    import pandas as pd

ABOVE: dict[str, tuple[float, bool]] = {
    "log": (0, False),
    "log1p": (-1, False),
    "sqrt": (0, True),
    "box-cox": (0, False),
}
"""The bound of what a way can take, and whether the bound itself is allowed."""


@operator(
    name_en="Feature Scale Transform",
    name_zh="特征尺度变换",
    category="feature",
    doc_en="Replaces numbers by their logarithm, root or square, or by a power that is learnt to make them look normal "
    "(scikit-learn's PowerTransformer). Missing values stay.",
    doc_zh="将数值替换为其对数、平方根或平方，或由数据学得的幂变换（scikit-learn 的 PowerTransformer）；缺失值保持。",
)
def scale_transform(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    method: Annotated[
        Literal["log1p", "log", "sqrt", "square", "abs", "yeo-johnson", "box-cox"],
        Param(label_en="Way", label_zh="方法", help_en="Which function.", help_zh="变换函数。"),
    ] = "log1p",
    standardize: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Standardize",
            label_zh="标准化",
            help_en="For the two powers: to mean 0 and deviation 1.",
            help_zh="仅用于两种幂变换：标准化为均值 0、标准差 1。",
        ),
    ] = True,
) -> Transformed:
    names = chosen_columns(data, columns, exclude)
    _require_domain(data, names, method)
    learnt: Any = method
    if method in ("yeo-johnson", "box-cox"):
        from sklearn.preprocessing import PowerTransformer

        learnt = PowerTransformer(method=method, standardize=standardize)
        try:
            learnt.fit(data[names].to_numpy(dtype="float64"))
        except ValueError as error:
            raise OperatorError(f"scale_transform refuses the data: {error}", "leave that column out") from error
    step = FittedTransform("scale_transform", learnt, names, names, _apply)
    return Transformed(step.transform(data), step)


def _require_domain(frame: pd.DataFrame, names: list[str], method: str) -> None:
    if method not in ABOVE:
        return
    bound, allowed = ABOVE[method]
    for name in names:
        values = frame[name]
        bad = (values < bound) if allowed else (values <= bound)
        if bad.any():
            raise OperatorError(
                f"column '{name}' holds {float(values[bad].iloc[0]):g} ({int(bad.sum()):,} such rows); "
                f"{method} takes values {'from' if allowed else 'above'} {bound:g}",
                "use yeo-johnson, or clip_outliers before it",
            )


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    import numpy as np

    require_numeric(frame, step.columns)
    if len(frame) == 0:
        return frame.astype(dict.fromkeys(step.columns, "float64"))
    method = step.step if isinstance(step.step, str) else step.step.method
    _require_domain(frame, step.columns, method)
    values = frame[step.columns].to_numpy(dtype="float64")
    if not isinstance(step.step, str):
        changed = step.step.transform(values)
    else:
        function: Any = getattr(np, method)
        changed = function(values)
    return with_columns(frame, {name: changed[:, position] for position, name in enumerate(step.columns)})
