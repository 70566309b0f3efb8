"""The zygote: imports the heavy libraries once, forks workers on request, reports how they ended.

It never computes and imports no user code.

Started as `python -m suanzi.worker.zygote` with its control socket as standard input.
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

from suanzi.worker.process import adopt_orphans, become_worker, children
from suanzi.worker.protocol import PROTOCOL_VERSION, Channel, ProtocolError

PRELOADED = (
    "pyarrow",
    "pyarrow.csv",
    "pyarrow.ipc",
    "pyarrow.parquet",
    "pandas",
    "threadpoolctl",
    "sklearn.cluster",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "suanzi.worker.loop",
)
"""Imported before the first fork. Not `suanzi.operators`: a worker must be able to load another version of it."""


class Zygote:
    """Owns the control socket and the forked workers' pidfds."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.poll = select.poll()
        self.poll.register(channel.sock.fileno(), select.POLLIN)
        self.workers: dict[int, tuple[int, int]] = {}
        """pidfd → worker number, pid"""

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
            if frame["t"] != "fork" or len(self.channel.fds) < 2:
                raise ProtocolError(f"the zygote can't do {frame['t']!r}")
            self._fork(frame["worker"], self.channel.fds.popleft(), self.channel.fds.popleft())
        return open_still

    def _fork(self, worker: int, control: int, log: int) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _run_worker(parent, control, log)
        pidfd = os.pidfd_open(pid)
        os.close(control)
        os.close(log)
        self.workers[pidfd] = (worker, pid)
        self.poll.register(pidfd, select.POLLIN)
        self.channel.send_with_fd({"t": "forked", "worker": worker, "pid": pid}, pidfd)

    def _reap(self, pidfd: int) -> None:
        """The leader is dead but not yet reaped, so its group's number is still its own: end the group, then reap."""
        worker, pid = self.workers.pop(pidfd)
        self.poll.unregister(pidfd)
        os.close(pidfd)
        _kill_group(pid)
        _, status = os.waitpid(pid, 0)
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


def _run_worker(parent: int, control: int, log: int) -> None:
    """Never returns: what happens in a worker must not reach the zygote's stack."""
    status = 70
    try:
        fd = become_worker(parent, control, log)
        from suanzi.worker.loop import work

        status = work(Channel(socket.socket(fileno=fd)))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def preload() -> int:
    """Imports the libraries; returns how long it took in milliseconds."""
    start = time.monotonic()
    gc.disable()
    for name in PRELOADED:
        importlib.import_module(name)
    from suanzi.worker.patches import watch_early

    watch_early()
    gc.collect()
    gc.freeze()
    gc.enable()
    return int((time.monotonic() - start) * 1000)


def main() -> None:
    control = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    channel = Channel(socket.socket(fileno=control))
    channel.send({"t": "hello", "version": PROTOCOL_VERSION, "pid": os.getpid(), "python": platform.python_version()})
    import_ms = preload()
    adopt_orphans()
    # The engine's death is now told by the closed channel, so that workers and their children are ended first.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        channel.send({"t": "loaded", "import_ms": import_ms, "threads": len(os.listdir("/proc/self/task"))})
        Zygote(channel).serve()
    except (BrokenPipeError, ConnectionResetError):
        pass  # the engine is gone, and the workers with it
    os._exit(0)  # unloading the libraries would take as long as a fork


if __name__ == "__main__":
    main()
