"""handoff on Dagster: in the memory of this process, in which both ops run."""

from dagster import job, op
from peers.same import table
from peers.same.sampling import measure, tasks

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@op
def make():
    return table.make(tasks("handoff"))


@op
def read(data) -> float:
    return table.read(data)


@job(config=QUIET)
def pair():
    read(make())


def run() -> float:
    return pair.execute_in_process().output_for_node("read")


measure(run)
