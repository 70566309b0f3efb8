"""`eval_cluster`: how well groups hold together and keep apart."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.operators.evaluate.parameters import Evaluation
from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.fitting import feature_columns, features
from suanzi.operators.train.kmeans import CLUSTER
from suanzi.operators.train.parameters import Features, RandomState
from suanzi.sdk import Column, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_labels, require_rows

MAX_SILHOUETTE_ROWS = 10_000
"""The silhouette compares all pairs; of more rows a random sample is taken."""
NOISE = -1


@operator(
    name_en="Clustering Evaluation",
    name_zh="聚类评估",
    category="evaluate",
    doc_en="Silhouette (of a sample of large tables), Davies-Bouldin and Calinski-Harabasz index; agreement with true "
    "groups where a label is named. Noise (-1) is counted, and left out of the figures.",
    doc_zh="轮廓系数（大表取样）、Davies-Bouldin 与 Calinski-Harabasz 指数；给出标签列时另算与真实分组的一致性。"
    "噪声（-1）只计数，不参与指标。",
    random=True,
)
def eval_cluster(
    data: Table,
    *,
    cluster_col: Annotated[
        Column, Param(label_en="Cluster", label_zh="聚类列", help_en="The groups.", help_zh="聚类所在的列。")
    ] = CLUSTER,
    x_cols: Features = None,
    y_col: Annotated[
        Column | None,
        Param(label_en="True groups", label_zh="真实分组", help_en="If known.", help_zh="若已知。"),
    ] = None,
    random_state: RandomState = None,
) -> Evaluation:
    from sklearn import metrics as figures

    require_rows(data)
    require_columns(data, [cluster_col, *([y_col] if y_col else [])], "a parameter names it")
    require_labels(data, cluster_col)
    without = {cluster_col, y_col}
    names = x_cols or [name for name in feature_columns(data, None, cluster_col) if name not in without]
    names = feature_columns(data, names, cluster_col)
    kept = data[data[cluster_col] != NOISE]
    sizes = kept[cluster_col].value_counts().sort_index()
    if not 2 <= len(sizes) < len(kept):
        raise OperatorError(
            f"column '{cluster_col}' holds {len(sizes)} clusters in {len(kept):,} rows; 2 or more, each of several "
            "rows, are needed",
            "ask the clustering for another number of clusters",
        )
    x, labels = features(kept, names).to_numpy(dtype="float64"), kept[cluster_col].to_numpy()
    sample = MAX_SILHOUETTE_ROWS if len(kept) > MAX_SILHOUETTE_ROWS else None
    metrics: dict[str, Any] = {
        "silhouette": figures.silhouette_score(x, labels, sample_size=sample, random_state=random_state),
        "davies_bouldin": figures.davies_bouldin_score(x, labels),
        "calinski_harabasz": figures.calinski_harabasz_score(x, labels),
        "clusters": len(sizes),
        "noise_share": 1 - len(kept) / len(data),
    }
    if y_col is not None:
        require_labels(kept, y_col)
        metrics["adjusted_rand"] = figures.adjusted_rand_score(kept[y_col], labels)
        metrics["normalized_mutual_info"] = figures.normalized_mutual_info_score(kept[y_col], labels)
    metrics = {name: float(value) for name, value in metrics.items()}
    rows = [[str(label), int(count), count / len(data)] for label, count in sizes.items()]
    sections = [
        section("Figures", "指标", ["figure", "value"], metrics.items()),
        section("Clusters", "聚类", ["cluster", "rows", "share"], rows),
    ]
    drawn = chart("bar", "Rows by cluster", "各类行数", labels=[r[0] for r in rows], values=[r[1] for r in rows])
    result = {"kind": "clustering", "rows": len(data), "metrics": metrics, "findings": []}
    return Evaluation(result, report("Clustering", "聚类评估", sections, [drawn]))
