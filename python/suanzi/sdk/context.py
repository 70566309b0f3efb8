"""What a running operator may ask and tell: its run, its seed, its files, its progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from suanzi.sdk.errors import OperatorError
from suanzi.sdk.jobs import FailedJob, Jobs, one_by_one

J = TypeVar("J")
R = TypeVar("R")

RANDOM_STATE_LIMIT = 2**32
"""scikit-learn takes random states below this."""


class Sink(Protocol):
    """Where a context's messages go; the worker's writes frames to the engine."""

    def progress(self, fraction: float, message: str) -> None: ...

    def metric(self, name: str, value: float, step: int | None) -> None: ...


class Mapper(Protocol):
    """Who does a context's jobs; the worker's does several at a time."""

    def map(self, context: Context, jobs: Jobs) -> list[Any]: ...


@dataclass
class Context:
    """One attempt of one operator. The default is what a unit test gets."""

    run_id: str = "local"
    operator_id: str = "local"
    seed: int = 0
    cpu_slots: int = 1
    """Threads the operator may use."""
    files: Mapping[str, str | os.PathLike[str]] = field(default_factory=dict)
    """Parameter name → file, for `dataset` and `path` parameters."""
    input_files: Mapping[str, str] = field(default_factory=dict)
    """Input name → the stored file it was read from, where there is one."""
    stem: str = ""
    """How the paths of this attempt's own files on the shared storage begin; empty outside a run."""
    sink: Sink | None = None
    mapper: Mapper | None = None
    """None: jobs are done here, one after the other."""

    def map(
        self,
        function: Callable[[J], R],
        jobs: Iterable[J],
        *,
        what: str = "jobs",
        keep_failures: bool = False,
        share: tuple[float, float] = (0.0, 1.0),
    ) -> list[R | FailedJob]:
        """`[function(job) for job in jobs]`, done by `resources.cpu` processes side by side; on Ray, by the cluster.

        Each process sees all that was there before (it is a fork of this one), and what it changes is lost: only
        results come back, so they must be picklable. A job that fails fails the operator; with `keep_failures` a
        `FailedJob` stands for its result instead, also where its process was killed. Progress goes from the first to
        the second of `share` in words such as "3 of 20 jobs", `what` being the last of them. A second call may depend
        on the results of the first; what comes before must be the same each time, since a cluster's processes do it
        again.
        """
        asked = Jobs(function, list(jobs), what, keep_failures, share)
        if not asked.given:
            return []
        return one_by_one(self, asked) if self.mapper is None else self.mapper.map(self, asked)

    def progress(self, fraction: float, message: str = "") -> None:
        """How far the work has come, 0.0 to 1.0, and a word on what is being done."""
        if self.sink is not None:
            self.sink.progress(min(1.0, max(0.0, float(fraction))), str(message))

    def metric(self, name: str, value: float, step: int | None = None) -> None:
        """A number worth watching while the operator runs, such as a loss by epoch."""
        if self.sink is not None:
            self.sink.metric(str(name), float(value), None if step is None else int(step))

    def note(self, text: str) -> None:
        """A line in the operator's log."""
        print(f"note: {text}", file=sys.stderr, flush=True)

    def file(self, param: str, default: str | os.PathLike[str] | None = None) -> Path:
        """The file that a `dataset` or `path` parameter names; `default` where no engine resolved it (unit tests)."""
        found = self.files.get(param, default)
        if found is None:
            raise OperatorError(
                f"no file is known for parameter '{param}'",
                hint=f"give it to the run, as in `--dataset {param}=PATH`, in a test: Context(files={{'{param}': …}})",
            )
        return Path(found)

    @property
    def random_state(self) -> int:
        """The run's seed in the range that numpy and scikit-learn take."""
        return self.seed % RANDOM_STATE_LIMIT


_current: ContextVar[Context | None] = ContextVar("suanzi_context", default=None)


def current() -> Context:
    """The context of the operator that is running, or a default one outside a run."""
    return _current.get() or Context()


@contextmanager
def running(context: Context) -> Iterator[Context]:
    """Makes `context` the current one for a block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
