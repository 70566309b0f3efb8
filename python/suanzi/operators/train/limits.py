"""How many rows and columns the algorithms take whose time or memory grows faster than those do.

Beyond them an operator refuses at once, in words, where it would else run for hours or take all memory. An algorithm
that is not named here takes a table of any size, in time that grows with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

FEW_COLUMNS = 15
"""scikit-learn finds neighbours by a tree up to so many columns; beyond them, each row is compared with each."""
SAMPLE = "take a sample of at most {rows:,} rows before it: random_sample, or stratified_sample"


@dataclass(frozen=True)
class Limit:
    """At most so many rows, or columns; why; what else would do; and for which settings, if not for all."""

    because: str
    rows: int | None = None
    columns: int | None = None
    instead: str = ""
    holds: Callable[[Any, int], bool] = lambda estimator, columns: True


MATRIX = "it keeps a number for each pair of rows in memory"
PAIRS = "it compares each row with each other"
SQUARE = "its time grows with the square of the rows, or faster"
CUBE = "its time grows with the cube of the rows, and its memory with their square"
GRAPH = "it makes a column for each row it learns from"
COVARIANCE = "its time grows with the cube of the columns"
EACH_COLUMN = "it trains anew for each column it takes or drops"


def _by_pairs(estimator: Any, columns: int) -> bool:
    """No tree finds this estimator's neighbours."""
    named = getattr(estimator, "algorithm", "auto")
    odd = str(getattr(estimator, "metric", "minkowski")) in ("cosine", "correlation", "nan_euclidean", "precomputed")
    return named == "brute" or (named == "auto" and (odd or columns > FEW_COLUMNS))


def _no_graph(estimator: Any, columns: int) -> bool:
    """All pairs of rows, not the nearest alone."""
    chosen = [getattr(estimator, name, None) for name in ("affinity", "kernel")]
    return not any(one in ("nearest_neighbors", "precomputed_nearest_neighbors", "knn") for one in chosen)


def _from_each_row(estimator: Any, columns: int) -> bool:
    return not getattr(estimator, "bin_seeding", False)


def _one_by_one(estimator: Any, columns: int) -> bool:
    """Each round drops so few columns that there are many rounds."""
    step = getattr(estimator, "step", 1)
    each = step if step >= 1 else max(1, int(step * columns))
    return bool(columns / each > MOST_ROUNDS)


MOST_ROUNDS = 1_000
COMPONENTS = "or sk_nystroem and a linear algorithm"
CLUSTERS = "or use kmeans, which takes any number"
PLACES = "or use pca, which takes any number"
NEIGHBOURS = Limit(PAIRS, 100_000, instead="or pca to at most 15 columns", holds=_by_pairs)
KERNEL_MACHINE = Limit(SQUARE, 100_000, instead="or use linear_svm with kernel 'linear'")

LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "AffinityPropagation": (Limit(MATRIX, 10_000, instead=CLUSTERS),),
    "AgglomerativeClustering": (Limit(MATRIX, 20_000, instead=CLUSTERS),),
    "ClassicalMDS": (Limit(CUBE, 10_000, instead=PLACES),),
    "DBSCAN": (NEIGHBOURS,),
    "EllipticEnvelope": (Limit(COVARIANCE, columns=1_000, instead="or use isolation_forest"),),
    "GaussianProcessClassifier": (Limit(CUBE, 10_000, instead=COMPONENTS),),
    "GaussianProcessRegressor": (Limit(CUBE, 10_000, instead=COMPONENTS),),
    "GraphicalLasso": (Limit(COVARIANCE, columns=500, instead="or filter_select"),),
    "GraphicalLassoCV": (Limit(COVARIANCE, columns=500, instead="or filter_select"),),
    "HDBSCAN": (Limit(PAIRS, 200_000, instead=CLUSTERS),),
    "Isomap": (Limit(MATRIX, 20_000, instead=PLACES),),
    "KNNImputer": (Limit(PAIRS, 100_000, instead="or use impute, which takes any number"),),
    "KNeighborsTransformer": (Limit(GRAPH, 10_000, instead="or use sk_nearest_neighbors"),),
    "KernelDensity": (Limit(PAIRS, 100_000, instead="or use sk_gaussian_mixture"),),
    "KernelPCA": (Limit(MATRIX, 20_000, instead="or use sk_nystroem before pca"),),
    "KernelRidge": (Limit(CUBE, 20_000, instead="or use sk_nystroem before ridge_lasso"),),
    "LabelPropagation": (Limit(MATRIX, 20_000, instead="or set kernel to knn", holds=_no_graph),),
    "LabelSpreading": (Limit(MATRIX, 20_000, instead="or set kernel to knn", holds=_no_graph),),
    "LocalOutlierFactor": (NEIGHBOURS,),
    "LocallyLinearEmbedding": (Limit(SQUARE, 100_000, instead=PLACES),),
    "MDS": (Limit(MATRIX, 10_000, instead=PLACES),),
    "MeanShift": (
        Limit("it starts from each row", 20_000, instead="or set bin_seeding", holds=_from_each_row),
        Limit(PAIRS, 200_000, instead=CLUSTERS),
    ),
    "MinCovDet": (Limit(COVARIANCE, columns=1_000, instead="or use sk_ledoit_wolf"),),
    "NearestNeighbors": (NEIGHBOURS,),
    "NeighborhoodComponentsAnalysis": (Limit(MATRIX, 10_000, instead="or use sk_linear_discriminant_analysis"),),
    "NuSVC": (KERNEL_MACHINE,),
    "NuSVR": (KERNEL_MACHINE,),
    "OPTICS": (Limit(PAIRS, 50_000, instead=CLUSTERS),),
    "OneClassSVM": (Limit(SQUARE, 100_000, instead="or use sk_sgd_one_class_svm"),),
    "QuantileRegressor": (Limit(SQUARE, 100_000, instead="or use gbdt with loss quantile"),),
    "RFE": (Limit(EACH_COLUMN, columns=MOST_ROUNDS, instead="or set step higher", holds=_one_by_one),),
    "RFECV": (Limit(EACH_COLUMN, columns=MOST_ROUNDS, instead="or set step higher", holds=_one_by_one),),
    "RadiusNeighborsTransformer": (Limit(GRAPH, 10_000, instead="or use sk_nearest_neighbors"),),
    "SVC": (KERNEL_MACHINE,),
    "SVR": (KERNEL_MACHINE,),
    "SequentialFeatureSelector": (Limit(EACH_COLUMN, columns=500, instead="or use filter_select alone"),),
    "SpectralClustering": (
        Limit(MATRIX, 10_000, instead="or set affinity to nearest_neighbors", holds=_no_graph),
        Limit(SQUARE, 100_000, instead=CLUSTERS),
    ),
    "SpectralEmbedding": (
        Limit(MATRIX, 10_000, instead="or set affinity to nearest_neighbors", holds=_no_graph),
        Limit(SQUARE, 100_000, instead=PLACES),
    ),
    "TSNE": (Limit("it moves each row against each other, hundreds of times", 100_000, instead=PLACES),),
}
"""By class of scikit-learn. Rows are such that 8 GiB and some minutes on one core are enough."""
ON_SAMPLES = ("BaggingClassifier", "BaggingRegressor")
"""Those that may train what is connected to them on fewer rows."""


def require_size(estimator: Any, rows: int, columns: list[str]) -> None:
    """Refuses a table on which the estimator, or one connected to it, would never end or take all memory."""
    for name, one in _parts(estimator):
        for limit in LIMITS.get(type(one).__name__, ()):
            if not limit.holds(one, len(columns)):
                continue
            who = type(one).__name__ if not name else f"{type(one).__name__}, connected to {type(estimator).__name__},"
            if limit.rows is not None and rows > limit.rows:
                raise OperatorError(
                    f"{rows:,} rows of columns {listed(columns)} are too many for {who} (limit {limit.rows:,}): "
                    f"{limit.because}",
                    _remedy(SAMPLE.format(rows=limit.rows), limit),
                )
            if limit.columns is not None and len(columns) > limit.columns:
                raise OperatorError(
                    f"{len(columns):,} columns ({listed(columns)}) are too many for {who} "
                    f"(limit {limit.columns:,}): {limit.because}",
                    _remedy(f"name at most {limit.columns:,} in x_cols, or filter_select before it", limit),
                )


MAX_GROUPS = 20_000
TRIED, MOSTLY_ALONE = 2_000, 0.25
"""Rows on which Birch is tried, and the share of groups among them from which on their number grows with the rows."""


def require_few_groups(birch: Any, x: pd.DataFrame) -> None:
    """Refuses rows of which Birch makes nearly as many groups: it then compares each group with each."""
    from sklearn.base import clone

    if len(x) <= MAX_GROUPS or birch.n_clusters is None:
        return
    tried = clone(birch).set_params(n_clusters=None).fit(x.sample(TRIED, random_state=0))
    share = len(tried.subcluster_centers_) / TRIED
    if share > MOSTLY_ALONE and share * len(x) > MAX_GROUPS:
        raise OperatorError(
            f"with threshold {birch.threshold:g}, Birch makes about {share * len(x):,.0f} groups of {len(x):,} rows of "
            f"columns {listed(x.columns)}, and compares each with each (limit {MAX_GROUPS:,})",
            f"put standardize before it, or set threshold higher; or use kmeans; or {SAMPLE.format(rows=MAX_GROUPS)}",
        )


def _remedy(first: str, limit: Limit) -> str:
    return f"{first}; {limit.instead}" if limit.instead else first


def _parts(estimator: Any) -> list[tuple[str, Any]]:
    """The estimator and those among its parameters, which train on its rows."""
    found = [("", estimator)]
    if type(estimator).__name__ in ON_SAMPLES and getattr(estimator, "max_samples", 1.0) not in (1.0, None):
        return found
    if hasattr(estimator, "get_params"):
        found += [(key, one) for key, one in estimator.get_params().items() if hasattr(one, "get_params")]
    return found
