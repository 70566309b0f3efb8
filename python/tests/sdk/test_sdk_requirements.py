"""Requirements of operators: the same texts are good here and for the engine."""

import json
from pathlib import Path

import pytest

from suanzi.sdk import Metrics, OperatorDeclarationError, operator
from suanzi.sdk.requirements import MAX_REQUIREMENTS, fault_of

CASES = json.loads((Path(__file__).parents[3] / "crates/operator/src/requirement_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("text", CASES["good"])
def test_good_texts(text: str) -> None:
    assert fault_of(text) is None


@pytest.mark.parametrize("text", CASES["bad"])
def test_bad_texts(text: str) -> None:
    assert fault_of(text) is not None


def test_they_stand_in_the_manifest() -> None:
    @operator(requirements=["lightgbm==4.5.0", "polars"])
    def with_some() -> Metrics:
        return {}

    @operator
    def without() -> Metrics:
        return {}

    assert with_some.spec()["requirements"] == ["lightgbm==4.5.0", "polars"]
    assert "requirements" not in without.spec()


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        (["polars", "lightgbm=4.5"], "'lightgbm=4.5'"),
        ("lightgbm==4.5", 'requirements=["lightgbm==4.5"]'),
        ([4.5], "float"),
        (["a"] * (MAX_REQUIREMENTS + 1), "more than"),
        (["git+https://example.org/a.git"], "a place"),
    ],
)
def test_a_wrong_list_is_told_with_its_function(requirements: list[str], said: str) -> None:
    with pytest.raises(OperatorDeclarationError) as raised:

        @operator(requirements=requirements)
        def wrong() -> Metrics:
            return {}

    assert "operator wrong()" in str(raised.value) and said in str(raised.value)
