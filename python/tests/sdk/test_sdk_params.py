"""Parameter values: what is accepted, what is refused, in which words."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanzi.operators.train.random_forest import random_forest
from suanzi.sdk import Columns, Metrics, Operator, Param, ParameterError, discovery, operator
from suanzi.sdk.contract import bad_values


@operator
def sample(
    *,
    count: Annotated[int, Param(ge=1, le=10)] = 1,
    ratio: Annotated[float, Param(gt=0, lt=1)] = 0.5,
    kind: Literal["a", "b", 3] = "a",
    share: float | Literal["sqrt"] | None = None,
    columns: Columns | None = None,
    sizes: list[int] | None = None,
    old: Annotated[Any, Param(legacy=True)] = None,
) -> Metrics:
    return {"count": count, "ratio": ratio, "columns": columns}


@pytest.mark.parametrize(
    ("given_params", "expected"),
    [
        ({}, {"count": 1, "ratio": 0.5, "kind": "a", "share": None}),
        ({"count": 3.0}, {"count": 3}),
        ({"ratio": 0.25}, {"ratio": 0.25}),
        ({"kind": 3}, {"kind": 3}),
        ({"share": "sqrt"}, {"share": "sqrt"}),
        ({"share": 2}, {"share": 2.0}),
        ({"columns": "x"}, {"columns": ["x"]}),
        ({"columns": ["x", 7]}, {"columns": ["x", "7"]}),
        ({"sizes": [1, 2.0]}, {"sizes": [1, 2]}),
    ],
)
def test_accepted(given_params: dict[str, Any], expected: dict[str, Any]) -> None:
    values = sample.validate(given_params)
    assert {key: values[key] for key in expected} == expected
    assert "old" not in values


@pytest.mark.parametrize(
    ("given_params", "words"),
    [
        ({"count": 0}, ["count", "0", "at least 1", "at most 10"]),
        ({"count": 1.5}, ["count", "1.5", "an integer"]),
        ({"count": "3"}, ["count", "'3'", "an integer"]),
        ({"count": True}, ["count", "true"]),
        ({"count": None}, ["count", "null"]),
        ({"ratio": 1}, ["ratio", "less than 1"]),
        ({"ratio": 10**400}, ["ratio", "finite"]),
        ({"kind": "A"}, ["kind", "'A'", "'a', 'b', 3"]),
        ({"kind": True}, ["kind"]),
        ({"share": "sqr"}, ["share", "a number", "'sqrt'"]),
        ({"columns": []}, ["columns", "at least 1"]),
        ({"sizes": ["a"]}, ["sizes", "an integer"]),
        ({"cout": 1}, ["cout", "unknown"]),
        ({"cout": 1, "ratio": 3}, ["cout", "ratio"]),
    ],
)
def test_refused(given_params: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        sample.validate(given_params)
    for word in words:
        assert word in caught.value.message


def test_a_slip_of_the_pen_is_recognised() -> None:
    with pytest.raises(ParameterError) as caught:
        random_forest.validate({"y_col": "y", "n_estimater": 3})
    assert caught.value.hint == "did you mean 'n_estimators'?"


def test_missing_parameter() -> None:
    with pytest.raises(ParameterError, match="'y_col' is missing"):
        random_forest.validate({})


SHIPPED = discovery.of_package("suanzi.operators").operators
CASES = [(op, spec, value) for op in SHIPPED.values() for spec in op.params for value in bad_values(spec)]


@pytest.mark.parametrize(("op", "spec", "value"), CASES, ids=lambda x: getattr(x, "algo_name", None) or repr(x)[:30])
def test_what_a_declaration_forbids_is_refused(op: Operator[Any, Any], spec: Any, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        op.validate({spec.name: value})
    assert f"'{spec.name}'" in caught.value.message


def test_there_are_enough_forbidden_values() -> None:
    assert len(CASES) > 300


@given(st.dictionaries(st.sampled_from([s.name for s in sample.params] + ["z"]), st.from_type(object) | st.integers()))
def test_validate_only_ever_refuses(params: dict[str, Any]) -> None:
    try:
        values = sample.validate(params)
    except ParameterError:
        return
    assert 1 <= values["count"] <= 10
    assert 0 < values["ratio"] < 1
