"""`estimator`: an algorithm that is not trained yet, for cross validation and search."""

from __future__ import annotations

import importlib
from typing import Annotated, Any, Literal

from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import Estimator, OperatorError, Param, operator
from suanzi.sdk.names import listed, nearest

CLASSES = {
    "logistic_regression": ("sklearn.linear_model", "LogisticRegression", None),
    "linear_svm": ("sklearn.svm", "LinearSVC", "LinearSVR"),
    "svm": ("sklearn.svm", "SVC", "SVR"),
    "decision_tree": ("sklearn.tree", "DecisionTreeClassifier", "DecisionTreeRegressor"),
    "random_forest": ("sklearn.ensemble", "RandomForestClassifier", "RandomForestRegressor"),
    "gbdt": ("sklearn.ensemble", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    "knn": ("sklearn.neighbors", "KNeighborsClassifier", "KNeighborsRegressor"),
    "naive_bayes": ("sklearn.naive_bayes", "GaussianNB", None),
    "mlp": ("sklearn.neural_network", "MLPClassifier", "MLPRegressor"),
    "linear_regression": ("sklearn.linear_model", None, "LinearRegression"),
    "ridge": ("sklearn.linear_model", None, "Ridge"),
    "lasso": ("sklearn.linear_model", None, "Lasso"),
    "elasticnet": ("sklearn.linear_model", None, "ElasticNet"),
}
"""Module, classifier and regressor of each algorithm."""
MODEL_STEP = "model"


@operator(
    name_en="Estimator",
    name_zh="估计器",
    category="train",
    doc_en="An algorithm of scikit-learn that is not trained yet, for cross_validate and hyper_tune. Filling and "
    "scaling, if asked for, are learnt anew in each fold, so that nothing leaks.",
    doc_zh="尚未训练的 scikit-learn 算法，供 cross_validate 和 hyper_tune 使用。"
    "若选择填充和标准化，则在每一折内重新学习，避免信息泄漏。",
    random=True,
)
def estimator(
    *,
    algorithm: Annotated[
        Literal[
            "logistic_regression",
            "linear_svm",
            "svm",
            "decision_tree",
            "random_forest",
            "gbdt",
            "knn",
            "naive_bayes",
            "mlp",
            "linear_regression",
            "ridge",
            "lasso",
            "elasticnet",
        ],
        Param(label_en="Algorithm", label_zh="算法", help_en="Which one.", help_zh="选择算法。"),
    ],
    task: Annotated[
        Literal["auto", "classification", "regression"],
        Param(
            label_en="Task",
            label_zh="任务类型",
            help_en="auto: classification where the algorithm can.",
            help_zh="auto：算法支持分类时为分类。",
        ),
    ] = "auto",
    params: Annotated[
        dict[str, Any] | None,
        Param(
            label_en="Parameters",
            label_zh="参数",
            help_en="By scikit-learn's names, such as max_depth.",
            help_zh="使用 scikit-learn 的参数名，例如 max_depth。",
        ),
    ] = None,
    fill_missing: Annotated[
        bool,
        Param(label_en="Fill gaps", label_zh="填充缺失值", help_en="By the median, first.", help_zh="先用中位数填充。"),
    ] = False,
    standardize: Annotated[
        bool,
        Param(label_en="Standardize", label_zh="标准化", help_en="First.", help_zh="先标准化特征。"),
    ] = False,
    random_state: RandomState = None,
) -> Estimator:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    module, classifier, regressor = CLASSES[algorithm]
    name = regressor if task == "regression" or (task == "auto" and classifier is None) else classifier
    if name is None:
        raise OperatorError(f"'{algorithm}' can't do {task}", "choose another algorithm, or task 'auto'")
    made = getattr(importlib.import_module(module), name)()
    known = made.get_params()
    if "random_state" in known:
        made.set_params(random_state=random_state)
    set_params(made, params or {})
    steps: list[tuple[str, Any]] = []
    if fill_missing:
        steps.append(("fill", SimpleImputer(strategy="median", keep_empty_features=True)))
    if standardize:
        steps.append(("scale", StandardScaler()))
    return Pipeline([*steps, (MODEL_STEP, made)]) if steps else made


def set_params(made: Any, params: dict[str, Any]) -> None:
    """Sets parameters by scikit-learn's names, or refuses with what it takes."""
    from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

    known = made.get_params(deep=False)
    for name in params:
        if name not in known:
            meant = nearest(name, known)
            raise OperatorError(
                f"{type(made).__name__} has no parameter '{name}'; it has: {listed(known)}",
                f"did you mean '{meant}'?" if meant else "correct the name",
            )
    values = {name: tuple(v) if isinstance(v, list) and "layer" in name else v for name, v in params.items()}
    try:
        validate_parameter_constraints(made._parameter_constraints, {**known, **values}, type(made).__name__)
    except InvalidParameterError as error:
        raise OperatorError(str(error), "correct the value in params") from None
    made.set_params(**values)
