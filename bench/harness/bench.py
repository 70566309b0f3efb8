"""What a workload is given: the program, a server that is running, a directory, and how many samples are wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Protocol

from harness.figures import Figure, Row, row
from harness.program import Program, Server

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent

Sides = Mapping[str, Callable[[], float]]
"""What is measured in turns: each call is one sample, in the unit of its figures."""


class Workload(Protocol):
    """A file of `workloads/`. With `COLD` every sample is a process of its own, so that no round has to warm anything;
    with `SAMPLED_ONCE` one sample is made of many."""

    __name__: str
    FIGURES: list[Figure]

    def sides(self, bench: Bench) -> Sides: ...


@dataclass
class Bench:
    """One run of the benchmarks."""

    program: Program
    directory: Path
    quick: bool
    keep: ExitStack = field(default_factory=ExitStack)
    """Closed after the workload."""
    trace: dict[str, list[float]] = field(default_factory=dict)
    """Figures that come out beside the sampled ones, by side."""
    words: list[str] = field(default_factory=list)
    """What the workload says of how its time is spent, for the report."""
    _server: Server | None = None

    @property
    def runs(self) -> int:
        return 3 if self.quick else 5

    @property
    def operators(self) -> Path:
        return HERE / "operators"

    @property
    def dirs(self) -> list[str]:
        """Value of the option `operator_dirs`, as `--operators` gives it."""
        return [str(self.operators)]

    def server(self) -> Server:
        """A server with warm workers, the same for all workloads."""
        if self._server is None or self._server.process.poll() is not None:
            self._server = Server(self.program)
        return self._server

    def stop_server(self) -> None:
        """For workloads in which a command owns the home."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def also(self, side: str, value: float) -> None:
        """A sample of a side that isn't called itself."""
        self.trace.setdefault(side, []).append(value)

    def alone(self, name: str) -> Program:
        """The program with a home of its own, which no server owns."""
        home = self.directory / name
        return Program(self.program.binary, home, Path(self.program.env["SUANZI_PYTHON"]))

    def fresh(self, name: str) -> Path:
        """An empty directory."""
        path = self.directory / name
        path.mkdir(parents=True, exist_ok=True)
        return path


@dataclass
class Measured:
    """What came of a workload."""

    name: str
    rows: list[Row]
    seconds: float
    words: list[str]
    fault: str | None = None
    samples: dict[str, list[float]] = field(default_factory=dict)
    """What was taken, by side; none where something failed."""


def measure(workload: ModuleType, bench: Bench) -> Measured:
    """Samples each side in turns, so that a disturbance hits all; what fails leaves its figures missing."""
    name = workload.__name__.rpartition(".")[2]
    began = time.monotonic()
    bench.trace, bench.words = {}, []
    samples: dict[str, list[float]] = {}
    fault: str | None = None
    with ExitStack() as stack:
        bench.keep = stack
        try:
            sides: Sides = workload.sides(bench)
            once = getattr(workload, "SAMPLED_ONCE", False)
            if not once and not getattr(workload, "COLD", False):
                for take in sides.values():
                    take()
                bench.trace.clear()
            for _ in range(1 if once else bench.runs):
                for side, take in sides.items():
                    samples.setdefault(side, []).append(take())
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
    samples.update(bench.trace)
    if fault is not None:
        samples = {}
    rows = [row(name, figure, samples) for figure in workload.FIGURES]
    return Measured(name, rows, time.monotonic() - began, bench.words, fault, samples)
