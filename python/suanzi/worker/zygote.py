"""The zygote: imports the heavy libraries once, forks workers on request, reports how they ended.

Scikit-learn, which takes as long as all the others and 70 MB, is imported when the engine says that it will be needed.

It never computes and imports no user code.

Started as `python -m suanzi.worker.zygote` with its control socket as standard input. An argument is the setting of an
isolation profile (`enclosure.py`), which it enters before anything else.
"""

from __future__ import annotations

import gc
import importlib
import os
import platform
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from suanzi.worker.enclosure import STATUS, Enclosure, EnclosureError, Setting, admit, enter, fork_init, host_pid
from suanzi.worker.process import adopt_orphans, become_worker, children
from suanzi.worker.protocol import PROTOCOL_VERSION, Channel, Frame, ProtocolError

PRELOADED = (
    "pyarrow",
    "pyarrow.csv",
    "pyarrow.ipc",
    "pyarrow.parquet",
    "pandas",
    "threadpoolctl",
    "suanzi.worker.loop",
)
"""Imported before the first fork. Not `suanzi.operators`: a worker must be able to load another version of it."""
SKLEARN = (
    "sklearn.cluster",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
)
"""Imported on demand."""


FIRST_PROCESS = 1
"""The parent of an enclosed worker, in its own namespace."""


class Zygote:
    """Owns the control socket and the forked workers' pidfds."""

    def __init__(self, channel: Channel, enclosure: Enclosure | None) -> None:
        self.channel = channel
        self.enclosure = enclosure
        self.poll = select.poll()
        self.poll.register(channel.sock.fileno(), select.POLLIN)
        self.workers: dict[int, tuple[int, int]] = {}
        """pidfd → worker number, pid"""
        self.statuses: dict[int, int] = {}
        """The same pidfd → the pipe by which the first process of an enclosed worker's namespace tells how it ended"""

    def serve(self) -> None:
        """Until the engine closes the channel; then ends every worker."""
        try:
            while True:
                for fd, _events in self.poll.poll():
                    if fd in self.workers:
                        self._reap(fd)
                    elif not self._serve_requests():
                        return
        finally:
            self._end_all()

    def _serve_requests(self) -> bool:
        open_still = self.channel.read_with_fds()
        while (frame := self.channel.buffered()) is not None:
            if frame["t"] == "preload":
                self.channel.send(loaded(preload(SKLEARN)))
                continue
            if frame["t"] != "fork" or len(self.channel.fds) < 2:
                raise ProtocolError(f"the zygote can't do {frame['t']!r}")
            control, log = self.channel.fds.popleft(), self.channel.fds.popleft()
            if self.enclosure is None:
                self._fork(frame["worker"], control, log)
            else:
                self._fork_enclosed(self.enclosure, frame["worker"], frame.get("uid", 0), control, log)
        return open_still

    def _fork(self, worker: int, control: int, log: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _run_worker(lambda: (become_worker(parent, control, log), os.getpid()))
        pidfd = os.pidfd_open(pid)
        os.close(control)
        os.close(log)
        self.workers[pidfd] = (worker, pid)
        self.poll.register(pidfd, select.POLLIN)
        self.channel.send_with_fd({"t": "forked", "worker": worker, "pid": pid}, pidfd)

    def _fork_enclosed(self, enclosure: Enclosure, worker: int, uid: int, control: int, log: int) -> None:
        """The zygote's child is the first process of a namespace, the worker the second; the host knows its number."""
        status, told = os.pipe()

        def enclose() -> tuple[int, int]:
            number = host_pid(enclosure)
            os.write(told, STATUS.pack(number))
            admit(enclosure, str(worker), uid)
            return become_worker(FIRST_PROCESS, control, log), number

        pid = fork_init(enclosure, told, lambda: _run_worker(enclose))
        for fd in (told, control, log):
            os.close(fd)
        first = os.pidfd_open(pid)
        self.workers[first] = (worker, pid)
        self.statuses[first] = status
        self.poll.register(first, select.POLLIN)
        number = _read_number(status)
        second = next(iter(children(pid)), pid)
        pidfd = os.pidfd_open(second)
        self.channel.send_with_fd({"t": "forked", "worker": worker, "pid": number or pid}, pidfd)
        os.close(pidfd)

    def _reap(self, pidfd: int) -> None:
        """The leader is dead but not yet reaped, so its group's number is still its own: end the group, then reap."""
        worker, pid = self.workers.pop(pidfd)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        _kill_group(pid)
        _, status = os.waitpid(pid, 0)
        if (told := self.statuses.pop(pidfd, None)) is not None:
            ended = _read_number(told)
            status = signal.SIGKILL if ended is None else ended  # it can only have been killed
            os.close(told)
        self._end_orphans()
        self.channel.send({"t": "exited", "worker": worker, "pid": pid, "status": status})

    def _end_orphans(self) -> None:
        """Ends what dead workers left behind in other process groups and sessions."""
        known = {pid for _, pid in self.workers.values()}
        while orphans := [pid for pid in children() if pid not in known]:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
            for pid in orphans:
                os.waitpid(pid, 0)

    def _end_all(self) -> None:
        for _, pid in self.workers.values():
            _kill_group(pid)
        self.workers.clear()
        self._end_orphans()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)  # it had not become a group's leader yet; unreaped, so the number is its own


def _read_number(pipe: int) -> int | None:
    """What one process told, or None when it ended without."""
    data = os.read(pipe, STATUS.size)
    return STATUS.unpack(data)[0] if len(data) == STATUS.size else None


def _run_worker(become: Callable[[], tuple[int, int]]) -> NoReturn:
    """Never returns: what happens in a worker must not reach the zygote's stack.

    `become` gives its control socket and the number by which the engine knows it."""
    status = 70
    try:
        fd, pid = become()
        from suanzi.worker.loop import work

        status = work(Channel(socket.socket(fileno=fd)), pid)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def preload(names: Sequence[str]) -> int:
    """Imports libraries that forked processes are to share; returns how long it took in milliseconds."""
    start = time.monotonic()
    gc.disable()
    for name in names:
        importlib.import_module(name)
    from suanzi.worker.patches import watch_early

    watch_early()
    gc.collect()
    gc.freeze()
    gc.enable()
    return int((time.monotonic() - start) * 1000)


def loaded(import_ms: int) -> Frame:
    """What the engine is told after an import."""
    return {"t": "loaded", "import_ms": import_ms, "threads": len(os.listdir("/proc/self/task"))}


def main(arguments: list[str]) -> None:
    enclosure = None
    if arguments:
        try:
            enclosure = enter(Setting.parse(arguments[0]))
        except EnclosureError as error:
            print(f"{error.args[0]}; {error.args[1]}", file=sys.stderr, flush=True)
            os._exit(1)
    control = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    channel = Channel(socket.socket(fileno=control))
    channel.send({"t": "hello", "version": PROTOCOL_VERSION, "pid": os.getpid(), "python": platform.python_version()})
    import_ms = preload(PRELOADED)
    adopt_orphans()
    # The engine's death is now told by the closed channel, so that workers and their children are ended first.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        channel.send(loaded(import_ms))
        Zygote(channel, enclosure).serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the engine is gone, and the workers with it
    os._exit(0)  # unloading the libraries would take as long as a fork


if __name__ == "__main__":
    main(sys.argv[1:])
