"""`random_forest`: many trees on random rows and features."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import Balance, Depth, Features, Label, PositiveLabel, RandomState, Task
from suanzi.sdk import Model, Param, Table, current, operator


@operator(
    name_en="Random Forest",
    name_zh="随机森林",
    category="train",
    doc_en="Trains scikit-learn's RandomForest classifier or regressor.",
    doc_zh="训练 scikit-learn 的 RandomForest 分类或回归模型。",
    random=True,
)
def random_forest(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    n_estimators: Annotated[
        int, Param(ge=1, label_en="Trees", label_zh="树的数量", help_en="How many.", help_zh="树的数量。")
    ] = 100,
    max_depth: Depth = None,
    min_samples_split: Annotated[
        int,
        Param(
            ge=2,
            advanced=True,
            label_en="Rows to split",
            label_zh="分裂所需样本数",
            help_en="Rows in a node to split it.",
            help_zh="节点分裂所需的最少行数。",
        ),
    ] = 2,
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
    ] = 1,
    max_features: Annotated[
        float | Literal["sqrt", "log2"] | None,
        Param(
            gt=0,
            le=1,
            advanced=True,
            label_en="Features per split",
            label_zh="每次分裂的特征数",
            help_en="sqrt, log2 or a share; empty means all.",
            help_zh="sqrt、log2 或比例；留空用全部。",
        ),
    ] = "sqrt",
    class_weight: Balance = None,
    random_state: RandomState = None,
) -> Model:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    shared: dict[str, Any] = {
        "n_estimators": n_estimators,
        "max_depth": max_depth,
        "min_samples_split": min_samples_split,
        "min_samples_leaf": min_samples_leaf,
        "max_features": max_features,
        "random_state": random_state,
        "n_jobs": current().cpu_slots,
    }
    forest = RandomForestRegressor(**shared) if task == "regression" else None
    if forest is not None:
        trained = fit_regressor(forest, data, x_cols, y_col, algo_name="random_forest")
    else:
        forest = RandomForestClassifier(**shared, class_weight=class_weight)
        trained = fit_classifier(forest, data, x_cols, y_col, pre_value, algo_name="random_forest")
    forest.n_jobs = None
    return trained
