"""Resets Python's and numpy's global random states to the task's seed, only when they aren't there already."""

from __future__ import annotations

import ctypes
import random
from typing import Any

import numpy as np

SEED_LIMIT = 2**32
_MERSENNE_WORDS = 624


class GlobalSeeds:
    """Seeding both costs some 20 µs; reading a few words of their states, a fraction of one."""

    def __init__(self) -> None:
        self._seed: int | None = None
        self._seen: Any = None
        self._generator = np.random.mtrand._rand
        self._watch = self._find_states()

    def reset(self, seed: int, *, force: bool) -> None:
        """`force` after code that may have replaced the generators themselves."""
        if not force and seed == self._seed and self._watch is not None and self._watch() == self._seen:
            return
        random.seed(seed)
        np.random.seed(seed % SEED_LIMIT)
        self._seed = seed
        self._seen = None if self._watch is None else self._watch()

    def _find_states(self) -> Any:
        """A function that reads where both generators stand; None where the layout isn't the known one."""
        try:
            numpy_state = np.random.mtrand._rand._bit_generator.ctypes.state_address
            numpy_words = (ctypes.c_uint32 * (_MERSENNE_WORDS + 1)).from_address(numpy_state)
            python_words = (ctypes.c_uint32 * 3).from_address(id(random._inst) + object.__basicsize__)
        except AttributeError:
            return None

        def watch() -> tuple[int, ...]:
            return (*python_words, numpy_words[0], numpy_words[1], numpy_words[_MERSENNE_WORDS])

        return watch if self._notices(watch) else None

    @staticmethod
    def _notices(watch: Any) -> bool:
        random.seed(1)
        np.random.seed(1)
        first = watch()
        random.random()
        second = watch()
        np.random.random_sample()
        third = watch()
        random.seed(1)
        np.random.seed(1)
        return bool(first != second and second != third and watch() == first)
