"""The systems that are compared, each with what a reader must know to judge its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKLOADS = ("light40", "noop1000", "chain1000", "credit8", "handoff", "trigger")
COUNTS: Mapping[str, int] = {
    "light40": 40,
    "noop1000": 1000,
    "chain1000": 1000,
    "credit8": 8,
    "handoff": 1_000_000,
    "trigger": 20,
}
"""Tasks of a workload; rows of handoff's table, calls of a sample of the trigger."""


@dataclass(frozen=True)
class System:
    name: str
    """Its folder."""
    title: str
    distribution: str | None
    """What `pip` calls it."""
    included: str
    """What is started before the first sample, and what each sample takes in."""
    keeps: str
    """What is left of a run on the disk when its end is told."""
    fewer: Mapping[str, int] = field(default_factory=dict)
    """Counts that are smaller than `COUNTS`, since a sample would take minutes."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Workloads it doesn't have, with the reason."""

    def workloads(self) -> list[str]:
        return [name for name in WORKLOADS if name not in self.absent]

    def counts(self, quick: bool) -> dict[str, int]:
        """How many tasks each workload has for this system."""
        counts = {**COUNTS, **self.fewer}
        if quick:
            counts |= {name: max(10, counts[name] // 10) for name in ("noop1000", "chain1000")}
            counts |= {"handoff": 200_000, "trigger": max(2, counts["trigger"] // 4)}
        return counts

    def requirements(self) -> Path:
        return HERE / self.name / "requirements.txt"


NO_REQUEST = "it has no server that takes requests: a run is a process, or a call in one"
SYSTEMS = (
    System(
        "plain",
        "a plain loop",
        None,
        "Nothing but Python: what the tasks themselves take.",
        "nothing",
        absent={"trigger": "a call is no request"},
    ),
    System(
        "luigi",
        "Luigi",
        "luigi",
        "`luigi.build` with the local scheduler in a warm process; one worker, for credit8 two.",
        "the value of each task, in a file of its own (not synced)",
        absent={"trigger": NO_REQUEST},
    ),
    System(
        "kedro",
        "Kedro",
        "kedro",
        "a runner's `run` in a warm process: the sequential one, for credit8 the one with threads.",
        "nothing",
        absent={"trigger": NO_REQUEST},
    ),
    System(
        "dask",
        "Dask distributed",
        "distributed",
        "`client.submit` on a warm `LocalCluster`, a process for each processor.",
        "nothing",
    ),
    System("ray", "Ray", "ray", "`remote` on a warm local Ray, a process for each processor.", "nothing"),
    System(
        "dagster",
        "Dagster",
        "dagster",
        "`execute_in_process` in a warm process, with the instance in memory that this has by default; with one in "
        "SQLite, as its own `dagster dev` has, an op takes many times as long.",
        "nothing",
        absent={
            "trigger": "its API server launches each run as a process of its own; not measured",
        },
    ),
    System(
        "prefect",
        "Prefect",
        "prefect",
        "a flow called in a warm process, its server on loopback; the trigger is a run of a served deployment.",
        "states of flow and tasks, in the server's SQLite",
        fewer={"noop1000": 200, "chain1000": 200, "trigger": 2},
    ),
    System(
        "metaflow",
        "Metaflow",
        "metaflow",
        "`Runner(...).run()` from a warm process: the flow's own process and one for each step begin anew, as Metaflow "
        "always does.",
        "artifacts of each step, in the local store (not synced)",
        fewer={"noop1000": 30, "chain1000": 30},
        absent={"trigger": NO_REQUEST},
    ),
    System(
        "airflow",
        "Airflow",
        "apache-airflow",
        "a request to the REST API of a warm `airflow standalone` (SQLite, LocalExecutor), to its word that the run "
        "ended, asked each half second.",
        "states and values of all tasks, in SQLite",
        fewer={"noop1000": 30, "chain1000": 30, "trigger": 2},
    ),
)


def named(name: str) -> System:
    return next(system for system in SYSTEMS if system.name == name)
