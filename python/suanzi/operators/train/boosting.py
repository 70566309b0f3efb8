"""`xgboost` and `lightgbm`: gradient boosted trees of those libraries, where they are installed."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.operators.train.boosted import Boosted
from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import (
    Features,
    Label,
    LearningRate,
    PositiveLabel,
    RandomState,
    Share,
    Task,
    Trees,
)
from suanzi.sdk import Model, Param, Table, current, operator
from suanzi.sdk.extras import require_extra

L2 = Annotated[
    float,
    Param(ge=0, advanced=True, label_en="L2", label_zh="L2 正则", help_en="Strength of L2.", help_zh="L2 强度。"),
]


@operator(
    name_en="XGBoost",
    name_zh="XGBoost",
    category="train",
    doc_en="Trains XGBoost's classifier or regressor. It takes missing values. Needs the extra 'xgboost'.",
    doc_zh="训练 XGBoost 分类或回归模型，可直接处理缺失值。需要附加包 xgboost。",
    random=True,
    requires={"xgboost": "xgboost"},
)
def xgboost(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    n_estimators: Trees = 100,
    learning_rate: LearningRate = 0.3,
    max_depth: Annotated[
        int, Param(ge=1, le=50, label_en="Depth", label_zh="最大深度", help_en="Of a tree.", help_zh="树的最大深度。")
    ] = 6,
    min_child_weight: Annotated[
        float,
        Param(
            ge=0,
            advanced=True,
            label_en="Weight in a leaf",
            label_zh="叶子最小权重",
            help_en="At least so much.",
            help_zh="叶子的最小权重和。",
        ),
    ] = 1.0,
    subsample: Share = 1.0,
    colsample_bytree: Share = 1.0,
    reg_lambda: L2 = 1.0,
    random_state: RandomState = None,
) -> Model:
    library = require_extra("xgboost", "xgboost", "this operator")
    shared: dict[str, Any] = {
        "n_estimators": n_estimators,
        "learning_rate": learning_rate,
        "max_depth": max_depth,
        "min_child_weight": min_child_weight,
        "subsample": subsample,
        "colsample_bytree": colsample_bytree,
        "reg_lambda": reg_lambda,
        "random_state": random_state,
        "n_jobs": current().cpu_slots,
    }
    makers = {"classification": library.XGBClassifier, "regression": library.XGBRegressor}
    return _fitted(Boosted(makers[task](**shared)), data, x_cols, y_col, pre_value, task, "xgboost")


@operator(
    name_en="LightGBM",
    name_zh="LightGBM",
    category="train",
    doc_en="Trains LightGBM's classifier or regressor. It takes missing values. Needs the extra 'lightgbm'.",
    doc_zh="训练 LightGBM 分类或回归模型，可直接处理缺失值。需要附加包 lightgbm。",
    random=True,
    requires={"lightgbm": "lightgbm"},
)
def lightgbm(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    n_estimators: Trees = 100,
    learning_rate: LearningRate = 0.1,
    num_leaves: Annotated[
        int,
        Param(ge=2, le=131_072, label_en="Leaves", label_zh="叶子数", help_en="Of a tree.", help_zh="每棵树的叶子数。"),
    ] = 31,
    min_child_samples: Annotated[
        int,
        Param(
            ge=0,
            advanced=True,
            label_en="Rows in a leaf",
            label_zh="叶子最少样本数",
            help_en="At least so many.",
            help_zh="每个叶子最少的行数。",
        ),
    ] = 20,
    colsample_bytree: Share = 1.0,
    reg_lambda: L2 = 0.0,
    random_state: RandomState = None,
) -> Model:
    library = require_extra("lightgbm", "lightgbm", "this operator")
    shared: dict[str, Any] = {
        "n_estimators": n_estimators,
        "learning_rate": learning_rate,
        "num_leaves": num_leaves,
        "min_child_samples": min_child_samples,
        "colsample_bytree": colsample_bytree,
        "reg_lambda": reg_lambda,
        "random_state": None if random_state is None else random_state % 2**31,
        "n_jobs": current().cpu_slots,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    makers = {"classification": library.LGBMClassifier, "regression": library.LGBMRegressor}
    return _fitted(Boosted(makers[task](**shared)), data, x_cols, y_col, pre_value, task, "lightgbm")


def _fitted(
    boosted: Boosted, data: Table, x_cols: list[str] | None, y_col: str, pre_value: Any, task: str, name: str
) -> Any:
    if task == "regression":
        return fit_regressor(boosted, data, x_cols, y_col, algo_name=name, missing_allowed=True)
    return fit_classifier(boosted, data, x_cols, y_col, pre_value, algo_name=name, missing_allowed=True)
