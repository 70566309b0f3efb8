"""Runs one task and says how it ended, as the frame that goes back."""

from __future__ import annotations

import contextvars
import json
import resource
import time
from typing import Any

import pyarrow as pa

from suanzi.worker.code import OWN_PACKAGE, CodeLoader
from suanzi.worker.failure import failure_of
from suanzi.worker.inputs import PICKLED, InputReader
from suanzi.worker.isolation import Baseline
from suanzi.worker.log import AttemptLog
from suanzi.worker.memory import Memory
from suanzi.worker.outputs import OutputWriter
from suanzi.worker.protocol import Channel, Frame
from suanzi.worker.seeds import GlobalSeeds
from suanzi.worker.threads import ThreadLimits

MAX_MESSAGE_CHARS = 1_000
MAX_NAME_CHARS = 200


class ChannelSink:
    """Where an operator's progress and metrics go: frames of the running task."""

    def __init__(self, channel: Channel, task: int) -> None:
        self.channel = channel
        self.task: int | None = task

    def progress(self, fraction: float, message: str) -> None:
        self._send({"t": "progress", "fraction": fraction, "message": message[:MAX_MESSAGE_CHARS]})

    def metric(self, name: str, value: float, step: int | None) -> None:
        self._send({"t": "metric", "name": name[:MAX_NAME_CHARS], "value": value, "step": step})

    def _send(self, frame: Frame) -> None:
        if self.task is not None:  # a thread left behind may still report
            self.channel.send({**frame, "id": self.task})


class TaskRunner:
    """What a worker keeps between tasks: our own operators, opened tables, thread limits, the state to go back to."""

    def __init__(self, channel: Channel, log: AttemptLog) -> None:
        self.channel = channel
        self.log = log
        self.code = CodeLoader()
        self.inputs = InputReader()
        self.threads = ThreadLimits()
        self.memory = Memory()
        self.seeds = GlobalSeeds()
        self.baseline = Baseline()
        self._suspect = True
        """Whether user code ran since the random states were set."""

    def run(self, task: Frame) -> Frame:
        """One `result` or `failed` frame, whatever the operator does short of ending the process."""
        log_start = self.log.position()
        self.memory.begin()
        wall, cpu = time.perf_counter_ns(), _cpu_seconds()
        sink = ChannelSink(self.channel, task["id"])
        self.seeds.reset(task["seed"], force=self._suspect)
        self._suspect = task["dir"] is not None or not task["module"].startswith(OWN_PACKAGE + ".")
        try:
            with self.code.active(task["dir"], task["module"]), self.memory.limited(task["memory_bytes"]):
                outputs = contextvars.copy_context().run(self._execute, task, sink)
            frame: Frame = {"t": "result", "id": task["id"], "outputs": outputs}
        except BaseException as error:
            frame = {"t": "failed", "id": task["id"], **failure_of(error)}
        sink.task = None
        frame["usage"] = {
            "wall_us": (time.perf_counter_ns() - wall) // 1000,
            "cpu_us": int((_cpu_seconds() - cpu) * 1e6),
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "log_start": log_start,
        }
        frame["retire"] = self.baseline.restore() if self._suspect else self.baseline.restore_quick()
        frame["usage"]["log_end"] = self.log.position()
        self.log.restore()
        return frame

    def _execute(self, task: Frame, sink: ChannelSink) -> list[dict[str, Any]]:
        from suanzi.sdk.context import Context

        self.threads.set(task["cpu_slots"])
        operator = self.code.operator(task["dir"], task["module"], task["function"])
        self._suspect = self._suspect or runs_given_code(operator, task)
        inputs = self.inputs.read(task["inputs"])
        context = Context(
            run_id=task["run_id"],
            operator_id=task["operator_id"],
            seed=task["seed"],
            cpu_slots=task["cpu_slots"],
            files=dict(task["files"]),
            sink=sink,
        )
        try:
            values = operator.execute(inputs, json.loads(task["params"]), context)
        finally:
            self.baseline.patches.restore_builtins()
        return OutputWriter(task, self.code, _first_columns(inputs)).write(values)


def runs_given_code(operator: Any, task: Frame) -> bool:
    """Whether an operator of ours runs code that came from outside: a script in a parameter, classes in a pickle."""
    if any(item["type"] in PICKLED for item in task["inputs"]):
        return True
    return any(getattr(param, "kind", None) == "code" for param in getattr(operator, "params", ()))


def _first_columns(inputs: dict[str, Any]) -> list[str] | None:
    return next((value.column_names for value in inputs.values() if isinstance(value, pa.Table)), None)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
