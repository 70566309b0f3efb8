"""light40 without any system: a loop."""

from peers.same.sampling import measure, tasks
from peers.same.work import add_fib


def run() -> int:
    value = 0
    for _ in range(tasks("light40")):
        value = add_fib(value)
    return value


measure(run)
