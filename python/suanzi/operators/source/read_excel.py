"""`read_excel`: a sheet of an Excel workbook."""

from __future__ import annotations

import zipfile
from typing import Annotated

from suanzi.operators.source.files import require_file
from suanzi.operators.source.parameters import FilePath
from suanzi.sdk import OperatorError, Param, Table, current, operator
from suanzi.sdk.extras import require_extra
from suanzi.sdk.names import listed, nearest


@operator(
    name_en="Read Excel",
    name_zh="读Excel表格",
    category="source",
    doc_en="Reads one sheet of an .xlsx workbook, as pandas.read_excel does. Columns that mix types become texts. "
    "Needs openpyxl (the extra 'excel').",
    doc_zh="读取 .xlsx 工作簿中的一个工作表，与 pandas.read_excel 一致；混合类型的列转为文本。"
    "需要 openpyxl（附加包 excel）。",
    requires={"openpyxl": "openpyxl"},
)
def read_excel(
    *,
    path: FilePath,
    sheet: Annotated[
        str | None,
        Param(label_en="Sheet", label_zh="工作表", help_en="Empty means the first.", help_zh="留空读取第一个。"),
    ] = None,
    skip_rows: Annotated[
        int,
        Param(
            ge=0,
            label_en="Skip rows",
            label_zh="跳过行数",
            help_en="Lines above the header.",
            help_zh="表头上方要跳过的行数。",
        ),
    ] = 0,
    header: Annotated[
        bool,
        Param(
            label_en="Header",
            label_zh="有表头",
            help_en="The first line holds the names; otherwise columns are f0, f1, …",
            help_zh="首行是列名；否则列名为 f0、f1……",
        ),
    ] = True,
) -> Table:
    import pandas as pd

    file = current().file("path", path)
    require_file(file)
    require_extra("openpyxl", "openpyxl", "reading Excel files")
    try:
        with pd.ExcelFile(file, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is not None and sheet not in names:
                meant = nearest(sheet, names)
                raise OperatorError(
                    f"{file.name} has no sheet '{sheet}'; it has: {listed(names)}",
                    f"did you mean '{meant}'?" if meant else "choose one of them",
                )
            frame = pd.read_excel(book, sheet or names[0], skiprows=skip_rows, header=0 if header else None)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise OperatorError(f"{file.name} is not a readable .xlsx workbook: {error}", "save it as .xlsx") from None
    if not header:
        frame.columns = pd.Index([f"f{position}" for position in range(frame.shape[1])])
    for name in frame.columns:
        if frame[name].isna().all():
            frame[name] = frame[name].astype("float64")
        elif frame[name].dtype == object and frame[name].dropna().map(type).nunique() > 1:
            current().note(f"column '{name}' mixes types; it is read as text")
            frame[name] = frame[name].map(str, na_action="ignore")
    return frame
