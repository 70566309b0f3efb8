"""`mlp`: a small neural network."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.operators.train.fitting import fit_classifier, fit_regressor
from suanzi.operators.train.parameters import Features, Label, MaxIter, PositiveLabel, RandomState, Task
from suanzi.sdk import Model, OperatorError, Param, Table, operator

MAX_UNITS = 10_000


@operator(
    name_en="Multilayer Perceptron",
    name_zh="多层感知机",
    category="train",
    doc_en="Trains scikit-learn's MLP classifier or regressor. Standardize the features first.",
    doc_zh="训练 scikit-learn 的 MLP 分类或回归模型。请先标准化特征。",
    random=True,
)
def mlp(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    task: Task = "classification",
    hidden_layers: Annotated[
        list[int],
        Param(
            min_items=1, label_en="Hidden layers", label_zh="隐藏层", help_en="Units of each.", help_zh="各层单元数。"
        ),
    ] = [100],  # noqa: B006
    activation: Annotated[
        Literal["relu", "tanh", "logistic", "identity"],
        Param(
            advanced=True, label_en="Activation", label_zh="激活函数", help_en="Of a unit.", help_zh="单元的激活函数。"
        ),
    ] = "relu",
    alpha: Annotated[
        float,
        Param(ge=0, advanced=True, label_en="L2", label_zh="L2 正则", help_en="Strength of L2.", help_zh="L2 强度。"),
    ] = 0.0001,
    learning_rate_init: Annotated[
        float,
        Param(gt=0, label_en="Learning rate", label_zh="学习率", help_en="At the start.", help_zh="初始学习率。"),
    ] = 0.001,
    max_iter: MaxIter = 200,
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
    random_state: RandomState = None,
) -> Model:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    odd = [units for units in hidden_layers if not 1 <= units <= MAX_UNITS]
    if odd:
        raise OperatorError(f"a hidden layer of {odd[0]:,} units", f"give each layer 1 to {MAX_UNITS:,} units")
    shared: dict[str, Any] = {
        "hidden_layer_sizes": tuple(hidden_layers),
        "activation": activation,
        "alpha": alpha,
        "learning_rate_init": learning_rate_init,
        "max_iter": max_iter,
        "early_stopping": early_stopping,
        "random_state": random_state,
    }
    if task == "regression":
        return fit_regressor(MLPRegressor(**shared), data, x_cols, y_col, algo_name="mlp")
    return fit_classifier(MLPClassifier(**shared), data, x_cols, y_col, pre_value, algo_name="mlp")
