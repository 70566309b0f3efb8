"""Lists of names as they appear in messages, and the name somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_NAMES_SHOWN = 12


def listed(names: Iterable[object]) -> str:
    """`a, b, c` and how many more there are."""
    texts = [str(name) for name in names]
    if not texts:
        return "(none)"
    shown = ", ".join(texts[:MAX_NAMES_SHOWN])
    more = len(texts) - MAX_NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def nearest(name: object, known: Iterable[object]) -> str | None:
    """The known name closest to `name`, if one is close enough to be a slip of the pen."""
    texts = [str(k) for k in known]
    lowered = {text.lower(): text for text in reversed(texts)}
    found = difflib.get_close_matches(str(name).lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[found[0]] if found else None
