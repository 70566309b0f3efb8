"""A worker's life: read a task, run it, write one result frame, again."""

from __future__ import annotations

from suanzi.worker.log import AttemptLog
from suanzi.worker.protocol import Channel, ProtocolError
from suanzi.worker.task import TaskRunner

EXIT_RETIRED = 0
EXIT_CHANNEL = 71
"""The control socket broke: the engine is gone, or an operator's code closed it."""


def work(channel: Channel, pid: int) -> int:
    """Until the engine retires this worker or closes the channel; returns the exit status. `pid` is the engine's number
    of this process."""
    runner = TaskRunner(channel, AttemptLog())
    try:
        channel.send({"t": "ready", "pid": pid})
        while True:
            frame = channel.receive()
            if frame is None or frame["t"] == "retire":
                return EXIT_RETIRED
            if frame["t"] != "task":
                raise ProtocolError(f"a worker can't do {frame['t']!r}")
            channel.send(runner.run(frame))
    except OSError:
        return EXIT_CHANNEL
