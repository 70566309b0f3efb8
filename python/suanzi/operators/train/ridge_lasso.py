"""`ridge_lasso`: least squares with a penalty on large coefficients."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.operators.train.fitting import fit_regressor
from suanzi.operators.train.parameters import Features, Label, MaxIter
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="Ridge / Lasso / ElasticNet",
    name_zh="岭回归与Lasso回归",
    category="train",
    doc_en="Trains scikit-learn's Ridge, Lasso or ElasticNet. Standardize the features first.",
    doc_zh="训练 scikit-learn 的 Ridge、Lasso 或 ElasticNet。请先标准化特征。",
)
def ridge_lasso(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    penalty: Annotated[
        Literal["ridge", "lasso", "elasticnet"],
        Param(label_en="Penalty", label_zh="正则项", help_en="Squares, sizes, or both.", help_zh="L2、L1 或两者。"),
    ] = "ridge",
    alpha: Annotated[
        float, Param(gt=0, label_en="Strength", label_zh="强度", help_en="Of the penalty.", help_zh="正则强度。")
    ] = 1.0,
    l1_ratio: Annotated[
        float,
        Param(
            ge=0,
            le=1,
            advanced=True,
            label_en="L1 ratio",
            label_zh="L1 占比",
            help_en="Share of l1, for elasticnet.",
            help_zh="L1 占比，仅用于 elasticnet。",
        ),
    ] = 0.5,
    fit_intercept: Annotated[
        bool,
        Param(advanced=True, label_en="Intercept", label_zh="截距", help_en="Fit one.", help_zh="是否拟合截距。"),
    ] = True,
    max_iter: MaxIter = 1000,
) -> Model:
    from sklearn import linear_model as linear

    if penalty == "ridge":
        estimator = linear.Ridge(alpha=alpha, fit_intercept=fit_intercept, max_iter=max_iter)
    elif penalty == "lasso":
        estimator = linear.Lasso(alpha=alpha, fit_intercept=fit_intercept, max_iter=max_iter)
    else:
        estimator = linear.ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=fit_intercept, max_iter=max_iter)
    return fit_regressor(estimator, data, x_cols, y_col, algo_name="ridge_lasso")
