"""A warm `multiprocessing.Pool`: schedules nothing, logs nothing, keeps nothing."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.pool import Pool
from typing import Any


def noop(*_inputs: Any) -> int:
    return 0


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def warm() -> Pool:
    """As many processes as the program has workers: twice the number of processors."""
    pool = multiprocessing.get_context("fork").Pool(2 * (os.cpu_count() or 1))
    pool.map(noop, range(64))
    return pool


def in_turn(pool: Pool, function: Callable[..., Any], count: int, *args: Any) -> float:
    """Seconds of `count` calls, each after the end of the one before."""
    began = time.perf_counter()
    for _ in range(count):
        pool.apply(function, args)
    return time.perf_counter() - began


def at_once(pool: Pool, function: Callable[..., Any], count: int, *args: Any) -> float:
    """Seconds of `count` calls that are all given to the pool before the first answer is waited for."""
    began = time.perf_counter()
    for answer in [pool.apply_async(function, args) for _ in range(count)]:
        answer.get()
    return time.perf_counter() - began
