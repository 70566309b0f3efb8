"""An operator's jobs (`Context.map`) where a pool sends each as a task of its own, to any node.

A process on another node isn't a fork of the one that asked, so each stage runs the operator's function anew: earlier
calls of `map` are answered with the results they had, and at the next one the function is left. The first stage leaves
it with a plan, that of a job with the job's outcome, and the last of a round goes on with the results, to the
operator's outputs or the next round's plan. What is told before that point was told by an earlier stage.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
from dataclasses import asdict
from typing import Any

from suanzi.sdk.context import Context, Sink
from suanzi.sdk.errors import OperatorError
from suanzi.sdk.jobs import Jobs, run_job
from suanzi.worker.jobs import kept
from suanzi.worker.piece import jobs_summary
from suanzi.worker.pieces import Outcome, pickled
from suanzi.worker.protocol import Frame


class Paused(BaseException):
    """The function is left at a call of `map` whose jobs are to be done elsewhere."""

    def __init__(self, plan: Frame) -> None:
        super().__init__(plan["what"])
        self.plan = plan


class Left(BaseException):
    """The function is left, since what this stage is for is done."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Nowhere(io.StringIO):
    """Forgets what is written to it."""

    def write(self, text: str) -> int:
        return len(text)


class Replay:
    """Answers `map` in one stage of a task; without a stage, the first."""

    def __init__(self, stage: Frame | None, context: Context) -> None:
        self.stage = stage
        self.round = 0
        """Of the next call."""
        self.earlier: list[str] = [] if stage is None else list(stage["plan"]["earlier"])
        """Files with the results of the rounds before."""
        self.results: list[Any] | None = None
        """Those of the round that this stage gathers."""
        self._quiet = contextlib.ExitStack()
        self._sink: Sink | None = context.sink
        if stage is not None:
            context.sink = None
            self._quiet.enter_context(contextlib.redirect_stdout(Nowhere()))
            self._quiet.enter_context(contextlib.redirect_stderr(Nowhere()))

    def map(self, context: Context, jobs: Jobs) -> list[Any]:
        """The results of a round that is over. Raises Paused and Left."""
        number, self.round = self.round, self.round + 1
        if number < len(self.earlier):
            with open(self.earlier[number], "rb") as file:
                return self._known(jobs, pickle.load(file))
        if self.stage is None or self.results is not None:
            raise Paused(self._plan(context, jobs))
        self.speak(context)
        if self.stage["t"] == "piece":
            raise Left(self._run(context, jobs, self.stage["index"]))
        self.results = self._known(jobs, self._gather(context))
        return self.results

    def speak(self, context: Context) -> None:
        """From here on nothing was told before."""
        context.sink = self._sink
        self._quiet.close()

    def clear(self, *, paused: bool) -> None:
        """Removes what the stage has read and nobody will again."""
        if self.stage is None or self.stage["t"] == "piece":
            return
        files = [outcome["result"] for outcome in self.stage["outcomes"] if outcome["result"] is not None]
        for path in files if paused else [*files, *self.earlier]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _plan(self, context: Context, jobs: Jobs) -> Frame:
        earlier = self.earlier
        if self.results is not None:
            path = f"{context.stem}round-{len(earlier)}.pkl"
            with open(path, "wb") as file:
                pickle.dump(self.results, file, protocol=5)
            earlier = [*earlier, path]
        return {
            "jobs": len(jobs.given),
            "what": jobs.what,
            "keep_failures": jobs.keep_failures,
            "share": list(jobs.share),
            "earlier": earlier,
        }

    def _known(self, jobs: Jobs, results: list[Any]) -> list[Any]:
        if len(results) != len(jobs.given):
            raise OperatorError(
                f"it asked for {len(results):,} {jobs.what} first and for {len(jobs.given):,} when it was run again",
                "on a cluster the function is run again for each job: let its jobs depend on inputs, parameters and "
                "the seed alone",
            )
        return results

    def _run(self, context: Context, jobs: Jobs, index: int) -> Outcome:
        assert self.stage is not None
        self._known(jobs, [None] * self.stage["plan"]["jobs"])
        result, metrics = run_job(context, jobs, index)
        data = pickled("what a job returned", result)
        path = f"{context.stem}job-{self.round - 1}-{index}.pkl"
        with open(path, "wb") as file:
            file.write(data)
        return Outcome(result=path, metrics=metrics)

    def _gather(self, context: Context) -> list[Any]:
        assert self.stage is not None
        plan, outcomes = self.stage["plan"], [Outcome(**outcome) for outcome in self.stage["outcomes"]]
        context.note(jobs_summary(plan["jobs"], plan["what"], self.stage["workers"], self.stage["peak_bytes"]))
        results = []
        for outcome in outcomes:
            for name, value, step in outcome.metrics or []:
                context.metric(name, value, step)
            if outcome.failed is not None:
                results.append(kept(outcome.failed))
                continue
            assert outcome.result is not None
            with open(outcome.result, "rb") as file:
                results.append(pickle.load(file))
        return results


def run_job_stage(operator: Any, inputs: dict[str, Any], params: dict[str, Any], context: Context) -> Frame:
    """The outcome of the stage's job as a frame can hold it."""
    try:
        operator.execute(inputs, params, context)
    except Left as left:
        return asdict(left.outcome)
    raise OperatorError(
        "it asked for jobs first and for none when it was run again",
        "on a cluster the function is run again for each job: let its jobs depend on inputs, parameters and the seed "
        "alone",
    )
