"""What a colleague would point out about an evaluation: what is odd, why that may be, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ONE_CLASS_SHARE = 0.01
"""A class predicted at under this part of its true share is as good as never predicted."""
PERFECT_AUC = 0.999
INVERTED_AUC = 0.45
RARE_SHARE = 0.05
FEW_ROWS = 30
SCALE_RATIO = 1000.0
"""Standard deviations further apart than this hurt unscaled linear models."""


@dataclass(frozen=True)
class Scales:
    """The columns whose values spread most and least."""

    widest: str
    narrowest: str
    ratio: float


def finding(
    code: str,
    severity: str,
    text_en: str,
    text_zh: str,
    remedy_en: str,
    remedy_zh: str,
    fix: list[str] | None = None,
) -> dict[str, Any]:
    """`fix` names operators which, put in front, should mend it."""
    entry: dict[str, Any] = {
        "code": code,
        "severity": severity,
        "text_en": text_en,
        "text_zh": text_zh,
        "remedy_en": remedy_en,
        "remedy_zh": remedy_zh,
    }
    if fix:
        entry["fix"] = {"insert": fix}
    return entry


def column_scales(data: pd.DataFrame, without: set[str]) -> Scales | None:
    """How far apart the spreads of the table's numeric columns are; `None` with fewer than two."""
    import numpy as np

    names = [n for n in data.columns if n not in without and data[n].dtype.kind in "iuf"]
    spread = {name: float(np.nanstd(data[name].to_numpy(dtype=np.float64, na_value=np.nan))) for name in names}
    spread = {name: value for name, value in spread.items() if np.isfinite(value) and value > 0}
    if len(spread) < 2:
        return None
    widest, narrowest = max(spread, key=spread.__getitem__), min(spread, key=spread.__getitem__)
    return Scales(str(widest), str(narrowest), spread[widest] / spread[narrowest])


def one_class(label: Any, true_share: float, predicted_share: float, scales: Scales | None) -> dict[str, Any]:
    """A class that is (almost) never predicted."""
    cause_en = "The model may not have learnt, or the threshold of 0.5 may not suit such an unequal label."
    cause_zh = "可能是模型没有学到规律，或 0.5 的阈值不适合不均衡的标签。"
    if scales is not None and scales.ratio > SCALE_RATIO:
        cause_en = (
            f"Likely cause: the features are not scaled ({scales.widest} spreads {scales.ratio:,.0f} times as far as "
            f"{scales.narrowest}), which linear models suffer from."
        )
        cause_zh = (
            f"可能原因：特征未做标准化（{scales.widest} 的离散程度是 {scales.narrowest} 的 {scales.ratio:,.0f} 倍），"
            "线性模型对此很敏感。"
        )
    return finding(
        "one_class",
        "warning",
        f"Label {label!r} is {true_share:.1%} of the rows but {predicted_share:.2%} of the predictions. {cause_en}",
        f"标签 {label!r} 占全部数据的 {true_share:.1%}，但在预测中只占 {predicted_share:.2%}。{cause_zh}",
        "Put standardize before the training and apply_transform before the prediction; "
        "or choose another threshold from the table.",
        "在训练前加入 standardize，在预测前加入 apply_transform；或从阈值表中另选阈值。",
        ["standardize", "apply_transform"],
    )


def label_missing(label: Any, rows: int) -> dict[str, Any]:
    """A class that the evaluated rows don't hold."""
    return finding(
        "label_missing",
        "warning",
        f"None of the {rows:,} evaluated rows has label {label!r}; AUC, KS and the curves can't be computed.",
        f"评估的 {rows:,} 行中没有标签 {label!r}，无法计算 AUC、KS 和曲线。",
        "Check the split: stratify by the label keeps all labels in both parts.",
        "检查拆分方式：按标签分层抽样可使两部分都含有全部标签。",
    )


def perfect_score(auc: float) -> dict[str, Any]:
    """Too good to be true."""
    return finding(
        "perfect_score",
        "warning",
        f"AUC is {auc:.4f}: too good to be true. Likely cause: a feature gives the label away, "
        "or the model was trained on these very rows.",
        f"AUC 为 {auc:.4f}，好得可疑。可能原因：某个特征泄漏了标签，或模型就是用这些数据训练的。",
        "Look for features that are only known after the label, and evaluate on rows held out by split.",
        "检查是否有在标签之后才知道的特征，并用 split 留出的数据评估。",
    )


def inverted_score(auc: float) -> dict[str, Any]:
    """Better upside down."""
    return finding(
        "inverted_score",
        "warning",
        f"AUC is {auc:.3f}, clearly below 0.5: the score ranks the wrong label first.",
        f"AUC 为 {auc:.3f}，明显低于 0.5：得分的方向反了。",
        "Check that pre_value is the positive label both in training and here.",
        "检查训练和评估时的正例值 pre_value 是否一致。",
    )


def constant_score() -> dict[str, Any]:
    """No ranking at all."""
    return finding(
        "constant_score",
        "warning",
        "Every row has the same score, so the model does not tell rows apart.",
        "所有行的得分都相同，模型没有区分能力。",
        "Check that the features vary and that the model was trained with enough iterations or trees.",
        "检查特征是否有变化，以及训练的迭代次数或树的数量是否足够。",
    )


def imbalance(label: Any, share: float) -> dict[str, Any]:
    """Accuracy says little here."""
    return finding(
        "imbalance",
        "info",
        f"Label {label!r} is only {share:.2%} of the rows: accuracy says little; look at PR, KS and recall.",
        f"标签 {label!r} 仅占 {share:.2%}，准确率意义不大，请看 PR、KS 和召回率。",
        "Train with class_weight 'balanced', or choose the threshold from the table.",
        "训练时设置 class_weight 为 'balanced'，或从阈值表中选择阈值。",
    )


def few_rows(label: Any, rows: int) -> dict[str, Any]:
    """Figures that chance decides."""
    return finding(
        "few_rows",
        "info",
        f"Only {rows} rows have label {label!r}: the figures can differ much from those on other data.",
        f"标签 {label!r} 只有 {rows} 行，指标的随机波动会很大。",
        "Evaluate on more rows.",
        "使用更多数据评估。",
    )


def no_score() -> dict[str, Any]:
    """Labels alone give no curve."""
    return finding(
        "no_score",
        "info",
        "The table has no score column, so AUC, KS, log loss and the curves can't be computed.",
        "表中没有得分列，无法计算 AUC、KS、对数损失和曲线。",
        "Evaluate the output of a predict operator, or name the column of scores.",
        "请评估预测算子的输出，或指定得分列。",
    )


def perfect_labels() -> dict[str, Any]:
    """Not one mistake."""
    return finding(
        "perfect_score",
        "warning",
        "Every prediction is right: too good to be true. Likely cause: a feature gives the label away, "
        "or the model was trained on these very rows.",
        "所有预测都正确，好得可疑。可能原因：某个特征泄漏了标签，或模型就是用这些数据训练的。",
        "Look for features that are only known after the label, and evaluate on rows held out by split.",
        "检查是否有在标签之后才知道的特征，并用 split 留出的数据评估。",
    )


def perfect_fit(r2: float) -> dict[str, Any]:
    """A regression without error."""
    return finding(
        "perfect_score",
        "warning",
        f"R² is {r2:.5f}: too good to be true. Likely cause: a feature is computed from the label, "
        "or the model was trained on these very rows.",
        f"R² 为 {r2:.5f}，好得可疑。可能原因：某个特征由标签计算得到，或模型就是用这些数据训练的。",
        "Look for features that are only known after the label, and evaluate on rows held out by split.",
        "检查是否有在标签之后才知道的特征，并用 split 留出的数据评估。",
    )


def worse_than_mean(r2: float) -> dict[str, Any]:
    """A regression that does harm."""
    return finding(
        "worse_than_mean",
        "warning",
        f"R² is {r2:.3f}: predicting the mean for every row would be better.",
        f"R² 为 {r2:.3f}：还不如对所有行都预测平均值。",
        "Check that the data is prepared as in training (apply_transform), and train on more or better features.",
        "检查数据处理是否与训练时一致（apply_transform），并改进特征。",
    )


def constant_truth() -> dict[str, Any]:
    """Nothing to explain."""
    return finding(
        "constant_label",
        "warning",
        "All true values are equal, so R² can't be computed.",
        "所有真实值都相同，无法计算 R²。",
        "Check the split before this operator.",
        "检查之前的拆分。",
    )
