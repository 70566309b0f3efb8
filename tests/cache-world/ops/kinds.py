"""Operators whose results are easily told apart, without heavy libraries."""

import random
from typing import Literal

import pyarrow as pa
from scaling import times
from tools.weighing import weighed

from suanzi.sdk import ArrowTable, Metrics, Model, operator


@operator
def keep(data: ArrowTable, *, column: str = "a", least: float = 0.0) -> ArrowTable:
    return data.filter(pa.array(value >= least for value in data[column].to_pylist()))


@operator
def scale(data: ArrowTable, *, column: str = "b", factor: float = 2.0) -> ArrowTable:
    values = [times(value, factor) for value in data[column].to_pylist()]
    return data.set_column(data.column_names.index(column), column, pa.array(values, pa.float64()))


@operator
def total(
    data: ArrowTable,
    *,
    column: str = "b",
    text: str = "",
    flag: bool = False,
    names: list[str] | None = None,
    weights: dict[str, float] | None = None,
    rounding: Literal["none", "down"] = "none",
    extra: int | None = None,
) -> Metrics:
    sums = weighed(data.to_pydict(), weights or {column: 1.0})
    if rounding == "down":
        sums = {name: value // 1 for name, value in sums.items()}
    return {"sums": sums, "text": text, "flag": flag, "names": names or [], "extra": extra}


@operator(random=True)
def shuffle(data: ArrowTable, *, random_state: int | None = None) -> ArrowTable:
    order = list(range(len(data)))
    random.Random(random_state).shuffle(order)
    return data.take(order)


@operator
def first(data: ArrowTable, *, column: str = "b", rows: int = 5) -> Metrics:
    return {"first": data[column].to_pylist()[:rows]}


class Mean:
    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, values: list[float]) -> list[bool]:
        return [value > self.value for value in values]


@operator
def fit(data: ArrowTable, *, column: str = "b") -> Model:
    values = data[column].to_pylist()
    return Mean(sum(values) / len(values))


@operator
def use(model: Model, data: ArrowTable, *, column: str = "b") -> ArrowTable:
    return data.append_column("above", pa.array(model.predict(data[column].to_pylist())))
