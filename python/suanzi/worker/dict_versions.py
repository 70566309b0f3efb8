"""Tells which of many dicts were written to, without reading them.

CPython 3.11 gives each dict a number that is a new one after every write (PEP 509). It lies at a known place in the
dict, and all of them are gathered by one indexing of numpy's. Other versions of Python lay dicts out differently.
"""

from __future__ import annotations

import ctypes
import gc
import itertools
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

WORD_BYTES = 8
VERSION_OFFSET = 24
"""Behind the reference count, the type and the number of items."""


class DictVersions:
    """The versions of some dicts. The dicts must outlive this object."""

    def __init__(self, dicts: Sequence[dict[str, Any]]) -> None:
        places = [id(one) + VERSION_OFFSET for one in dicts]
        lowest = min(places)
        words = (max(places) - lowest) // WORD_BYTES + 1
        # A view of all memory between the first and the last of them, of which only their own words are ever read.
        span = np.ctypeslib.as_array((ctypes.c_uint64 * words).from_address(lowest))
        self._indexes = np.array([(place - lowest) // WORD_BYTES for place in places], dtype=np.intp)
        self._take = span.take
        self._seen = self._known = self._take(self._indexes)
        self._bytes = self._known.tobytes()

    def changed(self) -> list[int]:
        """The positions of those written to since they were last `accept`ed, which may equal what they were."""
        self._seen = self._take(self._indexes)
        if self._seen.tobytes() == self._bytes:
            return []
        return [int(position) for position in (self._seen != self._known).nonzero()[0]]

    def accept(self) -> None:
        """What the dicts held when `changed` was asked last is no change from here on."""
        self._known = self._seen
        self._bytes = self._known.tobytes()


def watch(owners: Sequence[Any]) -> DictVersions | None:
    """For the attributes of modules and classes; None where versions can't be read and all must be compared."""
    dicts = [_dict_of(vars(owner)) for owner in owners]
    if not dicts or any(one is None for one in dicts) or not readable():
        return None
    return DictVersions([one for one in dicts if one is not None])


def version_of(one: dict[Any, Any]) -> Callable[[], int]:
    """Reads a dict's version; where it can't be, each answer is another, as if it had always been written to."""
    if not readable():
        return itertools.count().__next__
    word = ctypes.c_uint64.from_address(id(one) + VERSION_OFFSET)
    return lambda: word.value


def readable() -> bool:
    """Whether this Python has versions where they are looked for: seen on dicts that are written to."""
    if sys.version_info[:2] != (3, 11) or platform.python_implementation() != "CPython":
        return False
    if ctypes.sizeof(ctypes.c_void_p) != WORD_BYTES or hasattr(sys, "gettotalrefcount"):
        return False  # dicts have other fields in front
    plain: dict[str, Any] = {"a": 1}
    owner: Any = type("Owner", (), {"a": 1})
    dicts = [plain, _dict_of(vars(owner))]
    if dicts[1] is None:
        return False
    versions = DictVersions([plain, dicts[1]])
    seen = [versions.changed()]
    plain["a"] = 2
    seen.append(versions.changed())
    owner.a = 2
    seen.append(versions.changed())
    versions.accept()
    del owner.a
    seen.append(versions.changed())
    return seen == [[], [0], [0, 1], [1]]


def _dict_of(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """The dict itself: a class shows its own through a proxy."""
    if type(attributes) is dict:
        return attributes
    behind = gc.get_referents(attributes)
    return behind[0] if len(behind) == 1 and type(behind[0]) is dict else None
