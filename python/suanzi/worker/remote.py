"""Runs one task on a platform that is not ours: `python -m suanzi.worker.remote TASK EVENTS` from a code package.

TASK is the file with the task as it was sent. What the task tells, and its result, is appended to the file EVENTS as
frames; its log is what the process prints. The exit status says only whether there is a result.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import cast

import suanzi
from suanzi.worker.failure import failure_of
from suanzi.worker.log import AttemptLog
from suanzi.worker.objects import Elsewhere, StoreError
from suanzi.worker.protocol import LENGTH_BYTES, Channel, Frame, ProtocolError, decode, encode
from suanzi.worker.task import TaskRunner

EXIT_USAGE = 64
NOTHING = {"wall_us": 0, "cpu_us": 0, "peak_rss_bytes": 0, "log_start": 0, "log_end": 0}


class EventFile:
    """Takes frames in place of the socket to an engine; its descriptor is a file's or a pipe's."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._sending = threading.Lock()

    def send(self, frame: Frame) -> None:
        data = memoryview(encode(frame))
        with self._sending:
            while data:
                data = data[os.write(self._fd, data) :]


def read_task(body: bytes) -> Frame:
    """The task as it was sent; its operators' directory lies beside the package `suanzi` that is running."""
    task = decode(body[LENGTH_BYTES:])
    if task["t"] != "task":
        raise ProtocolError(f"a worker can't do {task['t']!r}")
    if task["dir"] is not None:
        root = Path(suanzi.__file__).resolve().parent.parent
        task["dir"] = str(root / task["dir"])
    return task


def run(body: bytes, events: EventFile, *, spread: bool = False) -> int:
    """Runs a task as it was sent; returns the process's exit status. See `TaskRunner` for `spread`."""
    task = read_task(body)
    elsewhere = None
    if task.get("objects") is not None:
        try:
            elsewhere = Elsewhere(task)
        except StoreError as error:
            events.send({"t": "failed", "id": task["id"], "retire": None, "usage": NOTHING, **failure_of(error)})
            return 0
        elsewhere.take(task)
        spread = False  # what pieces leave for each other are files that all nodes see
    Path(task["out_dir"]).mkdir(parents=True, exist_ok=True)
    frame = TaskRunner(cast(Channel, events), AttemptLog(), spread=spread).run(task)
    events.send(frame if elsewhere is None else elsewhere.give(frame))
    return 0


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m suanzi.worker.remote TASK EVENTS", file=sys.stderr)
        return EXIT_USAGE
    fd = os.open(arguments[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return run(Path(arguments[0]).read_bytes(), EventFile(fd))


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # threads that an operator left behind don't hold the process
