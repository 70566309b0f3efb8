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
from suanzi.worker.log import AttemptLog
from suanzi.worker.protocol import LENGTH_BYTES, Channel, Frame, ProtocolError, decode, encode
from suanzi.worker.task import TaskRunner

EXIT_USAGE = 64


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
    Path(task["out_dir"]).mkdir(parents=True, exist_ok=True)
    events.send(TaskRunner(cast(Channel, events), AttemptLog(), spread=spread).run(task))
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
