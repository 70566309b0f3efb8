"""Work that an operator has done side by side, `current().map(function, jobs)`: what is asked, and one by one."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from suanzi.sdk.errors import OperatorError

if TYPE_CHECKING:
    from suanzi.sdk.context import Context

SEED_LIMIT = 2**32


@dataclass(frozen=True)
class FailedJob:
    """Stands for the result of a job that failed, where `keep_failures` was asked for."""

    kind: str
    """`exception`, `refused`, `out_of_memory`, `exited_without_result`, …: those of an operator that fails."""
    reason: str
    hint: str | None = None


@dataclass(frozen=True)
class Jobs:
    """What `Context.map` was asked for."""

    function: Callable[[Any], Any]
    given: Sequence[Any]
    what: str
    keep_failures: bool
    share: tuple[float, float]
    """Where the operator's progress stands before and after them."""

    def told(self, done: int) -> tuple[float, str]:
        """Progress and a word on it when so many are done."""
        before, after = self.share
        count = len(self.given)
        return before + (after - before) * done / count, f"{done:,} of {count:,} {self.what}"


class KeptMetrics:
    """Keeps the metrics that a part of an operator reports; progress is seen from the parts that are done."""

    def __init__(self) -> None:
        self.metrics: list[tuple[str, float, int | None]] = []

    def progress(self, fraction: float, message: str) -> None:
        """Of one part: nothing."""

    def metric(self, name: str, value: float, step: int | None) -> None:
        self.metrics.append((name, value, step))


def run_job(context: Context, jobs: Jobs, index: int) -> tuple[Any, list[tuple[str, float, int | None]]]:
    """The result of one job and the metrics it told. The global random states are its own, wherever it runs."""
    from suanzi.sdk.context import running

    sink = KeptMetrics()
    _seed(context.seed + index)
    with running(replace(context, cpu_slots=1, sink=sink, mapper=None)):
        return jobs.function(jobs.given[index]), sink.metrics


def one_by_one(context: Context, jobs: Jobs) -> list[Any]:
    """All of them in this process."""
    results: list[Any] = []
    with _random_states_kept():
        for index in range(len(jobs.given)):
            try:
                result, metrics = run_job(context, jobs, index)
            except Exception as error:
                if not jobs.keep_failures:
                    raise
                result, metrics = _failed(error), []
            for name, value, step in metrics:
                context.metric(name, value, step)
            results.append(result)
            context.progress(*jobs.told(len(results)))
    return results


def _failed(error: Exception) -> FailedJob:
    if isinstance(error, OperatorError):
        return FailedJob("refused", error.message, error.hint)
    return FailedJob("exception", f"{type(error).__name__}: {error}")


def _seed(seed: int) -> None:
    random.seed(seed)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(seed % SEED_LIMIT)


@contextmanager
def _random_states_kept() -> Iterator[None]:
    numpy = sys.modules.get("numpy")
    before = random.getstate(), None if numpy is None else numpy.random.get_state()
    try:
        yield
    finally:
        random.setstate(before[0])
        if numpy is not None and before[1] is not None:
            numpy.random.set_state(before[1])
