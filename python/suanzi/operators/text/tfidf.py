"""`tfidf`: texts into columns of word weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from suanzi.operators.feature.scaling import Transformed
from suanzi.operators.text.tokenize import TextColumn, require_text
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_rows

if TYPE_CHECKING:
    import pandas as pd

MAX_FEATURES = 5_000
"""The result is a plain table: one column per word."""


@operator(
    name_en="TF-IDF / N-gram",
    name_zh="TF-IDF",
    category="feature",
    doc_en="Replaces a column of texts by one column per frequent word or word group, `column_word`, with its weight "
    "(scikit-learn's TfidfVectorizer). Split Chinese with tokenize first.",
    doc_zh="将文本列替换为每个高频词（词组）一列的权重“列_词”（scikit-learn 的 TfidfVectorizer）。"
    "中文请先用 tokenize 分词。",
)
def tfidf(
    data: Table,
    *,
    column: TextColumn,
    max_features: Annotated[
        int,
        Param(
            ge=1,
            le=MAX_FEATURES,
            label_en="Words",
            label_zh="词数",
            help_en="The most frequent ones.",
            help_zh="保留最高频的词数。",
        ),
    ] = 100,
    ngram_max: Annotated[
        int,
        Param(
            ge=1,
            le=5,
            label_en="Word groups",
            label_zh="最长词组",
            help_en="Up to so many words together.",
            help_zh="最多由几个词组成。",
        ),
    ] = 1,
    min_df: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="In at least",
            label_zh="最少文本数",
            help_en="So many texts.",
            help_zh="至少出现在多少条文本中。",
        ),
    ] = 1,
    use_idf: Annotated[
        bool,
        Param(
            advanced=True,
            label_en="Rarer words weigh more",
            label_zh="使用 IDF",
            help_en="Otherwise frequencies only.",
            help_zh="否则仅用词频。",
        ),
    ] = True,
) -> Transformed:
    from sklearn.feature_extraction.text import TfidfVectorizer

    require_rows(data)
    require_text(data, column)
    vectorizer = TfidfVectorizer(
        max_features=max_features,
        ngram_range=(1, ngram_max),
        min_df=min_df,
        use_idf=use_idf,
        token_pattern=r"(?u)\b\w+\b",
    )
    try:
        vectorizer.fit(data[column].fillna("").astype(str))
    except ValueError:
        raise OperatorError(
            f"column '{column}' has no words that occur in {min_df} of its {len(data):,} texts", "lower min_df"
        ) from None
    produced = [f"{column}_{word}" for word in vectorizer.get_feature_names_out()]
    clash = [name for name in produced if name in data.columns]
    if clash:
        raise OperatorError(f"the table has a column '{clash[0]}' already", "rename it first")
    step = FittedTransform("tfidf", vectorizer, [column], produced, _apply)
    return Transformed(step.transform(data), step)


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    (column,) = step.columns
    require_text(frame, column)
    texts = frame[column].fillna("").astype(str)
    weights = step.step.transform(texts).toarray() if len(frame) else np.empty((0, len(step.produces)))
    rest = frame.drop(columns=[column])
    return pd.concat([rest, pd.DataFrame(weights, columns=step.produces, index=frame.index)], axis="columns")
