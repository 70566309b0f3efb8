"""Runs one task and says how it ended, as the frame that goes back."""

from __future__ import annotations

import contextvars
import functools
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from suanzi.sdk.context import Context
from suanzi.worker.code import OWN_PACKAGE, CodeLoader
from suanzi.worker.failure import failure_of
from suanzi.worker.inputs import PICKLED, InputReader
from suanzi.worker.isolation import Baseline, end_leftovers
from suanzi.worker.jobs import LocalJobs
from suanzi.worker.log import AttemptLog
from suanzi.worker.memory import Memory
from suanzi.worker.objects import Objects
from suanzi.worker.outputs import OutputWriter
from suanzi.worker.pieces import LocalPieces, clear, planned
from suanzi.worker.protocol import Channel, Frame
from suanzi.worker.replay import Paused, Replay, run_job_stage
from suanzi.worker.seeds import GlobalSeeds
from suanzi.worker.staged import SpreadPieces, finish_stage, is_of_jobs, run_stage
from suanzi.worker.threads import ThreadLimits

IMPORTED_SKLEARN = "scikit-learn was imported"
"""Why a worker that was forked without it ends after such a task. `crates/executor-local/src/io.rs` knows these words:
the next task gets a worker that shares the library with others."""
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

    def __init__(self, channel: Channel, log: AttemptLog, *, spread: bool = False) -> None:
        """`spread`: what may be done side by side isn't done here; who sent the task is told what there is, and sends
        the pieces of its table, or its jobs, as tasks."""
        self.channel = channel
        self.spread = spread
        self.log = log
        self.code = CodeLoader()
        self.inputs = InputReader()
        self.threads = ThreadLimits()
        self.memory = Memory()
        self.seeds = GlobalSeeds()
        self.had_sklearn = "sklearn" in sys.modules
        self.baseline: Baseline | None = None
        """Taken before the first code that isn't ours."""
        self.parts: list[LocalPieces | LocalJobs | SpreadPieces] = []
        """What did the parts of the last task, if it had any."""
        self._suspect = True
        """Whether the running task's code isn't ours; of the last one, whether the random states may be anything."""

    def run(self, task: Frame) -> Frame:
        """One `result` or `failed` frame, whatever the operator does short of ending the process."""
        log_start = self.log.size()
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        sink = ChannelSink(self.channel, task["id"])
        self.seeds.reset(task["seed"], force=self._suspect)
        self._suspect = False
        self.parts = []
        frame: Frame
        try:
            if is_ours(task):
                outputs = contextvars.copy_context().run(self._execute, task, sink)
            else:
                self._suspects()
                with self.code.active(task["dir"], task["module"]):
                    outputs = contextvars.copy_context().run(self._execute, task, sink)
            frame = {"t": "result", "id": task["id"], "outputs": outputs}
        except BaseException as error:
            frame = {"t": "failed", "id": task["id"], **failure_of(error)}
        sink.task = None
        wall_us = (time.perf_counter_ns() - wall) // 1000
        cpu_us = (time.process_time_ns() - cpu) // 1000
        peak_bytes = self.memory.peak_bytes(wall_us)
        for part in self.parts:
            cpu_us += part.cpu_us
            peak_bytes = max(peak_bytes, part.peak_bytes)
        self.parts = []
        frame["retire"] = self._clean_up()
        frame["usage"] = {
            "wall_us": wall_us,
            "cpu_us": cpu_us,
            "peak_rss_bytes": peak_bytes,
            "log_start": log_start,
            "log_end": self.log.flushed_size(),
        }
        if self._suspect:
            self.log.restore()
        return frame

    def _execute(self, task: Frame, sink: ChannelSink) -> Any:
        self.threads.set(task["cpu_slots"])
        operator = self.code.operator(task["dir"], task["module"], task["function"])
        if runs_given_code(operator, task):
            self._suspects()
        objects = Objects.of(task)
        if objects is not None:
            objects.bring(task)
        inputs = self.inputs.read(task["inputs"])
        context = Context(
            run_id=task["run_id"],
            operator_id=task["operator_id"],
            seed=task["seed"],
            cpu_slots=task["cpu_slots"],
            files=dict(task["files"]),
            input_files={item["name"]: item["path"] for item in task["inputs"] if item.get("path") is not None},
            stem=os.path.join(task["out_dir"], task["out_prefix"]),
            sink=sink,
        )
        writer = OutputWriter(task, self.code, _first_columns(inputs))
        stage = task.get("stage")
        plan = None if stage is not None else planned(operator, inputs)
        if plan is not None and self.spread:
            operator.prepare(inputs, json.loads(task["params"]), context)
            return plan.to_json()
        if plan is None and (stage is None or is_of_jobs(stage)):
            return self._execute_whole(task, operator, inputs, context, functools.partial(_written, writer, objects))

        def call() -> Any:
            params = json.loads(task["params"])
            if stage is not None:
                return run_stage(stage, operator, inputs, params, context, self.parts)
            assert plan is not None
            pieces = LocalPieces(operator, task, context, plan, self.threads)
            self.parts.append(pieces)
            return pieces.run(inputs)

        try:
            with self.memory.limited(task["memory_bytes"]):
                values = self._call(call)
            if stage is not None and stage["t"] == "piece":
                return values
            return _written(writer, objects, values)
        finally:
            if plan is not None:
                clear(context.stem, plan, operator)
            elif stage is not None and stage["t"] == "gather":
                finish_stage(stage, operator, context)

    def _execute_whole(
        self, task: Frame, operator: Any, inputs: dict[str, Any], context: Context, write: Callable[[Any], Any]
    ) -> Any:
        """The outputs of an operator that is given its inputs whole, or what its stage is for (`replay.py`)."""
        stage, params = task.get("stage"), json.loads(task["params"])
        replay: Replay | None = None
        if stage is None and not self.spread:
            context.mapper = jobs = LocalJobs(task, self.threads)
            self.parts.append(jobs)
        else:
            context.mapper = replay = Replay(stage, context)
            if stage is not None and stage["t"] == "gather":
                self.parts.append(SpreadPieces(stage))
        is_job = stage is not None and stage["t"] == "piece"
        execute = functools.partial(run_job_stage, operator) if is_job else operator.execute
        plan: Frame | None = None
        try:
            with self.memory.limited(task["memory_bytes"]):
                values = self._call(lambda: execute(inputs, params, context))
            return values if is_job else write(values)
        except Paused as paused:
            plan = paused.plan
            return plan
        finally:
            if replay is not None:
                replay.speak(context)
                replay.clear(paused=plan is not None)

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            if self._suspect and self.baseline is not None:
                self.baseline.patches.restore_builtins()

    def _suspects(self) -> None:
        self._suspect = True
        if self.baseline is None:
            self.baseline = Baseline()

    def _clean_up(self) -> str | None:
        """Why this process must not run another task, or None."""
        reason = end_leftovers()
        if self._suspect and self.baseline is not None:
            reason = reason or self.baseline.restore()
        if not self.had_sklearn and "sklearn" in sys.modules:
            reason = reason or IMPORTED_SKLEARN
        return reason


def _written(writer: OutputWriter, objects: Objects | None, values: Any) -> list[dict[str, Any]]:
    """The outputs, and where the store of objects has them: nothing is told of before."""
    outputs = writer.write(values)
    if objects is not None:
        objects.store(outputs)
    return outputs


def is_ours(task: Frame) -> bool:
    """Whether the task's operator ships with this package."""
    return task["dir"] is None and task["module"].startswith(OWN_PACKAGE + ".")


def runs_given_code(operator: Any, task: Frame) -> bool:
    """Whether an operator of ours runs code that came from outside: a script in a parameter, classes in a pickle."""
    if any(item["type"] in PICKLED or item["type"] == "model_ref" for item in task["inputs"]):
        return True
    return any(getattr(param, "kind", None) == "code" for param in getattr(operator, "params", ()))


def _first_columns(inputs: dict[str, Any]) -> list[str] | None:
    return next((value.column_names for value in inputs.values() if isinstance(value, pa.Table)), None)
