"""noop1000 on Dagster: a job of ops and one that takes their outputs, run in this process."""

from dagster import job, op
from peers.same import work
from peers.same.sampling import measure, tasks

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@op
def one() -> int:
    return work.one()


@op
def join(ones: list[int]) -> int:
    return work.count(ones)


@job(config=QUIET)
def wide():
    join([one.alias(f"one{number}")() for number in range(tasks("noop1000"))])


def run() -> int:
    return wide.execute_in_process().output_for_node("join")


measure(run)
