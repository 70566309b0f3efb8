"""`woe_binning`: features into weights of evidence, for scorecards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from suanzi.operators.feature.woe import Binning, bin_feature
from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.fitting import class_labels
from suanzi.operators.train.parameters import Label, PositiveLabel
from suanzi.sdk import Columns, FittedTransform, OperatorError, Param, Report, Table, Transform, current, operator
from suanzi.sdk.columns import is_numeric, match_label, require_columns, require_finite, with_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_CATEGORIES = 1000
"""A column of texts with more different values is an id."""
IV_BANDS = ((0.02, "none"), (0.1, "weak"), (0.3, "medium"), (0.5, "strong"), (float("inf"), "suspicious"))
"""The usual reading of an information value, each up to its bound."""


class Binned(NamedTuple):
    """The table with weights of evidence, the step, and the bins."""

    data: Table
    transform: Transform
    report: Report


@operator(
    name_en="WOE Binning",
    name_zh="WOE 分箱",
    category="feature",
    doc_en="Cuts each feature into bins and replaces it by the bin's weight of evidence, ln(share of positives / share "
    "of negatives); missing values are a bin of their own. Neighbouring bins are merged where they differ least "
    "(chi²). The report has the bins and the information value of each feature.",
    doc_zh="将每个特征分箱并替换为该箱的证据权重 ln(正例占比/负例占比)；缺失值自成一箱。相邻箱按卡方差异最小者合并。"
    "报告给出各特征的分箱与信息值 IV。",
)
def woe_binning(
    data: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(
            label_en="Columns",
            label_zh="列",
            help_en="Numbers or texts; empty: all but the label.",
            help_zh="数值或文本列；留空表示除标签外的全部列。",
        ),
    ] = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    max_bins: Annotated[
        int,
        Param(ge=2, le=50, label_en="Bins", label_zh="最多箱数", help_en="At most, per feature.", help_zh="每个特征。"),
    ] = 6,
    min_share: Annotated[
        float,
        Param(
            ge=0,
            le=0.5,
            label_en="Smallest bin",
            label_zh="最小箱占比",
            help_en="As a share of all rows.",
            help_zh="占总行数的比例。",
        ),
    ] = 0.05,
    monotone: Annotated[
        bool,
        Param(
            label_en="Monotone",
            label_zh="单调",
            help_en="Risk only rises or only falls from bin to bin (numeric features).",
            help_zh="数值特征的风险随分箱单调上升或下降。",
        ),
    ] = True,
    keep_columns: Annotated[
        bool,
        Param(
            label_en="Keep the columns",
            label_zh="保留原列",
            help_en="Weights go to `column_woe` beside them.",
            help_zh="权重写入 column_woe，与原列并存。",
        ),
    ] = False,
) -> Binned:
    names, positive = binnable(data, columns, y_col, pre_value)
    binnings = [
        bin_feature(data[name], positive, max_bins=max_bins, min_share=min_share, monotone=monotone) for name in names
    ]
    return binned_table(data, names, binnings, keep_columns=keep_columns)


def binnable(data: pd.DataFrame, columns: list[str] | None, y_col: str, pre_value: Any) -> tuple[list[str], np.ndarray]:
    """The features to bin, and which rows hold the positive label; refuses what can't be binned."""
    import numpy as np

    labels = class_labels(data, y_col, at_most=2)
    target = labels[1] if pre_value is None else match_label(pre_value, labels, y_col)
    names = list(dict.fromkeys(columns or [str(name) for name in data.columns if name != y_col]))
    require_columns(data, names, "the parameter columns names it")
    if y_col in names:
        raise OperatorError(f"the label column '{y_col}' is also among the features", "remove it from columns")
    for name in names:
        if is_numeric(data[name]):
            filled = data[[name]].dropna()
            require_finite(filled, [name])
        elif data[name].dtype.kind == "M" or data[name].nunique() > MAX_CATEGORIES:
            raise OperatorError(
                f"column '{name}' holds {data[name].nunique():,} different {data[name].dtype}; it can't be binned",
                "leave it out of columns, or make a feature of it first",
            )
    return names, (data[y_col] == target).to_numpy(dtype=np.bool_)


def binned_table(data: pd.DataFrame, names: list[str], binnings: list[Binning], *, keep_columns: bool) -> Binned:
    """The table with weights of evidence in place of the features or beside them, the step and the report."""
    produced = [f"{name}_woe" for name in names] if keep_columns else names
    clash = [name for name in produced if name in data.columns] if keep_columns else []
    if clash:
        raise OperatorError(f"the table has a column '{clash[0]}' already", "rename or drop it first")
    step = FittedTransform("woe_binning", binnings, names, produced, _apply)
    ranked = sorted(binnings, key=lambda binning: -binning.iv)
    values = [[b.feature, b.iv, next(word for bound, word in IV_BANDS if b.iv < bound), len(b.woe) - 1] for b in ranked]
    sections = [section("Information values", "信息值", ["feature", "iv", "strength", "bins"], values)]
    for binning in ranked:
        rows = [
            [label, n + p, p, p / (n + p) if n + p else None, weight]
            for label, (n, p), weight in zip(binning.labels(), binning.counts, binning.woe, strict=True)
            if n + p or label != "(missing)"
        ]
        header = ["bin", "rows", "positives", "rate", "woe"]
        sections.append(section(binning.feature, binning.feature, header, rows))
    drawn = chart("bar", "Information values", "信息值", labels=[v[0] for v in values], values=[v[1] for v in values])
    return Binned(step.transform(data), step, report("WOE binning", "WOE 分箱", sections, [drawn]))


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    import numpy as np

    from suanzi.sdk.columns import require_numeric

    changed = {}
    for binning, name in zip(step.step, step.produces, strict=True):
        column = frame[binning.feature]
        if binning.numeric and column.notna().any():
            require_numeric(frame, [binning.feature], "the step was fitted on numbers")
        unseen = [] if binning.numeric else sorted(set(map(str, column.dropna())) - _known(binning.groups))
        if unseen:
            current().note(f"column '{binning.feature}' holds unseen categories, binned as missing: {unseen[:10]}")
        changed[name] = np.asarray(binning.woe)[binning.bins_of(column)] if len(frame) else np.empty(0)
    return with_columns(frame, changed)


def _known(groups: list[list[object]]) -> set[str]:
    return {str(category) for group in groups for category in group}
