"""`naive_bayes`: classes by the probabilities of each feature alone."""

from __future__ import annotations

from typing import Annotated, Literal

from suanzi.operators.train.fitting import feature_columns, fit_classifier
from suanzi.operators.train.parameters import Features, Label, PositiveLabel
from suanzi.sdk import Model, OperatorError, Param, Table, operator
from suanzi.sdk.columns import is_numeric


@operator(
    name_en="Naive Bayes",
    name_zh="朴素贝叶斯",
    category="train",
    doc_en="Trains scikit-learn's GaussianNB (quantities), MultinomialNB (counts, word weights) or BernoulliNB (0 and "
    "1).",
    doc_zh="训练 scikit-learn 的 GaussianNB（连续值）、MultinomialNB（计数、词权重）或 BernoulliNB（0/1）。",
)
def naive_bayes(
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    kind: Annotated[
        Literal["gaussian", "multinomial", "bernoulli"],
        Param(label_en="Features are", label_zh="特征类型", help_en="Their kind.", help_zh="特征的分布类型。"),
    ] = "gaussian",
    alpha: Annotated[
        float,
        Param(
            gt=0,
            advanced=True,
            label_en="Smoothing",
            label_zh="平滑",
            help_en="For counts and for 0 and 1.",
            help_zh="用于计数和 0/1 特征。",
        ),
    ] = 1.0,
) -> Model:
    from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB

    if kind == "multinomial":
        names = feature_columns(data, x_cols, y_col)
        negative = [name for name in names if is_numeric(data[name]) and (data[name] < 0).any()]
        if negative:
            raise OperatorError(
                f"column '{negative[0]}' has values below 0, which are no counts", "use kind 'gaussian', or normalize"
            )
        return fit_classifier(MultinomialNB(alpha=alpha), data, x_cols, y_col, pre_value, algo_name="naive_bayes")
    estimator = GaussianNB() if kind == "gaussian" else BernoulliNB(alpha=alpha)
    return fit_classifier(estimator, data, x_cols, y_col, pre_value, algo_name="naive_bayes")
