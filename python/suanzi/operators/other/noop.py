"""`noop`: does nothing, for tests and for joining branches."""

from __future__ import annotations

from typing import Annotated, Any

from suanzi.sdk import AnyValue, Param, operator


@operator(
    name_en="No Operation",
    name_zh="空操作",
    category="other",
    doc_en="Waits for its inputs and gives its payload on; null means an empty result.",
    doc_zh="等待所有输入，然后输出 payload；为空则输出空结果。",
    role="pass",
)
def noop(
    *inputs: object,
    payload: Annotated[
        Any, Param(label_en="Payload", label_zh="输出内容", help_en="Any JSON value.", help_zh="任意 JSON 值。")
    ] = None,
) -> AnyValue:
    return {} if payload is None else payload
