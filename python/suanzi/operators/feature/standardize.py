"""`standardize`: columns with mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.feature.scaling import (
    Excluded,
    NumericColumns,
    Transformed,
    apply_to_numbers,
    chosen_columns,
    fit_step,
)
from suanzi.sdk import Param, Table, operator


@operator(
    name_en="Standardize",
    name_zh="标准化",
    category="feature",
    doc_en="Shifts and scales columns to mean 0 and standard deviation 1 (scikit-learn's StandardScaler). "
    "Fit it on the training part; apply_transform does the same to other data.",
    doc_zh="将列平移缩放为均值 0、标准差 1（scikit-learn 的 StandardScaler）。"
    "在训练集上拟合，再用 apply_transform 应用到其他数据。",
)
def standardize(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    with_mean: Annotated[
        bool, Param(label_en="Centre", label_zh="去均值", help_en="Shift to mean 0.", help_zh="平移至均值 0。")
    ] = True,
    with_std: Annotated[
        bool, Param(label_en="Scale", label_zh="缩放", help_en="Scale to deviation 1.", help_zh="缩放至标准差 1。")
    ] = True,
) -> Transformed:
    from sklearn.preprocessing import StandardScaler

    names = chosen_columns(data, columns, exclude)
    scaler = StandardScaler(with_mean=with_mean, with_std=with_std)
    return fit_step("standardize", scaler, data, names, apply_to_numbers)
