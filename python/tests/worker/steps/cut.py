"""Operators that are given their table in pieces."""

import os
import time
from typing import Any, NamedTuple

import pandas as pd

from suanzi.sdk import (
    AnyValue,
    ArrowTable,
    Metrics,
    Model,
    OperatorError,
    Partition,
    Table,
    current,
    operator,
)

ROWS = 1000  # the tests write others


@operator(partition=Partition(rows=ROWS))
def same(data: Table) -> Table:
    return data


@operator(partition=Partition(rows=ROWS))
def same_arrow(data: ArrowTable) -> ArrowTable:
    return data


class Two(NamedTuple):
    kept: Table
    types: Table


@operator(partition=Partition(rows=ROWS))
def computed(data: Table, other: Table, *, least: int = 0) -> Two:
    """Rows that are left out, a column of another type, and what the function saw."""
    kept = data[data["n"].fillna(0) >= least].reset_index(drop=True)
    kept["ratio"] = kept["gaps"] / 3 + len(other)
    kept["text"] = kept["名"].str.upper()
    types = pd.DataFrame({"type": [str(data[name].dtype) for name in data.columns]})
    return Two(kept, types.drop_duplicates())


def _total(parts: list[dict[str, Any]], *, digits: int) -> dict[str, Any]:
    rows = sum(part["rows"] for part in parts)
    return {"rows": rows, "mean": round(sum(part["sum"] for part in parts) / max(rows, 1), digits)}


@operator(partition=Partition(combine=_total, rows=ROWS))
def mean(data: Table, *, digits: int = 6) -> Metrics:
    return {"rows": len(data), "sum": int(data["n"].sum())}


def _longest(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts).groupby("名", as_index=False, dropna=False)["n"].sum()


@operator(partition=Partition(combine=_longest, rows=ROWS))
def by_name(data: Table) -> Table:
    return data.groupby("名", as_index=False, dropna=False)["n"].sum()


@operator(partition=Partition(rows=ROWS))
def poisoned(data: Table, *, how: str, at: int) -> Table:
    if at in data["n"].values:
        print("the bad piece")
        if how == "raise":
            raise ValueError("no good")
        if how == "refuse":
            raise OperatorError("column 'n' is no good", "take another")
        if how == "exit":
            os._exit(3)
        if how == "kill":
            os.kill(os.getpid(), 9)
        if how == "columns":
            return data.assign(more=1)
        if how == "types":
            return data.assign(n="text")
        if how == "memory":
            bytearray(1 << 40)
    return data


@operator(partition=Partition(rows=ROWS))
def stay(data: Table, *, where: str) -> Table:
    with open(f"{where}/{data['n'].iloc[0]}", "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
    return data


@operator(partition=Partition(rows=ROWS))
def told(data: Table) -> Table:
    print("rows from", data["n"].iloc[0])
    current().metric("first", float(data["n"].iloc[0]))
    current().progress(0.123, "within a piece")
    return data


class Unpicklable:
    def __reduce__(self):
        raise TypeError("not this one")


@operator(partition=Partition(combine=lambda parts: parts[0], rows=ROWS))
def unpicklable(data: Table) -> AnyValue:
    return Unpicklable()


@operator(partition="map")
def scored(model: Model, data: Table) -> Table:
    return data
