"""Libraries that not every installation has: imported when an operator needs them, refused with the command to type."""

from __future__ import annotations

import importlib
from typing import Any

from suanzi.sdk.errors import OperatorError


def require_extra(module: str, package: str, what: str) -> Any:
    """The module, or an `OperatorError` that says which package `what` (such as "reading Excel files") needs."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise OperatorError(
            f"{what} needs the Python package {package}, which is not installed here", f"pip install {package}"
        ) from None
