"""`read_csv`: the table in a CSV file."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.source.files import read_csv_file
from suanzi.sdk import ArrowTable, OperatorError, Param, PathName, current, operator


@operator(
    name_en="Read CSV",
    name_zh="读CSV文件",
    category="source",
    doc_en="Reads a CSV file. Column types are found by themselves; a column with mixed values is read as text.",
    doc_zh="读取 CSV 文件，自动识别列类型；混有多种类型的列按文本读取。",
)
def read_csv(
    *,
    path: Annotated[
        PathName, Param(label_en="File", label_zh="文件", help_en="The file to read.", help_zh="要读取的文件。")
    ],
    delimiter: Annotated[
        str,
        Param(
            label_en="Delimiter",
            label_zh="分隔符",
            help_en="One character; \\t is a tab.",
            help_zh="一个字符；\\t 为制表符。",
        ),
    ] = ",",
    encoding: Annotated[
        str,
        Param(
            label_en="Encoding",
            label_zh="编码",
            help_en="utf-8, gb18030, latin-1 and so on.",
            help_zh="utf-8、gb18030、latin-1 等。",
            advanced=True,
        ),
    ] = "utf-8",
    header: Annotated[
        bool,
        Param(
            label_en="Header",
            label_zh="有表头",
            help_en="The first line holds the names; otherwise columns are f0, f1, …",
            help_zh="首行是列名；否则列名为 f0、f1……",
        ),
    ] = True,
    null_values: Annotated[
        list[str] | None,
        Param(
            label_en="Missing values",
            label_zh="缺失值标记",
            help_en="Texts that stand for a missing value; empty means the usual ones (nothing, NA, NULL, NaN).",
            help_zh="表示缺失值的文本；留空使用常见标记（空、NA、NULL、NaN）。",
            advanced=True,
        ),
    ] = None,
) -> ArrowTable:
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if len(delimiter) != 1 or not delimiter.isascii():
        raise OperatorError(f"parameter 'delimiter' is {delimiter!r}", "give one ASCII character, or \\t for a tab")
    file = current().file("path", path)
    return read_csv_file(file, delimiter=delimiter, encoding=encoding, header=header, null_values=null_values)
