"""light40 on Prefect: a flow that calls one task after the other."""

from peers.same.sampling import measure, tasks
from peers.same.work import add_fib
from prefect import flow, task

step = task(add_fib)


@flow
def line() -> int:
    value = 0
    for _ in range(tasks("light40")):
        value = step(value)
    return value


measure(line)
