"""handoff: the table of `bench/operators/bench_tables.py`, without the package suanzi."""

import numpy as np
import pyarrow as pa

COLUMNS = 25


def make(rows: int) -> pa.Table:
    """`rows` × 25 float64, from one seed."""
    values = np.random.default_rng(0)
    return pa.table({f"c{number}": values.random(rows) for number in range(COLUMNS)})


def read(table: pa.Table) -> float:
    """The sum of all its cells: every page is touched."""
    return float(sum(column.to_numpy().sum() for column in table.columns))
