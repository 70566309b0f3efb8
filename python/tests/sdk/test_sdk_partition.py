"""What may be declared of pieces, and what such an operator is as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from suanzi.sdk import Context, Metrics, OperatorDeclarationError, Partition, Report, Table, check_operator, operator


def total(parts: list[dict[str, int]], *, factor: int) -> dict[str, int]:
    return {"rows": sum(part["rows"] for part in parts) * factor}


@operator(name_zh="计数", partition=Partition(combine=total, rows=10))
def count(data: Table, *, factor: int = 1) -> Metrics:
    """Counts rows."""
    return {"rows": len(data)}


@operator(partition="map")
def kept(extra: Report, data: Table, other: Table) -> Table:
    return data


def test_the_manifest_says_it() -> None:
    assert count.spec()["partition"] == {"how": "combine", "input": "data", "rows": 10}
    assert kept.spec()["partition"] == {"how": "map", "input": "data"}
    assert "partition" not in operator(total_of).spec()


def total_of(data: Table) -> Metrics:
    return {}


def test_the_function_combines_its_one_piece() -> None:
    frame = pd.DataFrame({"x": range(3)})
    assert count(frame) == {"rows": 3}
    assert count(frame, factor=2) == {"rows": 6}
    import pyarrow as pa

    (output,) = count.execute({"data": pa.table({"x": [1, 2]})}, {"factor": 5}, Context())
    assert output == ("metrics", "metrics", {"rows": 10})
    faults = check_operator(count, {"data": frame})
    assert [fault.code for fault in faults] == ["no_name", "no_text", "no_text"]


def no_table(report: Report) -> Table: ...
def many(*tables: Table) -> Table: ...
def left_open(data: Table | None = None) -> Table: ...
def figures(data: Table) -> Metrics: ...
def nothing(data: Table) -> None: ...
def plain(data: Table) -> Table: ...


@pytest.mark.parametrize(
    ("function", "about", "words"),
    [
        (plain, {"partition": "reduce"}, "it is 'reduce'"),
        (plain, {"partition": Partition(rows=0)}, "rows is 0"),
        (plain, {"partition": "map", "random": True}, "same numbers"),
        (plain, {"partition": "map", "side_effects": True}, "side effects"),
        (no_table, {"partition": "map"}, "no table among the inputs"),
        (many, {"partition": "map"}, "'tables', takes any number"),
        (left_open, {"partition": "map"}, "'data', may be left open"),
        (figures, {"partition": "map"}, "output 'metrics' is no table"),
        (nothing, {"partition": "map"}, "it has no output"),
        (nothing, {"partition": Partition(combine=total)}, "it has no output that combine"),
        (figures, {"partition": Partition(combine=3)}, "combine is 3"),  # type: ignore[arg-type]
        (figures, {"partition": Partition(combine=lambda: None)}, "doesn't take the list"),
        (figures, {"partition": Partition(combine=lambda a, b: None)}, "'b' is not keyword-only"),
        (figures, {"partition": Partition(combine=total)}, "'factor' is no parameter"),
    ],
)
def test_declarations_that_make_no_sense(function: Callable[..., Any], about: dict[str, Any], words: str) -> None:
    with pytest.raises(OperatorDeclarationError) as caught:
        operator(**about)(function)
    assert f"{function.__name__}(), partition: " in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.remedy
