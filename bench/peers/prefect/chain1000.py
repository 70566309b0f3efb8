"""chain1000 on Prefect: a flow that calls one task after the other."""

from peers.same.sampling import measure, tasks
from peers.same.work import after
from prefect import flow, task

step = task(after)


@flow
def line() -> int:
    value = 0
    for _ in range(tasks("chain1000")):
        value = step(value)
    return value


measure(line)
