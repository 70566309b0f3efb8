"""Python requirements of an operator (PEP 508), checked as they are declared.

The Rust side of the same rules is `crates/operator/src/requirement.rs`; both are put to the same cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from suanzi.sdk.errors import OperatorDeclarationError

MAX_REQUIREMENTS = 64
MAX_REQUIREMENT_BYTES = 256
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = r"v?[0-9][A-Za-z0-9]*(?:[.+!_-][A-Za-z0-9]+)*"
_CLAUSE = rf"(?:(?:===|~=|<=|>=|<|>)\s*{_VERSION}|(?:==|!=)\s*{_VERSION}(?:\.\*)?)"
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*"
_EXTRAS = rf"\[\s*{_NAME}(?:\s*,\s*{_NAME})*\s*\]"
_REQUIREMENT = re.compile(rf"{_NAME}\s*(?:{_EXTRAS})?\s*(?:{_CLAUSES}|\(\s*{_CLAUSES}\s*\))?\s*(?:;\s*\S.*)?", re.ASCII)


def fault_of(text: object) -> str | None:
    """Why it is no requirement, or `None`."""
    if not isinstance(text, str):
        return f"is {type(text).__name__}, not text"
    stripped = text.strip()
    if len(stripped.encode()) > MAX_REQUIREMENT_BYTES:
        return f"is longer than {MAX_REQUIREMENT_BYTES} bytes"
    if stripped.startswith("-"):
        return "is an option of pip, not a package"
    if any(mark in stripped for mark in ("://", "@", "/")) or stripped.startswith("."):
        return "is a place, not a package of an index"
    if re.match(r"suanzi(?![A-Za-z0-9._-])", stripped, re.IGNORECASE):
        return "is Suanzi, which is in every environment already"
    return None if _REQUIREMENT.fullmatch(stripped) else "is not understood"


def checked(function: str, requirements: Iterable[str]) -> tuple[str, ...]:
    """The requirements of an operator; an OperatorDeclarationError names the first that is none."""
    if isinstance(requirements, str):
        raise OperatorDeclarationError(
            function, None, "requirements is text, not a list", f'Write requirements=["{requirements}"]'
        )
    listed = tuple(requirements)
    if len(listed) > MAX_REQUIREMENTS:
        raise OperatorDeclarationError(
            function, None, f"it has more than {MAX_REQUIREMENTS} requirements", "Name only what is imported"
        )
    for text in listed:
        fault = fault_of(text)
        if fault is not None:
            remedy = 'Write a package and its version: "lightgbm==4.5.0"'
            raise OperatorDeclarationError(function, None, f"the requirement {text!r} {fault}", remedy)
    return listed
