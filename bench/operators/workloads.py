"""Operators of the benchmarks: ordinary user code, as anybody would write it."""

from suanzi.sdk import AnyValue, operator


@operator(
    name_en="No-op (bench)",
    name_zh="空操作（基准）",
    category="other",
    deterministic=False,
)
def bench_noop(*inputs: object) -> AnyValue:
    """Returns at once."""
    return 0


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@operator(
    name_en="Fibonacci (bench)",
    name_zh="斐波那契（基准）",
    category="other",
    deterministic=False,
)
def bench_fib(*inputs: object) -> AnyValue:
    """fib(10), recursively."""
    return fib(10)
