"""What a forked process does to itself before it works: session, signals, descriptors, limits."""

from __future__ import annotations

import ctypes
import fcntl
import io
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import cast

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

EXIT_BROKEN = 70
"""Of a forked process that could not do what it was made for."""
CONTROL_FD = 500
"""Where a worker keeps its control socket: out of the way of code that closes or duplicates low descriptors."""
OPEN_FILES = 4096
PROCESSES_ABOVE_NOW = 1024
OOM_SCORE = "500"

libc = ctypes.PyDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")


def adopt_orphans() -> None:
    """Descendants whose parent dies become children of this process, which ends them."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def become_worker(parent: int, control: int, log: int) -> int:
    """Turns a fresh fork into a worker; returns its control socket's descriptor. All others above 2 are closed."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    adopt_orphans()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _raise_limits()
    moved = fcntl.fcntl(control, fcntl.F_DUPFD_CLOEXEC, CONTROL_FD)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, moved)
    os.closerange(moved + 1, 1 << 20)
    for stream in (sys.stdout, sys.stderr):
        cast(io.TextIOWrapper, stream).reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    return moved


def fork_helper(work: Callable[[], None]) -> int:
    """Forks a process that does `work` and ends, with its parent at the latest; returns its pid.

    In the fork it never returns: what happens there must not reach the parent's stack."""
    flush_all()
    parent = os.getpid()
    pid = os.fork()
    if pid != 0:
        return pid
    status = EXIT_BROKEN
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            work()
            status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            flush_all()
        finally:
            os._exit(status)


def flush_all() -> None:
    """Writes out what Python and libc hold back of the output."""
    sys.stdout.flush()
    sys.stderr.flush()
    libc.fflush(None)


def _raise_limits() -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    if os.geteuid() != 0:
        _limit(resource.RLIMIT_NPROC, _processes_of_user() + PROCESSES_ABOVE_NOW)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(OOM_SCORE)
    except OSError:
        return  # an unusual /proc: then the kernel chooses whom it ends by size alone


def _limit(which: int, soft: int) -> None:
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(which, (soft, hard))


def _processes_of_user() -> int:
    """Threads of this user, which is what RLIMIT_NPROC counts."""
    count = 0
    uid = os.getuid()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if entry.stat().st_uid == uid:
                count += len(os.listdir(f"/proc/{entry.name}/task"))
        except OSError:
            continue  # it ended meanwhile
    return count


def children(pid: int | str = "self") -> list[int]:
    """Pids of the processes whose parent is `pid`, by any of its threads."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found.extend(int(word) for word in file.read().split())
    except OSError:
        return found  # it ended meanwhile
    return found


def end_children() -> None:
    """Ends and reaps every child: what a task started and left, and, in a subreaper, what those left in turn."""
    while True:
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        for pid in children():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
