"""`check_operator` passes good operators and catches broken ones, each by its own code."""

import json
import random
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

from suanzi.sdk import Metrics, Model, OperatorError, Param, Table, check, check_operator, operator
from suanzi.sdk.columns import require_columns, require_numeric, require_rows

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


@operator(**ABOUT)
def forgets_empty_tables(data: Table) -> Metrics:
    return {"first": float(data["x"].iloc[0])}


@operator(**ABOUT)
def expects_numbers(data: Table) -> Metrics:
    return {"sum": float(data["x"].sum() + 1)}


@operator(**ABOUT)
def expects_known_categories(data: Table) -> Table:
    data["text"] = data["text"].map({"a": 1, "b": 2, "c": 3}).astype(int)
    return data


@operator(**ABOUT)
def refuses_without_saying_what(data: Table) -> Table:
    if len(data) == 0:
        raise OperatorError("the input is not suitable for this operator", "give another table")
    return data


@operator(**ABOUT)
def refuses_with_an_empty_remedy(data: Table) -> Table:
    if len(data) == 0:
        raise OperatorError("the table has no rows", "see the message")
    return data


@operator(**ABOUT)
def forgets_columns_that_are_not_there(data: Table) -> Table:
    return data.sort_values("x")


@operator(**ABOUT)
def forgets_nulls(data: Table) -> Metrics:
    return {"top": data["text"].value_counts().index[0]}


@operator(**ABOUT)
def careful(data: Table) -> Metrics:
    require_columns(data, ["x"])
    require_rows(data)
    require_numeric(data, ["x"])
    return {"sum": float(data["x"].sum())}


@pytest.mark.parametrize(
    ("op", "code", "word"),
    [
        (forgets_empty_tables, "raised_on_odd_table", "no rows"),
        (expects_numbers, "raised_on_odd_table", "numbers as texts"),
        (expects_known_categories, "raised_on_odd_table", "unseen categories"),
        (refuses_without_saying_what, "generic_refusal", "names no column"),
        (refuses_with_an_empty_remedy, "generic_refusal", "no remedy"),
        (forgets_columns_that_are_not_there, "raised_on_odd_table", "no such columns"),
        (forgets_nulls, "raised_on_odd_table", "only nulls"),
    ],
)
def test_broken_operators_are_caught_on_odd_tables(op: Any, code: str, word: str) -> None:
    found = [str(fault) for fault in check_operator(op, odd_tables=True)]
    assert any(text.startswith(code) and word in text for text in found), found
    assert not any(fault.code in (code, "raised") for fault in check_operator(op))


def test_a_careful_operator_passes_on_odd_tables() -> None:
    assert check_operator(careful, odd_tables=True, wide=True) == []


def test_the_suite_says_what_became_of_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own_checked.py").write_text(OWN, encoding="utf-8")
    assert check.main(["--dir", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "passed   fine" in out and "failed   careless" in out and "not run  lost" in out
    assert "raised_on_odd_table: no rows in input 'data': IndexError" in out and "1 passed, 1 failed, 1 not run" in out
    assert check.main(["--dir", str(tmp_path), "--json", "fine"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "passed"
    assert check.main(["--dir", str(tmp_path), "fien"]) == 2
    assert "did you mean 'fine'" in capsys.readouterr().err


OWN = """
from typing import Annotated

from suanzi.sdk import Metrics, Param, Table, operator


@operator(name_en="F", name_zh="好", doc_en="Counts.")
def fine(data: Table) -> Metrics:
    return {"rows": len(data)}


@operator(name_en="C", name_zh="粗心", doc_en="First.")
def careless(data: Table) -> Metrics:
    return {"first": str(data.iloc[0].tolist())}


@operator(name_en="L", name_zh="缺", doc_en="Needs a column.")
def lost(data: Table, *, column: Annotated[str, Param(label_en="c", label_zh="列")]) -> Metrics:
    return {}
"""


def test_given_inputs_and_parameters_are_used() -> None:
    frame = pd.DataFrame({"z": [1, 2]})
    assert check_operator(needs_column, {"data": frame}, {"col": "z"}) == []
    assert "input_changed" in {f.code for f in check_operator(refits, {"data": frame, "model": {"a": 1}})}


def test_a_validator_that_lets_bad_values_through_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(good), "validate", lambda self, params: dict(params))
    assert "bad_value_accepted" in {fault.code for fault in check_operator(good)}
