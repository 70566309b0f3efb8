"""Puts an exception into words for the person who drew the operator."""

from __future__ import annotations

import errno
import os
import traceback
from types import TracebackType
from typing import Any

from suanzi.worker.code import LoadError
from suanzi.worker.objects import StoreError
from suanzi.worker.outputs import OutputError

MAX_MESSAGE_CHARS = 4_000
MAX_TRACEBACK_CHARS = 60_000
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OWN_FRAMES = tuple(os.path.join(_OWN, part) + os.sep for part in ("worker", "sdk"))
_STORAGE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}


class PieceError(Exception):
    """A piece of the table has failed: what `failure_of` said of it there, and which it was."""

    def __init__(self, failed: dict[str, Any], piece: str) -> None:
        super().__init__(piece)
        self.failed, self.piece = failed, piece


def failure_of(error: BaseException) -> dict[str, Any]:
    """`kind`, `message`, `hint`, `traceback` of a failed frame."""
    if isinstance(error, PieceError):
        return {**error.failed, "message": _cut(f"{error.piece}: {error.failed['message']}", MAX_MESSAGE_CHARS)}
    hint = getattr(error, "hint", None)
    kind = _kind(error)
    cause = error.__cause__ if isinstance(error, LoadError) and error.__cause__ is not None else error
    refused = kind in ("refused", "bad_output") or isinstance(error, StoreError)
    try:
        text = str(error)
    except Exception:
        text = "(its message can't be shown: __str__ raised)"
    if not refused and not isinstance(error, LoadError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return {
        "kind": kind,
        "message": _cut(text, MAX_MESSAGE_CHARS),
        "hint": _cut(hint, MAX_MESSAGE_CHARS) if isinstance(hint, str) else _hint(kind),
        "traceback": None if refused else _traceback(cause),
    }


def _kind(error: BaseException) -> str:
    names = {cls.__name__ for cls in type(error).__mro__}
    if "BadOutputError" in names:
        return "bad_output"
    if "OperatorError" in names:
        return "refused"
    if isinstance(error, LoadError):
        return "import"
    if isinstance(error, OutputError):
        return "bad_output"
    if isinstance(error, SystemExit):
        return "exited_without_result"
    if isinstance(error, MemoryError):
        return "out_of_memory"
    if isinstance(error, StoreError) or (isinstance(error, OSError) and error.errno in _STORAGE_ERRORS):
        return "storage"
    return "exception"


def _hint(kind: str) -> str | None:
    return {
        "exited_without_result": "return from the function instead of calling sys.exit()",
        "out_of_memory": "raise the operator's memory under resources, or give it less data",
        "storage": "free some disk space, then run the failed operators again",
    }.get(kind)


def _cut(text: str, limit: int) -> str:
    clean = text.encode("utf-8", "backslashreplace").decode()
    return clean if len(clean) <= limit else clean[:limit] + " …"


def _traceback(error: BaseException) -> str:
    """The frames of the user's code: those of the worker and the SDK above it are left out."""
    first = error.__traceback__
    frame: TracebackType | None = first
    while frame is not None and _is_own(frame.tb_frame.f_code.co_filename):
        frame = frame.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, frame or first))
    except Exception:
        text = f"{type(error).__name__} (its traceback can't be shown)"
    if len(text) > MAX_TRACEBACK_CHARS:
        half = MAX_TRACEBACK_CHARS // 2
        text = text[:half] + "\n…\n" + text[-half:]
    return _cut(text, MAX_TRACEBACK_CHARS + 10)


def _is_own(path: str) -> bool:
    return path.startswith(_OWN_FRAMES) or path.startswith("<frozen importlib")
