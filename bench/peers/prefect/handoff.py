"""handoff on Prefect: in the memory of the flow's process; nothing is persisted, as is its default."""

from peers.same import table
from peers.same.sampling import measure, tasks
from prefect import flow, task

make, read = task(table.make), task(table.read)


@flow
def pair() -> float:
    return read(make(tasks("handoff")))


measure(pair)
