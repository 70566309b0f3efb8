"""The worker's log file: descriptors 1 and 2, append-only. An attempt's log is a range of bytes in it."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from suanzi.worker.process import libc

KEPT_LOG_FD = 501


class AttemptLog:
    """Knows the log file by a descriptor of its own, so that code which closes 1 or 2 harms only its own output."""

    def __init__(self) -> None:
        self.fd = os.dup2(1, KEPT_LOG_FD, inheritable=False)
        stat = os.fstat(self.fd)
        self._identity = (stat.st_dev, stat.st_ino)
        self._stdout, self._stderr = sys.stdout, sys.stderr

    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def flushed_size(self) -> int:
        """The file's size with what Python and libc hold back."""
        for stream in (self._stdout, self._stderr, sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue  # an operator replaced or closed it; `restore` mends it
        libc.fflush(None)
        return self.size()

    def restore(self) -> None:
        """Puts descriptors 0, 1 and 2 and Python's streams back where an operator moved them."""
        for fd in (1, 2):
            if not self._is_log(fd):
                os.dup2(self.fd, fd)
        try:
            os.fstat(0)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest free number, which is 0
        if sys.stdout is not self._stdout or self._stdout.closed:
            self._stdout = sys.stdout = _stream(1, self._stdout)
        if sys.stderr is not self._stderr or self._stderr.closed:
            self._stderr = sys.stderr = _stream(2, self._stderr)

    def _is_log(self, fd: int) -> bool:
        try:
            stat = os.fstat(fd)
        except OSError:
            return False
        return (stat.st_dev, stat.st_ino) == self._identity


def _stream(fd: int, old: TextIO) -> TextIO:
    if not old.closed:
        return old
    return open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
