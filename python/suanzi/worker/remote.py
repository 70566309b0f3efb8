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
    """Takes frames in place of the socket to an engine."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._sending = threading.Lock()

    def send(self, frame: Frame) -> None:
        data = memoryview(encode(frame))
        with self._sending:
            while data:
                data = data[os.write(self._fd, data) :]


def read_task(path: str) -> Frame:
    """The task in a file; its operators' directory lies beside the package `suanzi` that is running."""
    task = decode(Path(path).read_bytes()[LENGTH_BYTES:])
    if task["t"] != "task":
        raise ProtocolError(f"a worker can't do {task['t']!r}")
    if task["dir"] is not None:
        root = Path(suanzi.__file__).resolve().parent.parent
        task["dir"] = str(root / task["dir"])
    return task


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m suanzi.worker.remote TASK EVENTS", file=sys.stderr)
        return EXIT_USAGE
    events = EventFile(arguments[1])
    Path(read_task(arguments[0])["out_dir"]).mkdir(parents=True, exist_ok=True)
    frame = TaskRunner(cast(Channel, events), AttemptLog()).run(read_task(arguments[0]))
    events.send(frame)
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # threads that an operator left behind don't hold the process
