"""`target_encode`: categories into the label's mean among their rows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

from suanzi.operators.feature.categories import EncodedColumns, category_values, note_unseen
from suanzi.operators.feature.scaling import Transformed
from suanzi.operators.train.parameters import Label, RandomState
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, operator
from suanzi.sdk.columns import is_numeric, require_columns, require_labels, require_rows, with_columns

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Target Encode",
    name_zh="目标编码",
    category="feature",
    doc_en="Replaces each category by the label's mean among its rows, drawn towards the overall mean "
    "(scikit-learn's TargetEncoder). This table is encoded by cross-fitting, so that a row's own label does not leak "
    "into it; other data by all rows.",
    doc_zh="将类别替换为该类别各行标签的均值，并向总体均值收缩（scikit-learn 的 TargetEncoder）。"
    "本表采用交叉拟合编码，避免标签泄漏；其他数据使用全部行的结果。",
    random=True,
)
def target_encode(
    data: Table,
    *,
    columns: EncodedColumns,
    y_col: Label,
    smooth: Annotated[
        float | None,
        Param(
            ge=0,
            label_en="Smoothing",
            label_zh="平滑",
            help_en="Rows that the overall mean counts for; empty: estimated.",
            help_zh="总体均值所占的行数；留空自动估计。",
        ),
    ] = None,
    cv: Annotated[
        int,
        Param(
            ge=2,
            le=100,
            advanced=True,
            label_en="Folds",
            label_zh="折数",
            help_en="Of the cross-fitting.",
            help_zh="交叉拟合的折数。",
        ),
    ] = 5,
    random_state: RandomState = None,
) -> Transformed:
    from sklearn.preprocessing import TargetEncoder

    require_rows(data)
    require_columns(data, [*columns, y_col], "a parameter names it")
    require_labels(data, y_col)
    if y_col in columns:
        raise OperatorError(f"the label column '{y_col}' is also to be encoded", "remove it from columns")
    columns = list(dict.fromkeys(columns))
    label = data[y_col]
    classes = label.nunique()
    if classes == 1 or (classes > 2 and not is_numeric(label)):
        raise OperatorError(
            f"the label column '{y_col}' has {classes} different values; two classes or numbers are needed",
            "choose a two-class or numeric label",
        )
    kind = "binary" if classes == 2 else "continuous"
    smallest = label.value_counts().min() if kind == "binary" else len(data)
    if smallest < cv:
        raise OperatorError(
            f"{int(smallest)} rows{' of a label' if kind == 'binary' else ''} can't fill {cv} folds",
            "set cv lower, or give more rows",
        )
    encoder = TargetEncoder(
        target_type=kind, smooth="auto" if smooth is None else smooth, cv=cv, random_state=random_state
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of how the seed is given: the new way is unknown to 1.8
        encoded = encoder.fit_transform(category_values(data, columns), label)
    step = FittedTransform("target_encode", encoder, columns, columns, _apply)
    return Transformed(with_columns(data, {name: encoded[:, i] for i, name in enumerate(columns)}), step)


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) == 0:
        return frame.astype(dict.fromkeys(step.columns, "float64"))
    values = category_values(frame, step.columns)
    note_unseen(values, step.step.categories_, "encoded as the overall mean")
    encoded = step.step.transform(values)
    return with_columns(frame, {name: encoded[:, i] for i, name in enumerate(step.columns)})
