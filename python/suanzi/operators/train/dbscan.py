"""`dbscan`: groups rows that lie densely together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.train.fitting import feature_columns, features, fit
from suanzi.operators.train.kmeans import CLUSTER
from suanzi.operators.train.limits import require_size
from suanzi.operators.train.parameters import Features
from suanzi.sdk import OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_PAIRS = 500_000_000
"""Of rows within the radius of each other: the algorithm keeps all of them, in 4 GB."""
BASE, TRIED = 20_000, 1_000
"""Rows by which the pairs are estimated: so many, and the neighbours among them of so many."""


@operator(
    name_en="DBSCAN / HDBSCAN",
    name_zh="DBSCAN",
    category="train",
    doc_en="Groups rows that lie densely together (scikit-learn's DBSCAN or HDBSCAN) and adds the column `cluster`; -1 "
    "is noise. Standardize the features first.",
    doc_zh="将密集的行聚为一类（scikit-learn 的 DBSCAN 或 HDBSCAN），增加 cluster 列，-1 为噪声。请先标准化特征。",
)
def dbscan(
    data: Table,
    *,
    x_cols: Features = None,
    method: Annotated[
        Literal["dbscan", "hdbscan"],
        Param(
            label_en="Algorithm",
            label_zh="算法",
            help_en="hdbscan finds the radius by itself.",
            help_zh="hdbscan 自动确定半径。",
        ),
    ] = "dbscan",
    eps: Annotated[
        float, Param(gt=0, label_en="Radius", label_zh="半径", help_en="For dbscan.", help_zh="用于 dbscan。")
    ] = 0.5,
    min_samples: Annotated[
        int,
        Param(
            ge=2,
            label_en="Dense from",
            label_zh="最少邻居数",
            help_en="Rows within the radius; the smallest cluster of hdbscan.",
            help_zh="半径内的行数；hdbscan 的最小簇大小。",
        ),
    ] = 5,
) -> Table:
    from sklearn.cluster import DBSCAN, HDBSCAN

    columns = feature_columns(data, x_cols)
    x = features(data, columns)
    if method == "hdbscan" and len(x) < min_samples:
        raise OperatorError(f"{len(x):,} rows can't make a cluster of {min_samples}", "set min_samples lower")
    estimator: Any = (
        DBSCAN(eps=eps, min_samples=min_samples)
        if method == "dbscan"
        else HDBSCAN(min_cluster_size=min_samples, copy=True)
    )
    if method == "dbscan":
        require_size(estimator, len(x), columns)
        _require_few_pairs(x, eps)
    fit(estimator, x)
    labels = estimator.labels_.astype("int64")
    noise = int((labels < 0).sum())
    current().note(f"{labels.max() + 1} clusters, {noise:,} rows of noise")
    return with_columns(data, {CLUSTER: labels})


def _require_few_pairs(x: pd.DataFrame, eps: float) -> None:
    """Refuses a radius so large, or rows so many, that the neighbours of all rows fill the memory."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    if len(x) ** 2 <= MAX_PAIRS:
        return
    rng = np.random.default_rng(0)
    base = x.iloc[np.sort(rng.choice(len(x), BASE, replace=False))]
    found = NearestNeighbors(radius=eps).fit(base).radius_neighbors(base[:: BASE // TRIED], return_distance=False)
    # Each finds itself, which is one of the base's rows and no neighbour.
    share = (sum(len(one) for one in found) - TRIED) / (TRIED * (BASE - 1))
    pairs = share * len(x) ** 2 + len(x)
    if pairs > MAX_PAIRS:
        rows = max(1_000, int((MAX_PAIRS / share) ** 0.5) // 1_000 * 1_000)
        raise OperatorError(
            f"within {eps:g} (eps) of each other there are about {pairs:,.0f} pairs among {len(x):,} rows of columns "
            f"{listed(x.columns)}; this algorithm keeps all of them in memory (limit {MAX_PAIRS:,})",
            f"set eps lower, or take a sample of at most {rows:,} rows before it: random_sample",
        )
