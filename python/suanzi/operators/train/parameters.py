"""Parameters that several training operators share, declared once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.sdk import Column, Columns, Param
from suanzi.sdk.context import RANDOM_STATE_LIMIT

Features = Annotated[
    Columns | None,
    Param(
        label_en="Features",
        label_zh="特征列",
        help_en="Columns to train on; empty means all numeric ones except the label.",
        help_zh="用于训练的列；留空表示除标签外的全部数值列。",
    ),
]
Label = Annotated[
    Column,
    Param(label_en="Label", label_zh="标签列", help_en="The column to predict.", help_zh="要预测的列。"),
]
PositiveLabel = Annotated[
    Any,
    Param(
        label_en="Positive label",
        label_zh="正例值",
        help_en="The label whose probability is the score; empty means the larger of the two.",
        help_zh="以其概率作为得分的标签；留空取两个标签中较大的一个。",
    ),
]
RandomState = Annotated[
    int | None,
    Param(
        ge=0,
        le=RANDOM_STATE_LIMIT - 1,
        label_en="Random seed",
        label_zh="随机种子",
        help_en="Empty means the run's seed.",
        help_zh="留空则使用本次运行的种子。",
        advanced=True,
    ),
]
Ignored = Annotated[
    Any,
    Param(
        legacy=True,
        advanced=True,
        help_en="Of older versions; accepted and ignored.",
        help_zh="旧版本参数，接受但不起作用。",
    ),
]
Task = Annotated[
    Literal["classification", "regression"],
    Param(
        label_en="Task",
        label_zh="任务类型",
        help_en="Predict a class, or a quantity.",
        help_zh="预测类别，或预测数值。",
    ),
]
Depth = Annotated[
    int | None,
    Param(
        ge=1,
        label_en="Depth",
        label_zh="最大深度",
        help_en="Depth of a tree; empty means unlimited.",
        help_zh="树的最大深度；留空不限。",
    ),
]
Balance = Annotated[
    Literal["balanced"] | None,
    Param(
        advanced=True,
        label_en="Class weights",
        label_zh="类别权重",
        help_en="'balanced' gives rare classes more weight (classification).",
        help_zh="balanced 会提高稀有类别的权重（仅分类）。",
    ),
]
MaxIter = Annotated[
    int,
    Param(ge=1, label_en="Iterations", label_zh="最大迭代次数", help_en="At most so many.", help_zh="最多迭代次数。"),
]
Trees = Annotated[int, Param(ge=1, label_en="Trees", label_zh="树的数量", help_en="How many.", help_zh="树的数量。")]
LearningRate = Annotated[
    float,
    Param(gt=0, label_en="Learning rate", label_zh="学习率", help_en="Weight of each tree.", help_zh="每棵树的权重。"),
]
LeafRows = Annotated[
    int,
    Param(
        ge=1,
        advanced=True,
        label_en="Rows in a leaf",
        label_zh="叶子最少样本数",
        help_en="At least so many.",
        help_zh="每个叶子最少的行数。",
    ),
]
Share = Annotated[
    float,
    Param(
        gt=0,
        le=1,
        advanced=True,
        label_en="Share per tree",
        label_zh="每棵树的采样比例",
        help_en="Of rows or columns.",
        help_zh="行或列的比例。",
    ),
]
Folds = Annotated[
    int, Param(ge=2, le=100, label_en="Folds", label_zh="折数", help_en="Parts of the data.", help_zh="数据划分份数。")
]
