"""Which values are right. A sample with another value is no figure."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

RELATIVE = 1e-9
"""Sums may be taken in another order."""


def fault(workload: str, tasks: int, value: Any) -> str | None:
    """What is wrong with a workload's value, in words; none if it is right."""
    right = expected(workload, tasks)
    if same(right, value):
        return None
    return f"the value is {_short(value)}, and {_short(right)} is right"


@cache
def expected(workload: str, tasks: int) -> Any:
    """What a plain loop gives; `tasks` are rows for handoff, calls for the trigger."""
    from peers.same import credit, table, work

    match workload:
        case "light40":
            return tasks * work.fib(10)
        case "noop1000" | "chain1000" | "trigger":
            return tasks
        case "handoff":
            return table.read(table.make(tasks))
        case "credit8":
            train, test = credit.split(credit.load(credit.path()))
            models = {"regression": credit.regression(train), "gbdt": credit.gbdt(train)}
            return {name: credit.evaluate(credit.predict(test, model)) for name, model in models.items()}
    raise ValueError(f"no workload {workload}")


def same(right: Any, value: Any) -> bool:
    if isinstance(right, dict):
        return isinstance(value, dict) and right.keys() == value.keys() and all(same(right[k], value[k]) for k in right)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == right if isinstance(right, int) else math.isclose(right, value, rel_tol=RELATIVE)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
