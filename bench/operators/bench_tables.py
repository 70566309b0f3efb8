"""Operators of the benchmarks that make and read a large table."""

import threading

import numpy as np
import pyarrow as pa

from suanzi.sdk import AnyValue, ArrowTable, operator

ROWS, COLUMNS = 1_000_000, 25


def make(rows: int) -> pa.Table:
    """`rows` × 25 float64, from one seed."""
    values = np.random.default_rng(0)
    return pa.table({f"c{number}": values.random(rows) for number in range(COLUMNS)})


def read(table: pa.Table) -> float:
    """The sum of all its cells: every page is touched."""
    return float(sum(column.to_numpy().sum() for column in table.columns))


@operator(name_en="Make a table (bench)", name_zh="造表（基准）", category="other", deterministic=False)
def bench_make(*, rows: int = ROWS) -> ArrowTable:
    """A table of random numbers."""
    return make(rows)


@operator(
    name_en="Make a table, spoil the worker (bench)",
    name_zh="造表后弃用进程（基准）",
    category="other",
    deterministic=False,
)
def bench_make_and_spoil(*, rows: int = ROWS) -> ArrowTable:
    """The same, and a thread is left behind: the worker runs no other task, so that the table is read elsewhere."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return make(rows)


@operator(name_en="Read a table (bench)", name_zh="读表（基准）", category="other", deterministic=False)
def bench_read(data: ArrowTable) -> AnyValue:
    """The sum of all cells."""
    return read(data)
