"""Runs tasks as forks of a process that has imported the libraries: `python -m suanzi.pool.forks SOCKET`.

It serves one version of the code, the one that it runs from. It ends with its standard input, and each task with the
connection that began it, so that no task outlives those who wait for it.
"""

from __future__ import annotations

import array
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suanzi.worker.process import EXIT_BROKEN, adopt_orphans, become_worker, children
from suanzi.worker.protocol import Channel, ProtocolError, encode

TASK = "SUANZI_TASK"
"""In a task's environment: the attempt's name."""
READ_BYTES = 64 << 10
BACKLOG = 512
MAX_EARLY = 1_000
CONNECT_SECONDS = 60.0
"""How long the first task on a node waits for the process to be there."""
MAX_QUOTED_BYTES = 2_000
SILENT = "it said nothing"


class NoForksError(RuntimeError):
    """The process that starts tasks didn't begin on this node, and has said why."""


@dataclass
class Running:
    name: str
    pid: int
    channel: Channel


class Forks:
    """The process's loop: connections, their tasks, and the end of both."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        self.selector.register(0, selectors.EVENT_READ)
        self.running: dict[int, Running] = {}
        """By pidfd."""
        self.early: dict[str, int] = {}
        """Signals that overtook the tasks they are for, by name, oldest first."""

    def serve(self) -> None:
        """Until standard input ends; then ends every task."""
        try:
            while True:
                for key, _ in self.selector.select():
                    if key.fd == 0:
                        return
                    if key.fd == self.listener.fileno():
                        self._accept()
                    elif isinstance(key.data, Channel):
                        self._read(key.data)
                    elif key.fd in self.running:
                        self._reap(key.fd)
        finally:
            for task in self.running.values():
                kill_group(task.pid, signal.SIGKILL)

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        self.selector.register(connection, selectors.EVENT_READ, Channel(connection))

    def _read(self, channel: Channel) -> None:
        try:
            open_still = channel.read_with_fds()
            while (frame := channel.buffered()) is not None:
                if frame["t"] == "start" and len(channel.fds) >= 2:
                    self._start(channel, frame["name"], frame["task"], frame["spread"])
                elif frame["t"] == "signal":
                    self._signal(frame["name"], frame["number"])
                else:
                    raise ProtocolError(f"a fork server can't do {frame['t']!r}")
        except (OSError, ProtocolError):
            open_still = False
        if not open_still:
            self.selector.unregister(channel.sock)
            channel.sock.close()
            for task in self.running.values():
                if task.channel is channel:
                    kill_group(task.pid, signal.SIGKILL)

    def _start(self, channel: Channel, name: str, task: bytes, spread: bool) -> None:
        events, log = channel.fds.popleft(), channel.fds.popleft()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _run(parent, events, log, name, task, spread)
        os.close(events)
        os.close(log)
        pidfd = os.pidfd_open(pid)
        self.running[pidfd] = Running(name, pid, channel)
        self.selector.register(pidfd, selectors.EVENT_READ)
        if (number := self.early.pop(name, None)) is not None:
            kill_group(pid, number)

    def _signal(self, name: str, number: int) -> None:
        tasks = [task for task in self.running.values() if task.name == name]
        for task in tasks:
            kill_group(task.pid, number)
        if not tasks:  # it has ended, or hasn't come yet
            self.early[name] = number
            while len(self.early) > MAX_EARLY:
                del self.early[next(iter(self.early))]

    def _reap(self, pidfd: int) -> None:
        """The task's process is dead but not yet reaped, so its group's number is still its own."""
        task = self.running.pop(pidfd)
        self.selector.unregister(pidfd)
        os.close(pidfd)
        kill_group(task.pid, signal.SIGKILL)
        _, status = os.waitpid(task.pid, 0)
        self._end_orphans()
        try:
            task.channel.send({"t": "exited", "status": os.waitstatus_to_exitcode(status)})
        except OSError:
            return  # whoever waited is gone

    def _end_orphans(self) -> None:
        """Ends what dead tasks left behind in other process groups and sessions."""
        known = {task.pid for task in self.running.values()}
        while orphans := [pid for pid in children() if pid not in known]:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
            for pid in orphans:
                os.waitpid(pid, 0)


def kill_group(pid: int, number: int) -> None:
    """Signals the group of a process that is not yet reaped."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)  # it had not become a group's leader yet


def _run(parent: int, events: int, log: int, name: str, task: bytes, spread: bool) -> None:
    """Never returns: what happens in a task must not reach the server's stack."""
    status = EXIT_BROKEN
    try:
        fd = become_worker(parent, events, log)
        # A TERM that came before now has waited.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        os.environ[TASK] = name
        from suanzi.worker.remote import EventFile, run

        status = run(task, EventFile(fd), spread=spread)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def log_of(path: str) -> Path:
    """Where the fork server behind a socket says what is wrong with it."""
    return Path(path).with_suffix(".log")


def follow(path: str, name: str, task: bytes, *, spread: bool = False) -> Iterator[dict[str, bytes | int]]:
    """Runs a task in the fork server behind a socket; see `TaskRunner` for `spread`.

    Yields what it writes, as `log` and `events`, when it does; the last piece has its exit `status` as well, negative
    for a signal. Closing the iterator ends the task. Raises NoForksError or RuntimeError where no task can be started.
    """
    connection = connect(path)
    try:
        log, log_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        events, events_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            for fd in (log_end, events_end):
                os.set_blocking(fd, True)  # the task's ends are
            _send_start(connection, name, task, spread, events_end, log_end)
        finally:
            os.close(log_end)
            os.close(events_end)
        try:
            yield from _pieces(path, Channel(connection), {log: "log", events: "events"})
        finally:
            os.close(log)
            os.close(events)
    finally:
        connection.close()


def _send_start(connection: socket.socket, name: str, task: bytes, spread: bool, events: int, log: int) -> None:
    data = encode({"t": "start", "name": name, "task": task, "spread": spread})
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [events, log]))]
    sent = connection.sendmsg([data], rights)
    connection.sendall(data[sent:])


def _pieces(path: str, channel: Channel, pipes: dict[int, str]) -> Iterator[dict[str, bytes | int]]:
    with selectors.DefaultSelector() as selector:
        selector.register(channel.sock, selectors.EVENT_READ)
        for fd in pipes:
            selector.register(fd, selectors.EVENT_READ)
        while True:
            piece: dict[str, bytes | int] = {}
            ended = False
            for key, _ in selector.select():
                if key.fd in pipes:
                    if data := _read(key.fd):
                        piece[pipes[key.fd]] = data
                    else:
                        selector.unregister(key.fd)  # the task closed it
                else:
                    ended = True
            if ended:
                break
            if piece:
                yield piece
        try:
            frame = channel.receive()
        except OSError:
            frame = None
        if frame is None:
            raise RuntimeError(f"the process that starts tasks on this node has ended: {_last_words(path) or SILENT}")
        for fd, what in pipes.items():
            already = piece.pop(what, b"")
            assert isinstance(already, bytes)
            rest = already + b"".join(iter(lambda fd=fd: _read(fd), b""))  # type: ignore[misc]
            for start in range(0, len(rest), READ_BYTES):
                yield {what: rest[start : start + READ_BYTES]}
        yield {"status": frame["status"]}


def _read(fd: int) -> bytes:
    """What is there to read; nothing at the end, or where a process left behind still holds the other one."""
    try:
        return os.read(fd, READ_BYTES)
    except BlockingIOError:
        return b""


def connect(path: str) -> socket.socket:
    """A connection to the fork server behind a socket, once it is there.

    Raises NoForksError where it has said why it isn't, RuntimeError where none comes.
    """
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
            return connection
        except OSError as error:
            connection.close()
            if time.monotonic() >= deadline:
                words = _last_words(path)
                kind = NoForksError if words else RuntimeError
                raise kind(f"no task can be started on this node: {error}; {words or SILENT}") from error
            time.sleep(0.05)


def _last_words(path: str) -> str:
    try:
        return log_of(path).read_bytes()[-MAX_QUOTED_BYTES:].decode(errors="replace").strip()
    except OSError:
        return ""


def send_signal(path: str, name: str, number: int) -> None:
    """Signals a task; one that has ended is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        connection.sendall(encode({"t": "signal", "name": name, "number": number}))


def write_to_pipes() -> None:
    """Makes Python's streams anew, as they are over pipes: tasks' logs are, and streams over a file would seek."""
    read, write = os.pipe()
    kept = [os.dup(fd) for fd in (1, 2)]
    for fd in (1, 2):
        os.dup2(write, fd)
    sys.stdout, sys.stderr = (os.fdopen(fd, "w", buffering=1, encoding="utf-8", closefd=False) for fd in (1, 2))
    for fd, before in zip((1, 2), kept, strict=True):
        os.dup2(before, fd)
    for fd in (read, write, *kept):
        os.close(fd)


def main() -> None:
    from suanzi.worker.zygote import PRELOADED, SKLEARN, preload

    # Tasks get it back; this process ends with its standard input.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    write_to_pipes()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(sys.argv[1])
    listener.listen(BACKLOG)
    preload([*PRELOADED, *SKLEARN])
    adopt_orphans()
    Forks(listener).serve()
    os._exit(0)  # unloading the libraries would take as long as a fork


if __name__ == "__main__":
    main()
