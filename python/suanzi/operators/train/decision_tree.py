"""`decision_tree`: one tree of yes-or-no questions."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import (
    Balance,
    Depth,
    Features,
    Label,
    LeafRows,
    PositiveLabel,
    RandomState,
    Task,
)
from suanzi.sdk import Model, Param, Table, operator


@operator(
    name_en="Decision Tree",
    name_zh="决策树",
    category="train",
    doc_en="Trains scikit-learn's DecisionTree classifier or regressor. It takes missing values.",
    doc_zh="训练 scikit-learn 的 DecisionTree 分类或回归模型，可直接处理缺失值。",
    random=True,
)
def decision_tree(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    max_depth: Depth = None,
    min_samples_leaf: LeafRows = 1,
    ccp_alpha: Annotated[
        float,
        Param(ge=0, advanced=True, label_en="Pruning", label_zh="剪枝强度", help_en="Strength.", help_zh="剪枝强度。"),
    ] = 0.0,
    class_weight: Balance = None,
    random_state: RandomState = None,
) -> Model:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    shared: dict[str, Any] = {
        "max_depth": max_depth,
        "min_samples_leaf": min_samples_leaf,
        "ccp_alpha": ccp_alpha,
        "random_state": random_state,
    }
    if task == "regression":
        tree = DecisionTreeRegressor(**shared)
        return fit_regressor(tree, data, x_cols, y_col, algo_name="decision_tree", missing_allowed=True)
    classifier = DecisionTreeClassifier(**shared, class_weight=class_weight)
    return fit_classifier(classifier, data, x_cols, y_col, pre_value, algo_name="decision_tree", missing_allowed=True)
