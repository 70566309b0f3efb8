"""`feature_importance`: what a model goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.predict.scoring import takes_missing
from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.fitting import features
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import Model, OperatorError, Param, Report, Table, TrainedModel, operator
from suanzi.sdk.columns import require_columns, require_labels, require_rows

if TYPE_CHECKING:
    import numpy as np

MAX_ROWS = 20_000
"""Permutation predicts the table once per column and repeat; of more rows a random sample is taken."""


@operator(
    name_en="Feature Importance",
    name_zh="特征重要性评估",
    category="evaluate",
    doc_en="How much worse the model gets when a column is shuffled (scikit-learn's permutation_importance: AUC or "
    "accuracy, R² for regressions), or the model's own weights.",
    doc_zh="打乱某列后模型变差的程度（scikit-learn 的 permutation_importance：AUC 或准确率，回归用 R²），"
    "或模型自身的权重。",
    random=True,
)
def feature_importance(
    data: Table,
    model: Model,
    *,
    method: Annotated[
        Literal["permutation", "built_in"],
        Param(label_en="Way", label_zh="方法", help_en="Shuffling, or the model's own.", help_zh="置换或模型自带。"),
    ] = "permutation",
    n_repeats: Annotated[
        int, Param(ge=1, le=100, label_en="Repeats", label_zh="重复次数", help_en="Per column.", help_zh="每列的次数。")
    ] = 5,
    random_state: RandomState = None,
) -> Report:
    if not isinstance(model, TrainedModel) or model.task not in ("binary", "multiclass", "regression"):
        raise OperatorError(
            "the model does not say what it predicts from which columns", "connect a trained classifier or regression"
        )
    if method == "built_in":
        means, deviations, figure = _built_in(model), None, "weight"
    else:
        means, deviations, figure = permuted(model, data, n_repeats, random_state)
    order = sorted(range(len(model.columns)), key=lambda i: -means[i])
    rows = [[model.columns[i], float(means[i]), None if deviations is None else float(deviations[i])] for i in order]
    table = section(f"Importance ({figure})", f"重要性（{figure}）", ["feature", "importance", "std"], rows)
    drawn = chart("bar", "Importance", "重要性", labels=[row[0] for row in rows], values=[row[1] for row in rows])
    return report("Feature importance", "特征重要性", [table], [drawn])


def _built_in(model: TrainedModel) -> np.ndarray:
    import numpy as np

    final = model.estimator.steps[-1][1] if hasattr(model.estimator, "steps") else model.estimator
    own = getattr(final, "feature_importances_", None)
    if own is None and getattr(final, "coef_", None) is not None:
        own = np.abs(np.atleast_2d(final.coef_)).mean(axis=0)
    if own is None or len(own) != len(model.columns):
        raise OperatorError(f"a {type(final).__name__} has no importances of its own", "set method to 'permutation'")
    return np.asarray(own, dtype="float64")


def permuted(
    model: TrainedModel, data: Any, n_repeats: int, random_state: int | None
) -> tuple[np.ndarray, np.ndarray, str]:
    import numpy as np
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

    require_rows(data)
    require_columns(data, [*model.columns, str(model.label)], "the model was trained with it")
    require_labels(data, str(model.label))
    if len(data) > MAX_ROWS:
        data = data.sample(MAX_ROWS, random_state=random_state).sort_index()
    x = features(data, model.columns, missing_allowed=takes_missing(model.estimator))
    y = data[model.label].to_numpy()
    ranked = model.task == "binary" and len(np.unique(y)) == 2 and hasattr(model.estimator, "predict_proba")

    def judge(estimator: Any, part: Any, truth: Any) -> float:
        if ranked:
            return float(roc_auc_score(truth == estimator.classes_[1], estimator.predict_proba(part)[:, 1]))
        return float((r2_score if model.task == "regression" else accuracy_score)(truth, estimator.predict(part)))

    try:
        found = permutation_importance(
            model.estimator, x, y, scoring=judge, n_repeats=n_repeats, random_state=random_state
        )
    except ValueError as error:
        raise OperatorError(f"the model refuses the data: {error}", "look for infinite or huge values") from error
    figure = "AUC" if ranked else "R²" if model.task == "regression" else "accuracy"
    return found.importances_mean, found.importances_std, figure
