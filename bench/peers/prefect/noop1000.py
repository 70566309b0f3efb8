"""noop1000 on Prefect: tasks that are submitted at once, and one that takes their futures."""

from peers.same import work
from peers.same.sampling import measure, tasks
from prefect import flow, task

one, join = task(work.one), task(work.count)


@flow
def wide() -> int:
    return join([one.submit() for _ in range(tasks("noop1000"))])


measure(wide)
