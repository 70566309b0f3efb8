"""Operators that have jobs done side by side."""

import os
import random
import time
from typing import Any

import numpy as np

from suanzi.sdk import AnyValue, FailedJob, current, operator


def _failing(how: str) -> None:
    if how == "raise":
        raise ValueError("no good")
    if how == "exit":
        os._exit(3)
    if how == "kill":
        os.kill(os.getpid(), 9)
    if how == "memory":
        bytearray(1 << 40)


@operator
def rounds(*, count: int = 7) -> AnyValue:
    """Two rounds, the second of the first one's results; what each job drew at random, and where it was done."""
    print("before")
    current().progress(0.1, "before")
    big = np.arange(1000)

    def square(n: int) -> dict[str, Any]:
        print("job", n)
        current().metric("square", n * n)
        return {"square": int(big[n] ** 2), "drawn": [random.random(), float(np.random.random())], "pid": os.getpid()}

    first = current().map(square, range(count), what="squares", share=(0.0, 0.5))
    print("between")
    kept = sorted(one["square"] for one in first)[-3:]
    second = current().map(lambda n: n + len(first), kept, what="sums", share=(0.5, 1.0))
    print("after")
    return {
        "second": second,
        "first": [one["square"] for one in first],
        "drawn": [one["drawn"] for one in first],
        "pids": len({one["pid"] for one in first}),
        "random": [random.random(), float(np.random.random())],
    }


@operator
def some_fail(*, how: str, keep: bool, at: int = 2) -> AnyValue:
    def job(n: int) -> Any:
        if n == at:
            _failing(how)
        return (lambda: n) if how == "unpicklable" and n == at else n

    found = current().map(job, range(5), what="tries", keep_failures=keep)
    return [[one.kind, one.reason, one.hint] if isinstance(one, FailedJob) else one for one in found]


@operator
def wait_together(*, where: str, count: int) -> AnyValue:
    """Ends once so many jobs run at a time."""

    def job(n: int) -> int:
        with open(f"{where}/{n}", "w") as file:
            file.write(str(os.getpid()))
        until = time.monotonic() + 60
        while len(os.listdir(where)) < count and time.monotonic() < until:
            time.sleep(0.01)
        return len(os.listdir(where))

    return current().map(job, range(count))


@operator
def stay(*, where: str) -> AnyValue:
    def job(n: int) -> None:
        with open(f"{where}/{n}", "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)

    return current().map(job, range(4))


@operator
def unsteady() -> AnyValue:
    """Asks for other jobs each time."""
    return current().map(lambda n: n, range(2 + os.getpid() % 50_000))
