"""What the tasks of light40, noop1000 and chain1000 do.

A task returns a value in which each task before it left a trace, so that the last value tells whether all ran.
"""


def fib(n: int) -> int:
    """The nth Fibonacci number, recursively."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def add_fib(before: int) -> int:
    """light40: fib(10), on top of what the tasks before gave."""
    return before + fib(10)


def one() -> int:
    """noop1000: nothing."""
    return 1


def count(ones: list[int]) -> int:
    """noop1000: the join."""
    return sum(ones)


def after(before: int) -> int:
    """chain1000: nothing, and how many did it before."""
    return before + 1
