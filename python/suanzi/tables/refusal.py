"""Why a file can't be used, in words for the person who uploaded it."""

from __future__ import annotations


class RefusalError(Exception):
    """`message` names the place and the reason, `hint` what to do."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
