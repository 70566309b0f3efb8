"""`logistic_regression`: a linear classifier for two or more classes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import MAX_CLASSES, fit_classifier
from suanzi.operators.train.logistic import Solver, build, class_weights
from suanzi.operators.train.parameters import Features, Label, PositiveLabel, RandomState
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="Logistic Regression",
    name_zh="逻辑回归",
    category="train",
    doc_en="Trains scikit-learn's LogisticRegression. Standardize the features first.",
    doc_zh="训练 scikit-learn 的 LogisticRegression。请先标准化特征。",
    random=True,
)
def logistic_regression(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    penalty: Annotated[
        Literal["l2", "l1", "elasticnet", "none"],
        Param(label_en="Penalty", label_zh="正则项", help_en="Kind of regularisation.", help_zh="正则化类型。"),
    ] = "l2",
    C: Annotated[
        float,
        Param(
            gt=0,
            label_en="C",
            label_zh="正则强度倒数",
            help_en="Inverse of the regularisation's strength.",
            help_zh="正则化强度的倒数。",
        ),
    ] = 1.0,
    l1_ratio: Annotated[
        float | None,
        Param(
            ge=0,
            le=1,
            advanced=True,
            label_en="L1 ratio",
            label_zh="L1 占比",
            help_en="Share of l1, for elasticnet.",
            help_zh="L1 占比，仅用于 elasticnet。",
        ),
    ] = None,
    solver: Annotated[
        Solver,
        Param(advanced=True, label_en="Solver", label_zh="求解器", help_en="The solver.", help_zh="优化算法。"),
    ] = "lbfgs",
    max_iter: Annotated[
        int,
        Param(ge=1, label_en="Iterations", label_zh="最大迭代次数", help_en="At most so many.", help_zh="最多次数"),
    ] = 100,
    tol: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Tolerance",
            label_zh="收敛容差",
            help_en="Stops when the gain is smaller.",
            help_zh="改进小于该值时停止。",
        ),
    ] = 0.0001,
    class_weight: Annotated[
        dict[str, Any] | Literal["balanced"] | None,
        Param(
            advanced=True,
            label_en="Class weights",
            label_zh="类别权重",
            help_en="'balanced', or a map from label to weight.",
            help_zh="'balanced'，或标签到权重的映射。",
        ),
    ] = None,
    fit_intercept: Annotated[
        bool,
        Param(advanced=True, label_en="Intercept", label_zh="截距", help_en="Fit one.", help_zh="是否拟合截距。"),
    ] = True,
    random_state: RandomState = None,
) -> Model:
    estimator = build(
        penalty=penalty,
        C=C,
        l1_ratio=l1_ratio,
        solver=solver,
        max_iter=max_iter,
        tol=tol,
        class_weight=class_weights(class_weight, data, y_col),
        fit_intercept=fit_intercept,
        random_state=random_state,
    )
    at_most = 2 if solver == "liblinear" else MAX_CLASSES
    name = "logistic_regression"
    return fit_classifier(estimator, data, x_cols, y_col, pre_value, algo_name=name, at_most=at_most)
