"""`linear_svm`: support vector machines, linear and with kernels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import feature_columns, fit_classifier, fit_regressor
from suanzi.operators.train.parameters import Balance, Features, Label, MaxIter, PositiveLabel, RandomState, Task
from suanzi.sdk import Model, OperatorError, Param, Table, operator
from suanzi.sdk.columns import is_numeric

MAX_KERNEL_ROWS = 100_000
"""A kernel machine's time grows with the square of the rows."""
LARGEST_VALUE = 1e50
"""Squares of much larger values overflow, and the solver then never ends."""


@operator(
    name_en="Support Vector Machine",
    name_zh="支持向量机",
    category="train",
    doc_en="Trains scikit-learn's LinearSVC or LinearSVR; with another kernel SVC or SVR. Standardize the features "
    "first. The score is the distance from the boundary, not a probability.",
    doc_zh="训练 scikit-learn 的 LinearSVC 或 LinearSVR；其他核函数使用 SVC 或 SVR。请先标准化特征。"
    "得分是到分界面的距离，而非概率。",
    random=True,
)
def linear_svm(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    kernel: Annotated[
        Literal["linear", "rbf", "poly", "sigmoid"],
        Param(label_en="Kernel", label_zh="核函数", help_en="Shape of the boundary.", help_zh="分界面的形状。"),
    ] = "linear",
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
    max_iter: MaxIter = 1000,
    class_weight: Balance = None,
    random_state: RandomState = None,
) -> Model:
    from sklearn import svm

    if kernel != "linear" and len(data) > MAX_KERNEL_ROWS:
        raise OperatorError(
            f"kernel '{kernel}' would take too long on {len(data):,} rows (limit {MAX_KERNEL_ROWS:,})",
            "use kernel 'linear', or random_sample before it",
        )
    _require_moderate(data, feature_columns(data, x_cols, y_col))
    shared: dict[str, Any] = {"C": C, "max_iter": max_iter}
    if task == "regression":
        linear = svm.LinearSVR(**shared, random_state=random_state)
        regressor = linear if kernel == "linear" else svm.SVR(kernel=kernel, **shared)
        return fit_regressor(regressor, data, x_cols, y_col, algo_name="linear_svm")
    shared |= {"class_weight": class_weight, "random_state": random_state}
    classifier = svm.LinearSVC(**shared) if kernel == "linear" else svm.SVC(kernel=kernel, **shared)
    return fit_classifier(classifier, data, x_cols, y_col, pre_value, algo_name="linear_svm")


def _require_moderate(data: Table, names: list[str]) -> None:
    for name in names:
        if is_numeric(data[name]) and (data[name].astype("float64").abs() > LARGEST_VALUE).any():
            raise OperatorError(
                f"column '{name}' holds values beyond {LARGEST_VALUE:g}, which this algorithm can't take",
                "put clip_outliers or standardize before it",
            )
