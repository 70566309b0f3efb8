"""What an estimator of scikit-learn is to a DAG: its inputs, its outputs, and whether it needs labels."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from suanzi.operators.generated.names import CLASSES
from suanzi.sdk import Estimator, Model, Table, Transform


class Trained(NamedTuple):
    """The model, and its estimator before training, for searches and ensembles."""

    model: Model
    estimator: Estimator


class Transformed(NamedTuple):
    """The table with the step applied, and the fitted step."""

    data: Table
    transform: Transform


class Marked(NamedTuple):
    """The model, and the table with what it says of each row."""

    model: Model
    data: Table


class Measured(NamedTuple):
    """The table with each row's distance, and the covariance of the features."""

    data: Table
    covariance: Table


@dataclass(frozen=True)
class Shape:
    """`name` says how it is run; `labels` is `none`, `one` or `several`."""

    name: str
    category: str
    outputs: Any
    labels: str = "none"
    does_en: str = ""
    does_zh: str = ""


SHAPES = {
    "classifier": Shape("classifier", "train", Trained, "one", "Trains a classifier.", "训练分类模型。"),
    "regressor": Shape("regressor", "train", Trained, "one", "Trains a regression.", "训练回归模型。"),
    "several_classes": Shape(
        "several_classes", "train", Trained, "several", "Predicts several labels at once.", "同时预测多个标签。"
    ),
    "several_values": Shape(
        "several_values", "train", Trained, "several", "Predicts several quantities at once.", "同时预测多个数值。"
    ),
    "clusterer": Shape(
        "clusterer",
        "train",
        Marked,
        "none",
        "Groups rows and adds the column `cluster`.",
        "对行聚类并增加 cluster 列。",
    ),
    "grouping": Shape(
        "grouping",
        "train",
        Table,
        "none",
        "Groups these rows and adds the column `cluster`; it can't group others.",
        "对行聚类并增加 cluster 列；不能用于其他数据。",
    ),
    "outlier": Shape(
        "outlier",
        "train",
        Marked,
        "none",
        "Adds `is_anomaly` 0 or 1 and `anomaly_score`, the higher the odder.",
        "增加 is_anomaly（0/1）与 anomaly_score（越高越异常）。",
    ),
    "density": Shape("density", "train", Table, "none", "Adds `log_density`.", "增加 log_density 列。"),
    "covariance": Shape(
        "covariance",
        "feature",
        Measured,
        "none",
        "Estimates the covariance and adds each row's `mahalanobis` distance.",
        "估计协方差，并为每行增加 mahalanobis 距离。",
    ),
    "neighbours": Shape(
        "neighbours",
        "feature",
        Table,
        "none",
        "Adds the numbers (from 0) and distances of each row's nearest other rows.",
        "为每行增加最近邻的行号（从 0 起）与距离。",
    ),
    "transformer": Shape(
        "transformer",
        "feature",
        Transformed,
        "none",
        "Replaces the columns by what it makes of them.",
        "以变换结果替换所选列。",
    ),
    "selector": Shape("selector", "feature", Transformed, "one", "Keeps the chosen features.", "保留选中的特征。"),
    "supervised": Shape(
        "supervised",
        "feature",
        Transformed,
        "one",
        "Replaces the columns by what it makes of them, learnt with the label.",
        "借助标签学习，以变换结果替换所选列。",
    ),
    "supervised_by_several": Shape(
        "supervised_by_several",
        "feature",
        Transformed,
        "several",
        "Replaces the columns by what it makes of them, learnt with the labels.",
        "借助多个标签学习，以变换结果替换所选列。",
    ),
    "embedding": Shape(
        "embedding",
        "feature",
        Table,
        "none",
        "Places these rows in few dimensions; it can't place others.",
        "将这些行嵌入低维空间；不能用于其他数据。",
    ),
    "text": Shape(
        "text",
        "feature",
        Transformed,
        "none",
        "Replaces a column of texts by one column per word or bucket.",
        "将文本列替换为每词（或每桶）一列。",
    ),
    "rows_as_maps": Shape(
        "rows_as_maps",
        "feature",
        Transformed,
        "none",
        "Reads each row as a map from column to value; texts become one column per value or bucket.",
        "将每行视为“列→值”的映射；文本值各成一列（或一桶）。",
    ),
    "label": Shape("label", "feature", Transformed, "none", "Encodes one column of labels.", "编码一列标签。"),
}

SHAPE_OF = {
    "CCA": "several_values",
    "ClassifierChain": "several_classes",
    "CountVectorizer": "text",
    "DictVectorizer": "rows_as_maps",
    "FeatureAgglomeration": "transformer",
    "FeatureHasher": "rows_as_maps",
    "HashingVectorizer": "text",
    "KernelDensity": "density",
    "LabelBinarizer": "label",
    "LabelEncoder": "label",
    "MultiLabelBinarizer": "label",
    "MultiOutputClassifier": "several_classes",
    "MultiOutputRegressor": "several_values",
    "MultiTaskElasticNet": "several_values",
    "MultiTaskElasticNetCV": "several_values",
    "MultiTaskLasso": "several_values",
    "MultiTaskLassoCV": "several_values",
    "NearestNeighbors": "neighbours",
    "NeighborhoodComponentsAnalysis": "supervised",
    "PLSCanonical": "several_values",
    "PLSRegression": "several_values",
    "PLSSVD": "supervised_by_several",
    "RegressorChain": "several_values",
    "VarianceThreshold": "transformer",
}
"""Those that their base classes don't tell."""
ESTIMATOR_PARAMETERS = ("estimator", "regressor", "final_estimator", "estimators")
"""Constructor parameters that take estimators: they are inputs."""
NOT_WRITTEN = ("transformer", "kernel_approximation")
"""Constructor parameters that take other objects, and have defaults."""
NEEDS_ESTIMATOR = ("SelfTrainingClassifier",)
"""Those whose estimator has a default that is refused."""


@dataclass(frozen=True)
class EstimatorInput:
    """An input for an estimator that isn't fitted; `several`: any number of them."""

    name: str
    required: bool
    several: bool = field(default=False)


def load(class_name: str) -> type:
    """The class, imported."""
    import importlib

    found: type = getattr(importlib.import_module(f"sklearn.{CLASSES[class_name][0]}"), class_name)
    return found


def shape_of(cls: type) -> Shape:
    """By the table, else by the class's mixins."""
    from sklearn import base
    from sklearn.covariance import EmpiricalCovariance
    from sklearn.feature_selection import SelectorMixin

    name = SHAPE_OF.get(cls.__name__)
    if name is None:
        mixins = (
            (base.ClassifierMixin, "classifier"),
            (base.RegressorMixin, "regressor"),
            (base.OutlierMixin, "outlier"),
            (SelectorMixin, "selector"),
            (EmpiricalCovariance, "covariance"),
            (base.DensityMixin, "clusterer"),
        )
        name = next((shape for mixin, shape in mixins if issubclass(cls, mixin)), None)
    if name is None and issubclass(cls, (base.ClusterMixin, base.BiclusterMixin)):
        name = "clusterer" if hasattr(cls, "predict") else "grouping"
    if name is None:
        name = "transformer" if hasattr(cls, "transform") else "embedding"
    return SHAPES[name]


def estimator_inputs(cls: type) -> list[EstimatorInput]:
    """Its inputs besides the table; the one that takes several comes last."""
    found = []
    for name, declared in inspect.signature(cls).parameters.items():
        if name in ESTIMATOR_PARAMETERS:
            required = declared.default is declared.empty or cls.__name__ in NEEDS_ESTIMATOR
            found.append(EstimatorInput(name, required, name == "estimators"))
    # Inputs that must be connected come before those that need not.
    return sorted(found, key=lambda one: (one.several, not one.required))
