"""`knn`: the labels of the nearest rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import Features, Label, PositiveLabel, Task
from suanzi.sdk import Model, OperatorError, Param, Table, operator


@operator(
    name_en="K-Nearest Neighbours",
    name_zh="K近邻",
    category="train",
    doc_en="Trains scikit-learn's KNeighbors classifier or regressor. Standardize the features first.",
    doc_zh="训练 scikit-learn 的 KNeighbors 分类或回归模型。请先标准化特征。",
)
def knn(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    n_neighbors: Annotated[
        int, Param(ge=1, label_en="Neighbours", label_zh="近邻数", help_en="How many.", help_zh="近邻的数量。")
    ] = 5,
    weights: Annotated[
        Literal["uniform", "distance"],
        Param(label_en="Weights", label_zh="权重", help_en="Equal, or by nearness.", help_zh="等权或按距离。"),
    ] = "uniform",
    metric: Annotated[
        Literal["euclidean", "manhattan", "chebyshev", "cosine"],
        Param(advanced=True, label_en="Distance", label_zh="距离", help_en="Which one.", help_zh="距离度量。"),
    ] = "euclidean",
) -> Model:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    if len(data) < n_neighbors:
        raise OperatorError(f"{len(data):,} rows have no {n_neighbors} neighbours", "set n_neighbors lower")
    shared: dict[str, Any] = {"n_neighbors": n_neighbors, "weights": weights, "metric": metric}
    if task == "regression":
        return fit_regressor(KNeighborsRegressor(**shared), data, x_cols, y_col, algo_name="knn")
    return fit_classifier(KNeighborsClassifier(**shared), data, x_cols, y_col, pre_value, algo_name="knn")
