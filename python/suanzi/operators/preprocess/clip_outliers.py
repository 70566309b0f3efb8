"""`clip_outliers`: extreme values drawn in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.feature.scaling import Excluded, NumericColumns, Transformed, chosen_columns
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_numeric, with_columns

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Clip / Smooth Outliers",
    name_zh="特征异常平滑",
    category="preprocess",
    doc_en="Draws values beyond limits in to the limits (numpy.clip). Limits are learnt from this table: quantiles, "
    "quartiles ± factor × range, mean ± factor × deviation, or given.",
    doc_zh="将超出界限的值收缩到界限（numpy.clip）。界限由本表得到：分位数、四分位距、均值±若干标准差，或直接给定。",
)
def clip_outliers(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    method: Annotated[
        Literal["quantile", "iqr", "sigma", "limits"],
        Param(label_en="Limits by", label_zh="界限依据", help_en="How to find them.", help_zh="界限的确定方式。"),
    ] = "quantile",
    low: Annotated[
        float,
        Param(
            label_en="Low",
            label_zh="下",
            help_en="Quantile (0 to 1), or the limit itself.",
            help_zh="分位数（0 到 1），或界限本身。",
        ),
    ] = 0.01,
    high: Annotated[
        float,
        Param(
            label_en="High",
            label_zh="上",
            help_en="Quantile (0 to 1), or the limit itself.",
            help_zh="分位数（0 到 1），或界限本身。",
        ),
    ] = 0.99,
    factor: Annotated[
        float,
        Param(gt=0, label_en="Factor", label_zh="倍数", help_en="For iqr and sigma.", help_zh="用于 iqr 和 sigma。"),
    ] = 3.0,
) -> Transformed:
    if method in ("quantile", "limits") and low >= high:
        raise OperatorError(f"'low' is {low:g}, 'high' {high:g}", "make 'low' smaller than 'high'")
    if method == "quantile" and not 0 <= low < high <= 1:
        raise OperatorError(f"quantiles lie between 0 and 1, not {low:g} and {high:g}", "give 0.01 and 0.99, say")
    names = [name for name in chosen_columns(data, columns, exclude) if data[name].dtype.kind != "b"]
    limits = {name: _limits(data[name], method, low, high, factor) for name in names}
    step = FittedTransform("clip_outliers", limits, names, names, _apply)
    return Transformed(step.transform(data), step)


def _limits(column: pd.Series, method: str, low: float, high: float, factor: float) -> tuple[Any, Any]:
    """Both limits; a column without values has none."""
    if method == "limits":
        return low, high
    values = column.dropna().astype("float64")
    if len(values) == 0:
        return None, None
    if method == "sigma":
        middle, spread = values.mean(), factor * values.std(ddof=0)
        return float(middle - spread), float(middle + spread)
    if method == "iqr":
        first, third = values.quantile([0.25, 0.75])
        return float(first - factor * (third - first)), float(third + factor * (third - first))
    return float(values.quantile(low)), float(values.quantile(high))


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    require_numeric(frame, step.columns)
    changed = {}
    for name, (low, high) in step.step.items():
        values = frame[name].astype("float64") if frame[name].dtype.kind in "iub" else frame[name]
        changed[name] = values.clip(low, high)
    return with_columns(frame, changed)
