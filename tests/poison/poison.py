"""Operators that do what an operator must not do, and one that does its work."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from suanzi.sdk import AnyValue, Metrics, Model, OperatorError, Table, operator


@operator
def good(*inputs: AnyValue, number: int) -> Metrics:
    return {"number": number}


@operator
def after(*inputs: AnyValue) -> Metrics:
    return {"number": 0}


@operator
def speak(*, word: str) -> AnyValue:
    os.write(1, word.encode())
    sys.stderr.write(word)
    return None


@operator
def speak_at_length(*, count: int) -> Metrics:
    os.write(1, b"x" * count)
    return {"count": count}


@operator
def segfault() -> Metrics:
    ctypes.string_at(0)
    return {}


@operator
def abort() -> Metrics:
    os.abort()


@operator
def exit_at_once() -> Metrics:
    os._exit(0)


@operator
def exit_with_three() -> Metrics:
    os._exit(3)


@operator
def leave() -> Metrics:
    sys.exit("enough")


@operator
def leave_successfully() -> Metrics:
    sys.exit(0)


@operator
def kill_itself() -> Metrics:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    return {}


@operator
def terminate_itself() -> Metrics:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
    return {}


@operator
def close_standard_files() -> Metrics:
    for fd in (0, 1, 2):
        os.close(fd)
    return {"closed": 3}


@operator
def close_everything() -> Metrics:
    os.closerange(3, 4096)
    return {}


@operator
def raise_an_error() -> Metrics:
    raise ValueError("no such luck")


@operator
def refuse() -> Metrics:
    raise OperatorError("the table has no rows", "choose another table")


class Awkward(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even a message")


@operator
def raise_an_awkward_error() -> Metrics:
    raise Awkward


@operator
def interrupt() -> Metrics:
    raise KeyboardInterrupt


@operator
def recurse() -> Metrics:
    def down(depth: int) -> int:
        return down(depth + 1) + 1

    return {"depth": down(0)}


@operator
def overflow_the_stack() -> Metrics:
    sys.setrecursionlimit(10**9)
    nest: list = []
    for _ in range(2_000_000):
        nest = [nest]
    return {"length": len(repr(nest))}


@operator
def give_a_number_for_a_table() -> Table:
    return 7


@operator
def give_nothing_for_a_table() -> Table:
    return None


@operator
def give_a_table_for_metrics() -> Metrics:
    import pandas as pd

    return pd.DataFrame({"a": [1]})


@operator
def give_a_set_for_metrics() -> Metrics:
    return {"a", "b"}


class Sticky:
    def predict(self, values):
        return values

    def __reduce__(self):
        raise TypeError("it sticks")


@operator
def give_what_cannot_be_pickled() -> Model:
    return Sticky()


def _burst(*_):
    raise RuntimeError("it bursts when it is opened")


class Bomb:
    def predict(self, values):
        return values

    def __reduce__(self):
        return _burst, (1,)


@operator
def give_a_bomb() -> Model:
    return Bomb()


@operator
def open_it(model: Model) -> Metrics:
    return {"opened": 1}


@operator
def leave_children() -> Metrics:
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    return {"children": 4}


@operator
def child_returns_too() -> Metrics:
    """The forked child comes back out of the function as if it were the worker."""
    return {"pid_is_mine": int(os.fork() != 0)}


@operator
def leave_a_thread() -> Metrics:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    return {"threads": 1}


@operator
def pollute() -> Metrics:
    os.chdir("/")
    os.environ["PATH"] = ""
    os.umask(0o777)
    sys.path.clear()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout = None
    return {"polluted": 1}


@operator
def never_end() -> Metrics:
    while True:
        pass
