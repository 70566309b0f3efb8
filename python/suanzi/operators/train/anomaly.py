"""`isolation_forest` and `lof`: rows unlike the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from suanzi.operators.train.fitting import feature_columns, features, fit
from suanzi.operators.train.parameters import Features, RandomState, Trees
from suanzi.sdk import Model, OperatorError, Param, Table, TrainedModel, current, operator
from suanzi.sdk.columns import with_columns

if TYPE_CHECKING:
    import pandas as pd

ANOMALY, ANOMALY_SCORE = "is_anomaly", "anomaly_score"
Contamination = Annotated[
    float | None,
    Param(
        gt=0,
        le=0.5,
        label_en="Share of anomalies",
        label_zh="异常占比",
        help_en="Empty: the algorithm's own bound.",
        help_zh="留空使用算法自身的界限。",
    ),
]


class Judged(NamedTuple):
    """The model, and the table with the columns `is_anomaly` and `anomaly_score`."""

    model: Model
    data: Table


@operator(
    name_en="Isolation Forest",
    name_zh="孤立森林异常检测",
    category="train",
    doc_en="Finds rows that few random cuts set apart (scikit-learn's IsolationForest): `is_anomaly` 0 or 1, "
    "`anomaly_score` the higher the odder. predict gives -1 for anomalies, else 1.",
    doc_zh="找出少数随机切分即可孤立的行（scikit-learn 的 IsolationForest）：is_anomaly 为 0/1，anomaly_score 越高"
    "越异常。predict 对异常给出 -1，否则为 1。",
    random=True,
)
def isolation_forest(
    data: Table,
    *,
    x_cols: Features = None,
    n_estimators: Trees = 100,
    contamination: Contamination = None,
    max_samples: Annotated[
        int,
        Param(
            ge=2,
            advanced=True,
            label_en="Rows per tree",
            label_zh="每棵树的行数",
            help_en="At most.",
            help_zh="每棵树最多使用的行数。",
        ),
    ] = 256,
    random_state: RandomState = None,
) -> Judged:
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(
        n_estimators=n_estimators,
        contamination="auto" if contamination is None else contamination,
        max_samples=min(max_samples, max(len(data), 1)),
        random_state=random_state,
        n_jobs=current().cpu_slots,
    )
    judged = _judged(forest, data, x_cols, "isolation_forest")
    forest.n_jobs = None
    return judged


@operator(
    name_en="Local Outlier Factor",
    name_zh="局部异常因子",
    category="train",
    doc_en="Finds rows that lie less densely than their neighbours (scikit-learn's LocalOutlierFactor): `is_anomaly` 0 "
    "or 1, `anomaly_score` the higher the odder. Standardize the features first.",
    doc_zh="找出密度低于其近邻的行（scikit-learn 的 LocalOutlierFactor）：is_anomaly 为 0/1，anomaly_score 越高越异常。"
    "请先标准化特征。",
)
def lof(
    data: Table,
    *,
    x_cols: Features = None,
    n_neighbors: Annotated[
        int, Param(ge=1, label_en="Neighbours", label_zh="近邻数", help_en="How many.", help_zh="近邻的数量。")
    ] = 20,
    contamination: Contamination = None,
) -> Table:
    from sklearn.neighbors import LocalOutlierFactor

    columns = feature_columns(data, x_cols)
    x = features(data, columns)
    if len(x) <= n_neighbors:
        raise OperatorError(f"{len(x):,} rows have no {n_neighbors} neighbours each", "set n_neighbors lower")
    factor = LocalOutlierFactor(
        n_neighbors=n_neighbors, contamination="auto" if contamination is None else contamination
    )
    fit(factor, x)
    odd = -factor.negative_outlier_factor_
    flags = (factor.negative_outlier_factor_ < factor.offset_).astype("int64")
    return with_columns(data, {ANOMALY: flags, ANOMALY_SCORE: odd})


def _judged(estimator: Any, data: pd.DataFrame, x_cols: list[str] | None, algo_name: str) -> Judged:
    columns = feature_columns(data, x_cols)
    x = features(data, columns)
    fit(estimator, x)
    types = {name: str(data[name].dtype) for name in columns}
    model = TrainedModel(estimator, columns, task="anomaly", algo_name=algo_name, column_types=types)
    flags = (estimator.predict(x) < 0).astype("int64")
    return Judged(model, with_columns(data, {ANOMALY: flags, ANOMALY_SCORE: -estimator.score_samples(x)}))
