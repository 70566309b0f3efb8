"""A signature becomes ports and parameters; half-written ones are refused with a remedy."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pytest

from suanzi.sdk import (
    AnyValue,
    Code,
    Column,
    Columns,
    Dataset,
    Metrics,
    Model,
    OperatorDeclarationError,
    Param,
    PathName,
    Port,
    Report,
    Table,
    Transform,
    operator,
)


class Parts(NamedTuple):
    train: Table
    test: Annotated[Table, Port(help_en="The rest.")]


@dataclass
class Both:
    data: Table
    metrics: Metrics


def test_ports_come_from_hints() -> None:
    @operator
    def many(
        a: Table, b: pd.DataFrame, c: pa.Table, m: Model, opt: Transform | None = None, *rest: AnyValue
    ) -> tuple[Table, Report]:
        raise NotImplementedError

    spec = many.spec()
    found = [(i["name"], i["type"], i["required"], i["variadic"]) for i in spec["inputs"]]
    assert found == [
        ("a", "data", True, False),
        ("b", "data", True, False),
        ("c", "data", True, False),
        ("m", "model", True, False),
        ("opt", "transform", False, False),
        ("rest", "any", False, True),
    ]
    assert [(o["name"], o["type"]) for o in spec["outputs"]] == [("data", "data"), ("report", "report")]
    assert (spec["algo_name"], spec["function"].split(".")[-1]) == ("many", "many")


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Parts, [("train", "data"), ("test", "data")]),
        (Both, [("data", "data"), ("metrics", "metrics")]),
        (Metrics, [("metrics", "metrics")]),
        (Annotated[Table, Port("kept")], [("kept", "data")]),
        (Any, [("any", "any")]),
        (None, []),
    ],
)
def test_outputs(hint: Any, expected: list[tuple[str, str]]) -> None:
    def made(data: Table):
        raise NotImplementedError

    made.__annotations__["return"] = hint
    assert [(o.name, o.port_type) for o in operator(made).outputs] == expected


def test_a_model_is_trained_on_the_only_table() -> None:
    @operator
    def train(data: Table) -> Model:
        raise NotImplementedError

    @operator
    def tune(good: Table, bad: Table) -> Annotated[Model, Port(trained_on="bad")]:
        raise NotImplementedError

    assert train.spec()["outputs"][0]["trained_on"] == 0
    assert tune.spec()["outputs"][0]["trained_on"] == 1


@pytest.mark.parametrize(
    ("hint", "default", "kind", "extra"),
    [
        (int, 3, "integer", {}),
        (float, 1, "number", {"default": 1.0}),
        (int | float, 1, "number", {}),
        (bool, True, "boolean", {}),
        (str, "a", "string", {}),
        (Literal["a", "b"], "a", "choice", {"choices": ["a", "b"]}),
        (Literal["a"] | None, None, "choice", {"choices": ["a"], "nullable": True}),
        (float | Literal["sqrt"] | None, None, "number", {"choices": ["sqrt"], "nullable": True}),
        (list[int], [1], "list", {"items": "integer"}),
        (list[Column], ["x"], "list", {"items": "column"}),
        (list[list[int]], [[1]], "list", {"items": "any"}),
        (dict[str, Any], {}, "map", {}),
        (Any, None, "any", {"nullable": True}),
        (Column, "x", "column", {}),
        (Columns | None, None, "columns", {"nullable": True}),
        (Annotated[Columns | None, Param(min_items=0)], [], "columns", {"min_items": 0}),
        (Code, "pass", "code", {}),
        (Dataset, "40", "dataset", {}),
        (PathName, "a.csv", "path", {}),
        (Annotated[float, Param(gt=0, le=1, advanced=True)], 0.5, "number", {"exclusive_minimum": 0, "maximum": 1}),
    ],
)
def test_parameter_kinds(hint: Any, default: Any, kind: str, extra: dict[str, Any]) -> None:
    def made(*, p: Any = default) -> Metrics:
        raise NotImplementedError

    made.__annotations__["p"] = hint
    entry = operator(made).spec()["params"][0]
    assert entry["kind"] == kind
    assert not entry["required"]
    for key, value in extra.items():
        assert entry[key] == value


def no_hint(data, *, n: int = 1) -> Table: ...
def no_result(data: Table): ...
def input_is_parameter(count: int) -> Table: ...
def table_after_star(*, data: Table) -> Table: ...
def keywords(data: Table, **others: int) -> Table: ...
def bad_default(data: Table, *, n: Annotated[int, Param(ge=1)] = 0) -> Table: ...
def none_default(data: Table, *, n: int = None) -> Table: ...  # noqa: RUF013
def odd_type(data: Table, *, n: complex = 1j) -> Table: ...
def mixed_type(data: Table, *, n: int | str = 1) -> Table: ...
def bounds_on_text(data: Table, *, n: Annotated[str, Param(gt=1)] = "a") -> Table: ...
def items_on_number(data: Table, *, n: Annotated[int, Param(min_items=1)] = 1) -> Table: ...
def required_legacy(data: Table, *, n: Annotated[Any, Param(legacy=True)]) -> Table: ...
def optional_without_default(data: Table | None) -> Table: ...
def default_without_optional(data: Table = None) -> Table: ...
def variadic_first(many: list[Table], one: Table) -> Table: ...
def result_is_no_port(data: Table) -> int: ...
def two_of_a_name(data: Table) -> tuple[Table, Table]: ...
def open_tuple(data: Table) -> tuple[Table, ...]: ...
def unknown_name(data: "Tabel") -> Table: ...  # noqa: F821
def trained_on_nothing(data: Table) -> Annotated[Model, Port(trained_on="x")]: ...


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (no_hint, "'data'"),
        (no_result, "result"),
        (input_is_parameter, "'count'"),
        (table_after_star, "'data'"),
        (keywords, "others"),
        (bad_default, "'n'"),
        (none_default, "'n'"),
        (odd_type, "'n'"),
        (mixed_type, "'n'"),
        (bounds_on_text, "'n'"),
        (items_on_number, "'n'"),
        (required_legacy, "'n'"),
        (optional_without_default, "'data'"),
        (default_without_optional, "'data'"),
        (variadic_first, "'many'"),
        (result_is_no_port, "result"),
        (two_of_a_name, "'data'"),
        (open_tuple, "result"),
        (unknown_name, "Tabel"),
        (trained_on_nothing, "'x'"),
    ],
)
def test_mistakes_are_named(function: Any, word: str) -> None:
    with pytest.raises(OperatorDeclarationError) as caught:
        operator(function)
    assert function.__name__ in str(caught.value)
    assert word in str(caught.value)
    assert caught.value.remedy


def test_a_role_is_in_the_manifest_where_it_is_declared() -> None:
    def rows(data: Table) -> Table:
        return data

    assert operator(role="sample")(rows).spec()["role"] == "sample"
    assert "role" not in operator(rows).spec()


@pytest.mark.parametrize(
    "about", [{"category": "nothing"}, {"algo_name": "a b"}, {"unknown_params": "maybe"}, {"role": "hero"}]
)
def test_bad_arguments_of_the_decorator(about: dict[str, Any]) -> None:
    with pytest.raises(OperatorDeclarationError):
        operator(**about)(lambda: None)
