"""`algo_local_model_2c_l`: two-class logistic regression, with scikit-learn's parameters of 2018."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import fit_classifier
from suanzi.operators.train.logistic import Solver, build, class_weights
from suanzi.operators.train.parameters import Features, Ignored, Label, PositiveLabel, RandomState
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="Two-class Logistic Regression",
    name_zh="逻辑回归二分类",
    category="train",
    doc_en="Trains scikit-learn's LogisticRegression on a label with two values.",
    doc_zh="用 scikit-learn 的 LogisticRegression 训练二分类模型。",
    random=True,
    unknown_params="ignore",
)
def algo_local_model_2c_l(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    penalty: Annotated[
        Literal["l2", "l1", "elasticnet", "none"] | None,
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
    max_iter: Annotated[
        int,
        Param(
            ge=1,
            label_en="Iterations",
            label_zh="最大迭代次数",
            help_en="At most so many iterations.",
            help_zh="最多迭代次数。",
        ),
    ] = 100,
    solver: Annotated[
        Solver,
        Param(advanced=True, label_en="Solver", label_zh="求解器", help_en="The solver.", help_zh="优化算法。"),
    ] = "liblinear",
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
    dual: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Dual",
            label_zh="对偶形式",
            help_en="Dual formulation (liblinear with l2 only).",
            help_zh="对偶形式（仅 liblinear 与 l2）。",
        ),
    ] = False,
    fit_intercept: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Intercept",
            label_zh="截距",
            help_en="Fit an intercept.",
            help_zh="是否拟合截距。",
        ),
    ] = True,
    intercept_scaling: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Intercept scaling",
            label_zh="截距缩放",
            help_en="For liblinear.",
            help_zh="仅用于 liblinear。",
        ),
    ] = 1.0,
    random_state: RandomState = None,
    senior: Ignored = None,
    multi_class: Ignored = None,
    n_jobs: Ignored = None,
    verbose: Ignored = None,
    warm_start: Ignored = None,
) -> Model:
    weights = class_weights(class_weight, data, y_col)
    estimator = build(
        penalty=penalty or "none",
        C=C,
        l1_ratio=l1_ratio,
        max_iter=max_iter,
        solver=solver,
        tol=tol,
        class_weight=weights,
        dual=dual,
        fit_intercept=fit_intercept,
        intercept_scaling=intercept_scaling,
        random_state=random_state,
    )
    return fit_classifier(estimator, data, x_cols, y_col, pre_value, algo_name="algo_local_model_2c_l", at_most=2)
