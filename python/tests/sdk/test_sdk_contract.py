"""`check_operator` passes good operators and catches broken ones, each by its own code."""

import random
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

from suanzi.sdk import Metrics, Model, OperatorError, Param, Table, check_operator, operator

ABOUT: dict[str, Any] = {"name_en": "N", "name_zh": "名", "doc_en": "What it does."}


@operator(**ABOUT)
def good(data: Table, *, factor: Annotated[float, Param(gt=0, help_en="Factor.", help_zh="系数")] = 2.0) -> Table:
    data["x"] *= factor
    return data


@operator(**ABOUT, random=True)
def good_random(
    data: Table, *, random_state: Annotated[int | None, Param(label_en="s", label_zh="种")] = None
) -> Table:
    return data.sample(frac=0.5, random_state=random_state)


@operator(**ABOUT)
def wrong_type(data: Table) -> Metrics:
    return [1]


@operator(**ABOUT)
def writes_into_input(data: Table) -> Table:
    data["x"].to_numpy()[0] = 1.0
    return data


@operator(**ABOUT)
def draws(data: Table) -> Metrics:
    return {"x": np.random.default_rng().random()}


@operator(**ABOUT)
def uses_the_seed_unsaid(data: Table) -> Metrics:
    return {"x": random.random()}


@operator
def nameless(data: Table, *, n: int = 1) -> Table:
    return data


@operator(**ABOUT)
def raises(data: Table) -> Table:
    return data[["nothing"]]


@operator(**ABOUT)
def refuses_without_remedy(data: Table) -> Table:
    raise OperatorError("no")


@operator(**ABOUT)
def unpicklable(data: Table) -> Model:
    class Local:
        def predict(self, x: Any) -> Any:
            return x

    return Local()


@operator(**ABOUT)
def duplicates(data: Table) -> Table:
    return pd.concat([data, data], axis=1)


@operator(**ABOUT)
def refits(data: Table, model: Model) -> Metrics:
    model["times"] = model.get("times", 0) + 1
    return {}


@operator(**ABOUT)
def needs_column(data: Table, *, col: Annotated[str, Param(label_en="c", label_zh="列")]) -> Table:
    return data[[col]]


@pytest.mark.parametrize("op", [good, good_random])
def test_good_operators_pass(op: Any) -> None:
    assert check_operator(op) == []


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (wrong_type, "bad_output"),
        (writes_into_input, "input_changed"),
        (draws, "not_deterministic"),
        (uses_the_seed_unsaid, "seed_used"),
        (nameless, "no_name"),
        (nameless, "no_text"),
        (nameless, "no_doc"),
        (raises, "raised"),
        (refuses_without_remedy, "no_hint"),
        (unpicklable, "not_picklable"),
        (duplicates, "bad_output"),
        (refits, "not_run"),
        (needs_column, "not_run"),
    ],
)
def test_broken_operators_are_caught(op: Any, code: str) -> None:
    assert code in {fault.code for fault in check_operator(op)}


def test_given_inputs_and_parameters_are_used() -> None:
    frame = pd.DataFrame({"z": [1, 2]})
    assert check_operator(needs_column, {"data": frame}, {"col": "z"}) == []
    assert "input_changed" in {f.code for f in check_operator(refits, {"data": frame, "model": {"a": 1}})}


def test_a_validator_that_lets_bad_values_through_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(good), "validate", lambda self, params: dict(params))
    assert "bad_value_accepted" in {fault.code for fault in check_operator(good)}
