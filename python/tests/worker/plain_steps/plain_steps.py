"""Operators whose file only defines things, so that a worker may keep it; some leave a mess in it."""

import os

import plain_helper

from suanzi.sdk import AnyValue, operator

calls = 0


class Counter:
    seen = 0

    def step(self) -> int:
        return 1


def one() -> int:
    return 1


@operator
def identity() -> AnyValue:
    """Which module object this is: another after another import."""
    return [os.getpid(), id(identity), id(plain_helper)]


@operator
def values() -> AnyValue:
    return {
        "calls": calls,
        "seen": Counter.seen,
        "step": Counter().step(),
        "one": one(),
        "memo": getattr(one, "memo", None),
        "on_operator": getattr(values, "memo", None),
        "helper": plain_helper.total,
        "added": "added" in globals(),
    }


@operator
def mess(*, how: str = "") -> AnyValue:
    global calls
    match how:
        case "global":
            calls += 1
        case "put back":
            calls = 5
            calls = 0
        case "added":
            globals()["added"] = 1
        case "removed":
            del globals()["one"]
        case "class":
            Counter.seen = 1
        case "method":
            Counter.step = lambda self: 2
        case "function":
            one.memo = 1
        case "code":
            one.__code__ = (lambda: 2).__code__
        case "operator":
            values.memo = 1
        case "helper":
            plain_helper.add()
        case "fails":
            raise ValueError("as asked")


@operator
def late() -> AnyValue:
    import late_helper

    late_helper.seen.append(1)
    return len(late_helper.seen)
