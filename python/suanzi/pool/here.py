"""A pool on this host: tasks are forks of processes here, for work that runs elsewhere and is only led from here."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from suanzi.pool import forks
from suanzi.pool.servers import ForkServers, socket_of
from suanzi.pool.tasks import Demand, NoCodeError, Task
from suanzi.worker.process import EXIT_BROKEN


class HostPool:
    """All tasks and code packages of one engine on this host. The engine keeps to its slots, so nothing waits here."""

    def __init__(self, folder: Path, ended: Callable[[Task], None]) -> None:
        """`ended` is told of each task that has, from the thread that saw it."""
        self.folder = folder
        self.ended = ended
        self.servers = ForkServers(folder / "code")
        self.lock = threading.Lock()
        self.ending = False
        self.tasks: dict[str, Task] = {}

    def put_code(self, code: str, archive: bytes) -> None:
        """Returns once tasks can be started from it."""
        self.servers.add_code(code, archive)
        forks.connect(socket_of(self.servers.folder, code)).close()

    def put_task(self, name: str, code: str, body: bytes, demand: Demand) -> None:
        """Starts a task once; what it demands is the engine's to count. Raises NoCodeError."""
        with self.lock:
            if name in self.tasks:
                return
            if code not in self.servers.servers:
                raise NoCodeError
            task = Task(name, code, self.folder / name)
            task.folder.mkdir()
            for what in task.sizes:
                (task.folder / what).touch()
            self.tasks[name] = task
        threading.Thread(target=self._follow, args=[task, body], daemon=True).start()

    def _follow(self, task: Task, body: bytes) -> None:
        try:
            task.take({"node": "here"})
            for piece in forks.follow(socket_of(self.servers.folder, task.code), task.name, body):
                if self.ending:
                    return  # what it was ended by is the pool's end: no status, so it counts as lost
                task.take(piece)
        except Exception as error:
            ours = task.stopping or self.ending
            task.take({} if ours else {"log": f"{error}\n".encode(), "status": EXIT_BROKEN})
        finally:
            task.end()
            self.ended(task)

    def stop(self, task: Task, grace_seconds: float) -> None:
        """TERM, and KILL after the grace."""
        with task.changed:
            if task.stopping or task.ended:
                return
            task.stopping = True
        self._signal(task, signal.SIGTERM)
        timer = threading.Timer(grace_seconds, self._signal, [task, signal.SIGKILL])
        timer.daemon = True
        timer.start()

    def _signal(self, task: Task, number: int) -> None:
        with task.changed:
            if task.ended:
                return
        self.servers.signal(task.code, task.name, number)

    def forget(self, name: str) -> None:
        """Ends it at once if it has not ended."""
        with self.lock:
            task = self.tasks.pop(name, None)
        if task is None:
            return
        with task.changed:
            task.stopping = True
        self._signal(task, signal.SIGKILL)
        shutil.rmtree(task.folder, ignore_errors=True)

    def end(self) -> None:
        """Ends all tasks, and leaves nothing."""
        self.ending = True
        self.servers.end()
