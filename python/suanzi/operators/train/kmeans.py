"""`kmeans`: groups rows around centres."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from suanzi.operators.train.fitting import feature_columns, features, fit
from suanzi.operators.train.parameters import Features, RandomState
from suanzi.sdk import Model, OperatorError, Param, Table, TrainedModel, operator
from suanzi.sdk.columns import with_columns

CLUSTER = "cluster"


class Clustered(NamedTuple):
    """The model, and the table with a column `cluster`."""

    model: Model
    data: Table


@operator(
    name_en="K-Means",
    name_zh="K均值聚类",
    category="train",
    doc_en="Groups rows around centres (scikit-learn's KMeans) and adds the column `cluster`.",
    doc_zh="将行聚为若干类（scikit-learn 的 KMeans），并增加 cluster 列。",
    random=True,
)
def kmeans(
    data: Table,
    *,
    x_cols: Features = None,
    n_clusters: Annotated[
        int, Param(ge=1, label_en="Clusters", label_zh="聚类数", help_en="How many.", help_zh="聚类的数量。")
    ] = 8,
    n_init: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="Starts",
            label_zh="初始化次数",
            help_en="Random starts; the best is kept.",
            help_zh="随机初始化的次数，取最优。",
        ),
    ] = 10,
    max_iter: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="Iterations",
            label_zh="最大迭代次数",
            help_en="At most so many per start.",
            help_zh="每次初始化的最多迭代次数。",
        ),
    ] = 300,
    random_state: RandomState = None,
) -> Clustered:
    from sklearn.cluster import KMeans

    columns = feature_columns(data, x_cols)
    x = features(data, columns)
    if len(x) < n_clusters:
        raise OperatorError(f"{len(x):,} rows can't make {n_clusters} clusters", "ask for fewer clusters")
    estimator = KMeans(n_clusters=n_clusters, n_init=n_init, max_iter=max_iter, random_state=random_state)
    fit(estimator, x)
    types = {name: str(data[name].dtype) for name in columns}
    model = TrainedModel(estimator, columns, task="clustering", algo_name="kmeans", column_types=types)
    return Clustered(model, with_columns(data, {CLUSTER: estimator.labels_}))
