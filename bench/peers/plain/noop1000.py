"""noop1000 without any system: a loop."""

from peers.same.sampling import measure, tasks
from peers.same.work import count, one


def run() -> int:
    return count([one() for _ in range(tasks("noop1000"))])


measure(run)
