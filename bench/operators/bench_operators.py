"""Operators of the benchmarks: ordinary user code, as anybody would write it."""

import time

from suanzi.sdk import AnyValue, operator


@operator(name_en="No-op (bench)", name_zh="空操作（基准）", category="other", deterministic=False)
def bench_noop(*inputs: object) -> AnyValue:
    """Returns at once."""
    return 0


def fib(n: int) -> int:
    """The nth Fibonacci number, recursively."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@operator(name_en="Fibonacci (bench)", name_zh="斐波那契（基准）", category="other", deterministic=False)
def bench_fib(*inputs: object) -> AnyValue:
    """fib(10)."""
    return fib(10)


@operator(name_en="Clock (bench)", name_zh="时钟（基准）", category="other", deterministic=False)
def bench_clock(*inputs: object) -> AnyValue:
    """The first line of Python reads the clock that all processes of the host share, in nanoseconds."""
    return time.monotonic_ns()
