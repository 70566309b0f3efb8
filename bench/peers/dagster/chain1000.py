"""chain1000 on Dagster: a job of ops in a line run in this process."""

import sys

from dagster import job, op
from peers.same.sampling import measure, tasks
from peers.same.work import after

COUNT = tasks("chain1000")
sys.setrecursionlimit(10_000)  # with some hash seeds Dagster's sort of a line goes deeper than Python's own limit

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@op
def start() -> int:
    return after(0)


@op
def step(before: int) -> int:
    return after(before)


@job(config=QUIET)
def line():
    value = start()
    for number in range(1, COUNT):
        value = step.alias(f"step{number}")(value)


def run() -> int:
    return line.execute_in_process().output_for_node(f"step{COUNT - 1}")


measure(run)
