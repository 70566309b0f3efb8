"""`filter_select`: the features that tell most of the label, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from suanzi.operators.feature.scaling import chosen_columns
from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.parameters import Features, Label, RandomState, Task
from suanzi.sdk import FittedTransform, OperatorError, Param, Report, Table, Transform, operator
from suanzi.sdk.columns import require_columns, require_finite, require_labels, require_numeric

if TYPE_CHECKING:
    import pandas as pd


class Selected(NamedTuple):
    """The table without the weaker features, the step, and the scores."""

    data: Table
    transform: Transform
    report: Report


@operator(
    name_en="Filter Feature Selection",
    name_zh="过滤式特征选择",
    category="feature",
    doc_en="Scores each feature against the label and keeps the best (scikit-learn's SelectKBest). Other columns stay.",
    doc_zh="逐一计算特征与标签的关联得分，保留得分最高者（scikit-learn 的 SelectKBest）；其他列不变。",
    random=True,
    role="select_columns",
)
def filter_select(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    task: Task = "classification",
    score: Annotated[
        Literal["f", "chi2", "mutual_info"],
        Param(
            label_en="Score",
            label_zh="得分",
            help_en="F test, chi² (counts and shares only), mutual information.",
            help_zh="F 检验、卡方（仅非负值）、互信息。",
        ),
    ] = "f",
    k: Annotated[
        int, Param(ge=1, label_en="Keep", label_zh="保留数量", help_en="So many features.", help_zh="保留的特征数。")
    ] = 10,
    random_state: RandomState = None,
) -> Selected:
    import numpy as np
    from sklearn import feature_selection as selection

    require_columns(data, [y_col], "y_col names it")
    names = chosen_columns(data, x_cols, [y_col])
    require_finite(data, names)
    require_labels(data, y_col)
    if task == "regression":
        require_numeric(data, [y_col], "set task to 'classification' for classes")
    elif data[y_col].nunique() < 2:
        raise OperatorError(f"the label column '{y_col}' holds one value only", "check the split before this operator")
    if score == "chi2":
        negative = [name for name in names if (data[name] < 0).any()]
        if negative or task == "regression":
            what = f"column '{negative[0]}' has values below 0" if negative else "the task is a regression"
            raise OperatorError(f"{what}; chi2 can't score that", "use score 'f' or 'mutual_info'")
    x, y = data[names].to_numpy(dtype="float64"), data[y_col].to_numpy()
    kind = "classif" if task == "classification" else "regression"
    p_values: Any = None
    with np.errstate(all="ignore"):
        if score == "mutual_info":
            scores = getattr(selection, f"mutual_info_{kind}")(x, y, random_state=random_state)
        else:
            scores, p_values = (selection.chi2 if score == "chi2" else getattr(selection, f"f_{kind}"))(x, y)
    ranked = np.argsort(-np.nan_to_num(scores, nan=-np.inf, posinf=np.finfo("float64").max), kind="stable")
    kept = sorted(int(position) for position in ranked[:k])
    dropped = [name for position, name in enumerate(names) if position not in set(kept)]
    step = FittedTransform("filter_select", dropped, [names[i] for i in kept], [], _apply)
    rows = [
        [names[i], float(scores[i]), None if p_values is None else float(p_values[i]), i in set(kept)] for i in ranked
    ]
    drawn = chart("bar", "Scores", "得分", labels=[row[0] for row in rows], values=[row[1] for row in rows])
    table = section("Features", "特征", ["feature", "score", "p", "kept"], rows)
    return Selected(step.transform(data), step, report("Feature selection", "特征选择", [table], [drawn]))


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=step.step, errors="ignore")
