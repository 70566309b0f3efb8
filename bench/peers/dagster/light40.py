"""light40 on Dagster: a job of ops in a line run in this process."""

from dagster import job, op
from peers.same.sampling import measure, tasks
from peers.same.work import add_fib

COUNT = tasks("light40")

QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@op
def start() -> int:
    return add_fib(0)


@op
def step(before: int) -> int:
    return add_fib(before)


@job(config=QUIET)
def line():
    value = start()
    for number in range(1, COUNT):
        value = step.alias(f"step{number}")(value)


def run() -> int:
    return line.execute_in_process().output_for_node(f"step{COUNT - 1}")


measure(run)
