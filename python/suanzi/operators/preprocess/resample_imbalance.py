"""`resample_imbalance`: as many rows of the rare labels as of the frequent ones."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import class_labels, feature_columns, features
from suanzi.operators.train.parameters import Features, Label, RandomState
from suanzi.sdk import OperatorError, Param, Table, current, operator
from suanzi.sdk.extras import require_extra

MAKERS = {
    "smote": ("over_sampling", "SMOTE"),
    "random_over": ("over_sampling", "RandomOverSampler"),
    "adasyn": ("over_sampling", "ADASYN"),
    "random_under": ("under_sampling", "RandomUnderSampler"),
    "near_miss": ("under_sampling", "NearMiss"),
}


@operator(
    name_en="SMOTE / Rebalance",
    name_zh="类别不平衡采样",
    category="preprocess",
    doc_en="Makes the labels equally frequent: invents rows between neighbours (SMOTE, ADASYN), repeats rows, or drops "
    "some (imbalanced-learn). Use it on the training part alone. Only features and label are kept. Needs the extra "
    "'imbalance'.",
    doc_zh="使各标签数量相同：在近邻之间合成新行（SMOTE、ADASYN）、重复行，或丢弃部分行（imbalanced-learn）。"
    "只应用于训练集，仅保留特征与标签列。需要附加包 imbalanced-learn。",
    random=True,
    requires={"imblearn": "imbalanced-learn"},
    role="resample",
)
def resample_imbalance(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    method: Annotated[
        Literal["smote", "random_over", "adasyn", "random_under", "near_miss"],
        Param(
            label_en="Method",
            label_zh="方法",
            help_en="Invent, repeat or drop rows.",
            help_zh="合成、重复或丢弃行。",
        ),
    ] = "smote",
    k_neighbors: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="Neighbours",
            label_zh="近邻数",
            help_en="For smote, adasyn and near_miss.",
            help_zh="用于 smote、adasyn 与 near_miss。",
        ),
    ] = 5,
    random_state: RandomState = None,
) -> Table:
    import importlib

    require_extra("imblearn", "imbalanced-learn", "this operator")
    columns = feature_columns(data, x_cols, y_col)
    class_labels(data, y_col)
    x = features(data, columns, missing_allowed=method.startswith("random"))
    counts = data[y_col].value_counts()
    by_neighbours = not method.startswith("random")
    if by_neighbours and counts.min() <= k_neighbors:
        raise OperatorError(
            f"label {counts.idxmin()!r} of column '{y_col}' has {counts.min():,} rows, too few for {k_neighbors} "
            "neighbours each",
            "set k_neighbors lower, or choose random_over",
        )
    module, name = MAKERS[method]
    options: dict[str, Any] = {} if method == "near_miss" else {"random_state": random_state}
    if by_neighbours:
        options["k_neighbors" if method == "smote" else "n_neighbors"] = k_neighbors
    try:
        made = getattr(importlib.import_module(f"imblearn.{module}"), name)(**options)
        found, labels = made.fit_resample(x, data[y_col])
    except (ValueError, RuntimeError) as error:
        raise OperatorError(f"{name} refuses the data: {error}", "choose another method") from error
    current().note(f"{len(data):,} rows became {len(found):,}")
    found = found.copy(deep=False)
    found[y_col] = labels.to_numpy() if hasattr(labels, "to_numpy") else labels
    return found
