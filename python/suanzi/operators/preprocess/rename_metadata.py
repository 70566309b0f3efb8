"""`rename_metadata`: other names for columns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from suanzi.sdk import ArrowTable, OperatorError, Param, operator
from suanzi.sdk.columns import require_columns
from suanzi.sdk.names import listed


@operator(
    name_en="Edit Metadata",
    name_zh="编辑列属性",
    category="preprocess",
    doc_en="Renames columns: one by one, and all of them by a rule.",
    doc_zh="重命名列：可逐列指定，也可按规则统一处理。",
    partition="map",
)
def rename_metadata(
    data: ArrowTable,
    *,
    names: Annotated[
        dict[str, Any] | None,
        Param(label_en="Names", label_zh="名称", help_en="Old name to new name.", help_zh="旧列名到新列名。"),
    ] = None,
    style: Annotated[
        Literal["keep", "lower", "upper", "strip", "snake"],
        Param(
            label_en="All columns",
            label_zh="统一处理",
            help_en="snake: lower case, underscores for anything but letters and digits.",
            help_zh="snake：小写，非字母数字替换为下划线。",
        ),
    ] = "keep",
    prefix: Annotated[
        str, Param(label_en="Prefix", label_zh="前缀", help_en="For all columns.", help_zh="所有列的前缀。")
    ] = "",
) -> ArrowTable:
    mapping = names or {}
    require_columns(data, list(mapping), "names has it")
    bad = [old for old, new in mapping.items() if not isinstance(new, str) or not new]
    if bad:
        raise OperatorError(f"the new name of column '{bad[0]}' is {mapping[bad[0]]!r}", "give a text")
    renamed = [mapping[name] if name in mapping else prefix + _styled(name, style) for name in data.column_names]
    twice = sorted({name for name in renamed if renamed.count(name) > 1})
    if twice:
        raise OperatorError(f"several columns would be called {listed(twice)}", "give each column its own name")
    return data.rename_columns(renamed)


def _styled(name: str, style: str) -> str:
    import re

    if style == "snake":
        return re.sub(r"\W+", "_", name.strip()).strip("_").lower() or name
    if style == "strip":
        return name.strip()
    return name.lower() if style == "lower" else name.upper() if style == "upper" else name
