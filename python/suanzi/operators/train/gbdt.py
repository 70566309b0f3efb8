"""`gbdt`: gradient boosted trees on histograms, fast on large tables."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import Balance, Depth, Features, Label, PositiveLabel, RandomState, Task
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="GBDT (Hist)",
    name_zh="GBDT（直方图）",
    category="train",
    doc_en="Trains scikit-learn's HistGradientBoosting classifier or regressor. It takes missing values.",
    doc_zh="训练 scikit-learn 的 HistGradientBoosting 分类或回归模型，可直接处理缺失值。",
    random=True,
)
def gbdt(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    max_iter: Annotated[
        int, Param(ge=1, label_en="Trees", label_zh="树的数量", help_en="Boosting rounds.", help_zh="提升轮数。")
    ] = 100,
    learning_rate: Annotated[
        float,
        Param(
            gt=0, label_en="Learning rate", label_zh="学习率", help_en="Weight of each tree.", help_zh="每棵树的权重"
        ),
    ] = 0.1,
    max_depth: Depth = None,
    max_leaf_nodes: Annotated[
        int | None,
        Param(
            ge=2,
            label_en="Leaves",
            label_zh="最大叶子数",
            help_en="Leaves of a tree; empty means unlimited.",
            help_zh="每棵树的叶子数；留空不限。",
        ),
    ] = 31,
    min_samples_leaf: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="Rows in a leaf",
            label_zh="叶子最少样本数",
            help_en="At least so many.",
            help_zh="每个叶子最少的行数。",
        ),
    ] = 20,
    l2_regularization: Annotated[
        float,
        Param(ge=0, advanced=True, label_en="L2", label_zh="L2 正则", help_en="Strength of L2.", help_zh="L2 强度"),
    ] = 0.0,
    early_stopping: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Stop early",
            label_zh="提前停止",
            help_en="Hold rows out and stop when they get no better.",
            help_zh="留出部分数据，不再改进时停止。",
        ),
    ] = False,
    class_weight: Balance = None,
    random_state: RandomState = None,
) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    shared = {
        "max_iter": max_iter,
        "learning_rate": learning_rate,
        "max_depth": max_depth,
        "max_leaf_nodes": max_leaf_nodes,
        "min_samples_leaf": min_samples_leaf,
        "l2_regularization": l2_regularization,
        "early_stopping": early_stopping,
        "random_state": random_state,
    }
    if task == "regression":
        regressor = HistGradientBoostingRegressor(**shared)
        return fit_regressor(regressor, data, x_cols, y_col, algo_name="gbdt", missing_allowed=True)
    classifier = HistGradientBoostingClassifier(**shared, class_weight=class_weight)
    return fit_classifier(classifier, data, x_cols, y_col, pre_value, algo_name="gbdt", missing_allowed=True)
