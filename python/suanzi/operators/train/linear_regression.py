"""`linear_regression`: least squares."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.train.fitting import fit_regressor
from suanzi.operators.train.parameters import Features, Label
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="Linear Regression",
    name_zh="线性回归",
    category="train",
    doc_en="Trains scikit-learn's LinearRegression (least squares).",
    doc_zh="训练 scikit-learn 的 LinearRegression（最小二乘）。",
)
def linear_regression(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    fit_intercept: Annotated[
        bool, Param(label_en="Intercept", label_zh="截距", help_en="Fit one.", help_zh="是否拟合截距。")
    ] = True,
    positive: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="No negative weights",
            label_zh="系数非负",
            help_en="Coefficients of at least 0.",
            help_zh="限制系数不小于 0。",
        ),
    ] = False,
) -> Model:
    from sklearn.linear_model import LinearRegression

    estimator = LinearRegression(fit_intercept=fit_intercept, positive=positive)
    return fit_regressor(estimator, data, x_cols, y_col, algo_name="linear_regression")
