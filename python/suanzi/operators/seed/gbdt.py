"""`algo_local_model_gbdt`: gradient boosted trees, with scikit-learn's parameters of 2018."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import MAX_CLASSES, fit_classifier
from suanzi.operators.train.parameters import Features, Ignored, Label, PositiveLabel, RandomState
from suanzi.sdk import Model, OperatorError, Param, Table, current, operator


@operator(
    name_en="GBDT (2018)",
    name_zh="GBDT",
    category="train",
    doc_en="Trains scikit-learn's GradientBoostingClassifier.",
    doc_zh="用 scikit-learn 的 GradientBoostingClassifier 训练分类模型。",
    random=True,
    unknown_params="ignore",
)
def algo_local_model_gbdt(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    n_estimators: Annotated[
        int, Param(ge=1, label_en="Trees", label_zh="树的数量", help_en="Boosting rounds.", help_zh="提升轮数。")
    ] = 100,
    max_depth: Annotated[
        int | None,
        Param(
            ge=1,
            label_en="Depth",
            label_zh="最大深度",
            help_en="Depth of a tree; empty means unlimited.",
            help_zh="树的最大深度；留空不限。",
        ),
    ] = 3,
    learning_rate: Annotated[
        float,
        Param(
            gt=0, label_en="Learning rate", label_zh="学习率", help_en="Weight of each tree.", help_zh="每棵树的权重。"
        ),
    ] = 0.1,
    loss: Annotated[
        Literal["log_loss", "deviance", "exponential"],
        Param(
            advanced=True,
            label_en="Loss",
            label_zh="损失函数",
            help_en="'deviance' is the old name of log_loss.",
            help_zh="deviance 是 log_loss 的旧名。",
        ),
    ] = "log_loss",
    subsample: Annotated[
        float,
        Param(
            gt=0,
            le=1,
            advanced=True,
            label_en="Row share",
            label_zh="行采样比例",
            help_en="Share of the rows for each tree.",
            help_zh="每棵树使用的行比例。",
        ),
    ] = 1.0,
    min_samples_split: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Rows to split",
            label_zh="分裂所需样本数",
            help_en="Rows in a node to split it: a count from 2, or a share up to 1.",
            help_zh="节点分裂所需的样本：不小于 2 的个数，或不大于 1 的比例。",
        ),
    ] = 2.0,
    min_samples_leaf: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Rows in a leaf",
            label_zh="叶子最少样本数",
            help_en="A count from 1, or a share below 1.",
            help_zh="不小于 1 的个数，或小于 1 的比例。",
        ),
    ] = 1.0,
    min_weight_fraction_leaf: Annotated[
        float,
        Param(
            ge=0,
            le=0.5,
            advanced=True,
            label_en="Weight in a leaf",
            label_zh="叶子最小权重比例",
            help_en="Share of the weights.",
            help_zh="占总权重的比例。",
        ),
    ] = 0.0,
    min_impurity_decrease: Annotated[
        float,
        Param(
            ge=0,
            advanced=True,
            label_en="Gain to split",
            label_zh="最小不纯度下降",
            help_en="A split must gain as much.",
            help_zh="分裂须达到的不纯度下降。",
        ),
    ] = 0.0,
    max_features: Annotated[
        float | Literal["sqrt", "log2", "auto"] | None,
        Param(
            gt=0,
            advanced=True,
            label_en="Features per split",
            label_zh="每次分裂的特征数",
            help_en="A share up to 1, a count above 1, sqrt or log2; empty means all. 'auto' is the old name of sqrt.",
            help_zh="不大于 1 为比例，大于 1 为个数，或 sqrt、log2；留空用全部。auto 是 sqrt 的旧名。",
        ),
    ] = None,
    max_leaf_nodes: Annotated[
        int | None,
        Param(
            ge=2,
            advanced=True,
            label_en="Leaves",
            label_zh="最大叶子数",
            help_en="At most so many leaves; empty means unlimited.",
            help_zh="最多叶子数；留空不限。",
        ),
    ] = None,
    init: Annotated[
        Literal["zero"] | None,
        Param(
            advanced=True,
            label_en="Start",
            label_zh="初始预测",
            help_en="'zero', or empty for the label's mean.",
            help_zh="zero，或留空用标签均值。",
        ),
    ] = None,
    random_state: RandomState = None,
    senior: Ignored = None,
    criterion: Ignored = None,
    min_impurity_split: Ignored = None,
    presort: Ignored = None,
    verbose: Ignored = None,
    warm_start: Ignored = None,
) -> Model:
    from sklearn.ensemble import GradientBoostingClassifier

    context = current()
    if loss == "deviance":
        context.note("loss 'deviance' is called 'log_loss' today")
    if max_features == "auto":
        context.note("max_features 'auto' is called 'sqrt' today")
    estimator = GradientBoostingClassifier(
        n_estimators=n_estimators,
        max_depth=max_depth,
        learning_rate=learning_rate,
        loss="log_loss" if loss == "deviance" else loss,
        subsample=subsample,
        min_samples_split=_count_or_share("min_samples_split", min_samples_split, 2),
        min_samples_leaf=_count_or_share("min_samples_leaf", min_samples_leaf, 1),
        min_weight_fraction_leaf=min_weight_fraction_leaf,
        min_impurity_decrease=min_impurity_decrease,
        max_features=_max_features(max_features),
        max_leaf_nodes=max_leaf_nodes,
        init=init,
        random_state=random_state,
    )
    at_most = 2 if loss == "exponential" else MAX_CLASSES
    name = "algo_local_model_gbdt"
    return fit_classifier(estimator, data, x_cols, y_col, pre_value, algo_name=name, at_most=at_most)


def _count_or_share(name: str, value: float, least: int) -> int | float:
    """scikit-learn tells a count from a share by type; YAML and JSON have one type of number."""
    if value >= least:
        if not float(value).is_integer():
            raise OperatorError(f"parameter '{name}' is {value}; a count must be whole", "round it")
        return int(value)
    if value > 1:
        raise OperatorError(f"parameter '{name}' is {value}", f"give a count from {least}, or a share up to 1")
    return float(value)


def _max_features(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return "sqrt" if value == "auto" else value
    return float(value) if value <= 1 else _count_or_share("max_features", value, 2)
