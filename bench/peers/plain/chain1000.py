"""chain1000 without any system: a loop."""

from peers.same.sampling import measure, tasks
from peers.same.work import after


def run() -> int:
    value = 0
    for _ in range(tasks("chain1000")):
        value = after(value)
    return value


measure(run)
