"""Runs one task and says how it ended, as the frame that goes back."""

from __future__ import annotations

import json
import resource
import time
from typing import Any

from suanzi.worker.code import CodeLoader, LoadError
from suanzi.worker.failure import failure_of
from suanzi.worker.inputs import InputReader
from suanzi.worker.log import AttemptLog
from suanzi.worker.outputs import OutputWriter
from suanzi.worker.protocol import Channel, Frame
from suanzi.worker.threads import ThreadLimits


class ChannelSink:
    """Where an operator's progress and metrics go: frames of the running task."""

    def __init__(self, channel: Channel, task: int) -> None:
        self.channel = channel
        self.task = task

    def progress(self, fraction: float, message: str) -> None:
        self.channel.send({"t": "progress", "id": self.task, "fraction": fraction, "message": message[:1000]})

    def metric(self, name: str, value: float, step: int | None) -> None:
        self.channel.send({"t": "metric", "id": self.task, "name": name[:200], "value": value, "step": step})


class TaskRunner:
    """What a worker keeps between tasks: loaded code, opened tables, thread limits."""

    def __init__(self, channel: Channel, log: AttemptLog) -> None:
        self.channel = channel
        self.log = log
        self.code = CodeLoader()
        self.inputs = InputReader()
        self.threads = ThreadLimits()

    def run(self, task: Frame) -> Frame:
        """One `result` or `failed` frame, whatever the operator does short of ending the process."""
        log_start = self.log.position()
        wall = time.perf_counter_ns()
        before = _cpu_seconds()
        try:
            frame: Frame = {"t": "result", "id": task["id"], "outputs": self._execute(task)}
        except BaseException as error:
            frame = {"t": "failed", "id": task["id"], **failure_of(error)}
        frame["usage"] = {
            "wall_us": (time.perf_counter_ns() - wall) // 1000,
            "cpu_us": int((_cpu_seconds() - before) * 1e6),
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "log_start": log_start,
            "log_end": self.log.position(),
        }
        frame["retire"] = None
        self.log.restore()
        return frame

    def _execute(self, task: Frame) -> list[dict[str, Any]]:
        from suanzi.sdk.context import Context, running

        self.threads.set(task["cpu_slots"])
        with self.code.active(task["dir"]):
            operator = self.code.operator(task["dir"], task["module"], task["function"])
            inputs = self.inputs.read(task["inputs"])
            context = Context(
                run_id=task["run_id"],
                operator_id=task["operator_id"],
                seed=task["seed"],
                cpu_slots=task["cpu_slots"],
                files=dict(task["files"]),
                sink=ChannelSink(self.channel, task["id"]),
            )
            with running(context):
                values = operator.execute(inputs, json.loads(task["params"]), context)
            return OutputWriter(task, self.code).write(values)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


__all__ = ["LoadError", "TaskRunner"]
