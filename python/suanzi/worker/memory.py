"""The attempt's memory: a limit that turns a too large allocation into MemoryError, and the peak that was reached."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

CLEAR_REFS_FD = 502
SHORT_US = 1_000
"""Attempts shorter than this can't have grown by much."""
_RESET_PEAK = b"5"
_DATA_FIELD = 5


class Memory:
    """The engine watches resident memory and ends the attempt over its limit; this catches a huge allocation before."""

    def __init__(self) -> None:
        self._peak_bytes = 0
        try:
            fd = os.open("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:
            self._reset_fd = -1  # then the peak is the worker's, not the attempt's
        else:
            self._reset_fd = os.dup2(fd, CLEAR_REFS_FD, inheritable=False)
            os.close(fd)

    def peak_bytes(self, wall_us: int) -> int:
        """The most that was resident in the attempt that just ended; a very short one gets the last answer."""
        if wall_us >= SHORT_US or self._peak_bytes == 0:
            self._peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            if self._reset_fd >= 0:
                try:
                    os.write(self._reset_fd, _RESET_PEAK)
                except OSError:
                    self._reset_fd = -1  # an operator closed it
        return self._peak_bytes

    @contextmanager
    def limited(self, cap_bytes: int | None) -> Iterator[None]:
        if cap_bytes is None:
            yield
            return
        before = resource.getrlimit(resource.RLIMIT_DATA)
        limit = _data_bytes() + cap_bytes
        if before[1] != resource.RLIM_INFINITY:
            limit = min(limit, before[1])
        resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)


def _data_bytes() -> int:
    """Private writable memory that is mapped, used or not, which is what RLIMIT_DATA counts."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[_DATA_FIELD]) * resource.getpagesize()
