"""`normalize`: columns within a range."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.operators.feature.scaling import (
    Excluded,
    NumericColumns,
    Transformed,
    apply_to_numbers,
    chosen_columns,
    fit_step,
)
from suanzi.sdk import OperatorError, Param, Table, operator


@operator(
    name_en="Normalize (Min-Max)",
    name_zh="归一化",
    category="feature",
    doc_en="Scales columns into a range (scikit-learn's MinMaxScaler), or by their largest absolute value "
    "(MaxAbsScaler).",
    doc_zh="将列缩放到给定区间（scikit-learn 的 MinMaxScaler），或除以最大绝对值（MaxAbsScaler）。",
)
def normalize(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    method: Annotated[
        Literal["minmax", "maxabs"],
        Param(label_en="Way", label_zh="方法", help_en="Into a range, or by size.", help_zh="按区间，或按最大绝对值。"),
    ] = "minmax",
    low: Annotated[
        float, Param(label_en="From", label_zh="下限", help_en="Lower end of the range.", help_zh="区间下限。")
    ] = 0.0,
    high: Annotated[
        float, Param(label_en="To", label_zh="上限", help_en="Upper end of the range.", help_zh="区间上限。")
    ] = 1.0,
) -> Transformed:
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler

    if low >= high:
        raise OperatorError(f"the range from {low:g} to {high:g} is empty", "make 'low' smaller than 'high'")
    names = chosen_columns(data, columns, exclude)
    scaler = MinMaxScaler(feature_range=(low, high)) if method == "minmax" else MaxAbsScaler()
    return fit_step("normalize", scaler, data, names, apply_to_numbers)
