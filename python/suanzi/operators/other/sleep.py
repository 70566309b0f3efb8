"""`sleep`: waits, for tests of schedules."""

from __future__ import annotations

import time
from typing import Annotated

from suanzi.sdk import AnyValue, Param, current, operator

MAX_SLEEP_SECONDS = 86_400
PROGRESS_EVERY_SECONDS = 1.0


@operator(
    name_en="Sleep",
    name_zh="等待",
    category="other",
    doc_en="Waits for its inputs and then for a time.",
    doc_zh="等待所有输入后再等待一段时间。",
    role="pass",
)
def sleep(
    *inputs: object,
    seconds: Annotated[
        float,
        Param(
            ge=0, le=MAX_SLEEP_SECONDS, label_en="Seconds", label_zh="秒数", help_en="How long.", help_zh="等待时长。"
        ),
    ] = 1.0,
) -> AnyValue:
    context = current()
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, PROGRESS_EVERY_SECONDS))
        if seconds > PROGRESS_EVERY_SECONDS:
            context.progress(1 - max(0.0, end - time.monotonic()) / seconds, "sleeping")
    return {"slept_s": seconds}
