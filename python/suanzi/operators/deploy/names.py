"""Names of models and services: part of addresses and of file names, so they are plain."""

from __future__ import annotations

import re

from suanzi.sdk import OperatorError

_NAME = re.compile(r"[^\W_][\w.-]{0,62}")


def checked_name(name: str, what: str) -> str:
    """The name itself. Refuses one that can't name a `what`."""
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"parameter 'name' is '{name}', which can't name a {what}",
            "use letters, digits, `_`, `.` and `-`, starting with a letter or digit, at most 63 characters",
        )
    return name
