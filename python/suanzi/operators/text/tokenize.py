"""`tokenize`: texts into words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.sdk import Column, OperatorError, Param, Table, operator
from suanzi.sdk.columns import is_numeric, require_columns, with_columns
from suanzi.sdk.extras import require_extra

if TYPE_CHECKING:
    import pandas as pd

TextColumn = Annotated[
    Column, Param(label_en="Text", label_zh="文本列", help_en="The texts.", help_zh="文本所在的列。")
]


@operator(
    name_en="Tokenize / Segment",
    name_zh="分词",
    category="feature",
    doc_en="Splits texts into words, joined by spaces in a new column: by a pattern, by characters, or Chinese by "
    "jieba (the extra 'chinese').",
    doc_zh="将文本切分为词，以空格连接写入新列：按正则、按字符，或用 jieba 切分中文（附加包 chinese）。",
    partition="map",
)
def tokenize(
    data: Table,
    *,
    column: TextColumn,
    method: Annotated[
        Literal["regex", "characters", "jieba"],
        Param(label_en="Way", label_zh="方法", help_en="How to split.", help_zh="切分方式。"),
    ] = "regex",
    pattern: Annotated[
        str,
        Param(
            advanced=True,
            label_en="Pattern",
            label_zh="正则",
            help_en="What a word looks like, for 'regex'.",
            help_zh="词的正则表达式，仅用于 regex。",
        ),
    ] = r"\w+",
    lowercase: Annotated[
        bool, Param(label_en="Lower case", label_zh="转小写", help_en="First.", help_zh="切分前转为小写。")
    ] = True,
    stop_words: Annotated[
        list[str] | None,
        Param(label_en="Leave out", label_zh="停用词", help_en="These words.", help_zh="要去掉的词。"),
    ] = None,
    min_length: Annotated[
        int, Param(ge=1, label_en="Shortest", label_zh="最短词长", help_en="In characters.", help_zh="字符数。")
    ] = 1,
    output: Annotated[
        str | None,
        Param(
            label_en="New column",
            label_zh="新列名",
            help_en="Empty: `column_tokens`.",
            help_zh="留空为 column_tokens。",
        ),
    ] = None,
) -> Table:
    require_text(data, column)
    left_out = {word.lower() if lowercase else word for word in stop_words or []}
    split = _splitter(method, pattern)

    def words(text: str) -> str:
        found = [word.strip() for word in split(text.lower() if lowercase else text)]
        return " ".join(word for word in found if len(word) >= min_length and word not in left_out)

    tokens = data[column].astype(object).map(words, na_action="ignore")
    return with_columns(data, {output or f"{column}_tokens": tokens.astype("string")})


def require_text(data: pd.DataFrame, column: str) -> None:
    """Refuses a column that holds no texts."""
    require_columns(data, [column], "the parameter column names it")
    values = data[column].dropna()
    if len(values) and (is_numeric(values) or not values.map(lambda value: isinstance(value, str)).all()):
        raise OperatorError(f"column '{column}' holds {data[column].dtype}, not texts", "put type_cast to text first")


def _splitter(method: str, pattern: str) -> Any:
    if method == "jieba":
        jieba = require_extra("jieba", "jieba", "segmenting Chinese")
        jieba.setLogLevel("WARNING")
        return lambda text: [word for word in jieba.cut(text) if re.search(r"\w", word)]
    if method == "characters":
        return lambda text: [character for character in text if character.isalnum()]
    try:
        return re.compile(pattern).findall if re.compile(pattern).groups == 0 else _no_groups(pattern)
    except re.error as error:
        raise OperatorError(f"the pattern '{pattern}' can't be read: {error}", "correct it, or use \\w+") from None


def _no_groups(pattern: str) -> Any:
    compiled = re.compile(pattern)
    return lambda text: [match.group(0) for match in compiled.finditer(text)]
