"""`filter_rows`: keeps the rows for which an expression is true."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.preprocess.expression import rows_where
from suanzi.sdk import Param, Table, operator


@operator(
    name_en="Filter Rows",
    name_zh="过滤与映射",
    category="preprocess",
    doc_en="Keeps the rows for which an expression is true, such as "
    "`AGE >= 18 and SEX in [1, 2] and not isnull(LIMIT_BAL)`. "
    "A comparison with a missing value is false. Names with spaces stand in backticks.",
    doc_zh="保留表达式为真的行，例如 `AGE >= 18 and SEX in [1, 2] and not isnull(LIMIT_BAL)`。"
    "与缺失值比较的结果为假；含空格的列名用反引号括起。",
    partition="map",
)
def filter_rows(
    data: Table,
    *,
    expression: Annotated[
        str,
        Param(
            label_en="Condition",
            label_zh="条件",
            help_en="Columns, numbers, texts in quotes; == != < <= > >= in, and or not, + - * / // %, "
            "isnull notnull abs length lower upper contains startswith endswith.",
            help_zh="可用列名、数字、引号中的文本；== != < <= > >= in、and or not、+ - * / // %，"
            "以及 isnull notnull abs length lower upper contains startswith endswith。",
        ),
    ],
) -> Table:
    return data[rows_where(data, expression)].reset_index(drop=True)
