"""Figures and reports: what is missing counts as missed, ratios are of medians, every workload can be read."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import report
import run as command
from harness import credit, dags
from harness.bench import Bench, Measured, measure
from harness.figures import Figure, quantile, row
from harness.program import FailedError, Program
from workloads import ORDER

SAMPLES = {"ours": [3.0, 1.0, 2.0], "theirs": [4.0, 4.0, 10.0]}


def test_a_ratio_is_of_medians() -> None:
    found = row("w", Figure("m", "ms", "ours", "theirs", 0.5), SAMPLES)
    assert (found.median, found.min, found.max, found.runs) == (2.0, 1.0, 3.0, 3)
    assert (found.floor, found.ratio, found.met) == (4.0, 0.5, True)
    assert row("w", Figure("m", "ms", "ours", "theirs", 0.49), SAMPLES).met is False


def test_floors_are_sides_constants_or_sums() -> None:
    assert row("w", Figure("m", "ms", "ours", 8.0), SAMPLES).ratio == 0.25
    assert row("w", Figure("m", "ms", "ours", lambda m: m["ours"] + m["theirs"]), SAMPLES).floor == 6.0


@pytest.mark.parametrize(
    ("samples", "figure"),
    [
        ({}, Figure("m", "ms", "ours", "theirs", 1.0)),
        ({"ours": [], "theirs": [1.0]}, Figure("m", "ms", "ours", "theirs", 1.0)),
        ({"ours": [math.nan], "theirs": [1.0]}, Figure("m", "ms", "ours", "theirs", 1.0)),
        ({"ours": [1.0]}, Figure("m", "ms", "ours", "theirs", 1.0)),
        ({"ours": [1.0]}, Figure("m", "ms", "ours", lambda m: m["theirs"], 1.0)),
        ({"ours": [1.0], "theirs": [0.0]}, Figure("m", "ms", "ours", "theirs", 1.0)),
    ],
)
def test_a_missing_figure_is_missed(samples: dict[str, list[float]], figure: Figure) -> None:
    found = row("w", figure, samples)
    assert found.ratio is None
    assert found.met is False


def test_without_a_target_nothing_is_missed() -> None:
    assert row("w", Figure("m", "ms", "ours"), {}).met is None


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (50.0, 99.0, 7.0)
    assert math.isnan(quantile([], 0.5))


def workload(take: Any) -> ModuleType:
    module = ModuleType("workloads.made_up")
    module.FIGURES = [Figure("m", "ms", "ours", "theirs", 1.0)]  # type: ignore[attr-defined]
    module.sides = take  # type: ignore[attr-defined]
    return module


def bench(tmp_path: Path) -> Bench:
    return Bench(Program(tmp_path / "none", tmp_path, tmp_path), tmp_path, quick=True)


def test_sides_are_sampled_in_turns_after_a_round_that_does_not_count(tmp_path: Path) -> None:
    order: list[str] = []

    def sides(_bench: Bench) -> dict[str, Any]:
        def take(name: str) -> float:
            order.append(name)
            return float(len(order))

        return {"ours": lambda: take("ours"), "theirs": lambda: take("theirs")}

    measured = measure(workload(sides), bench(tmp_path))
    assert order == ["ours", "theirs"] * 4
    assert measured.rows[0].min == 3.0
    assert measured.fault is None


def test_a_workload_that_fails_late_has_no_figures(tmp_path: Path) -> None:
    calls: list[int] = []

    def ours() -> float:
        calls.append(1)
        if len(calls) == 3:
            raise FailedError("the run failed")
        return 1.0

    measured = measure(workload(lambda _: {"ours": ours, "theirs": lambda: 9.0}), bench(tmp_path))
    assert measured.rows[0].median is None
    assert measured.rows[0].met is False
    assert "the run failed" in (measured.fault or "")


def test_the_report_tells_what_is_missed_and_why(tmp_path: Path) -> None:
    rows = [
        row("a", Figure("met one", "ms", "ours", "theirs", 1.0), SAMPLES),
        row("a", Figure("missed one", "ms", "theirs", "ours", 1.0), SAMPLES),
    ]
    lost = row("b", Figure("lost one", "ms", "ours", "theirs", 1.0), {})
    measured = [Measured("a", rows, 1.0, ["said"]), Measured("b", [lost], 1.0, [], "it broke")]
    text = report.markdown(measured, "today", {"a": "in waiting", "b": "nowhere"}, {"a": "About a."})
    assert "**1 of 3 targets are met.**" in text
    for part in (
        "About a. said.",
        "Missed: missed one",
        "Where the time goes: in waiting",
        "not be measured: it broke",
    ):
        assert part in text
    path = tmp_path / "results" / "latest.json"
    report.write_json(path, [*rows, lost])
    assert command.latest(path) == [*rows, lost]
    keys = ["workload", "metric", "unit", "median", "min", "max", "runs", "floor", "ratio", "target", "met"]
    assert list(json.loads(path.read_text())[0]) == keys
    assert command.missed([*rows, lost]) == 2


@pytest.mark.parametrize("name", ORDER)
def test_every_workload_can_be_read(name: str) -> None:
    module = importlib.import_module(f"workloads.{name}")
    assert module.__doc__
    assert callable(module.sides)
    assert any(figure.target is not None for figure in module.FIGURES)
    assert name in command.abouts()


def test_every_workload_file_is_in_the_order() -> None:
    files = {path.stem for path in Path(command.HERE, "workloads").glob("*.py")} - {"__init__"}
    assert files == set(ORDER)


def test_the_bound_is_the_longer_of_path_and_work() -> None:
    line: dict[str, tuple[float, list[str]]] = {"a": (1.0, []), "b": (2.0, ["a"]), "c": (1.0, ["a"])}
    assert credit.bound(line) == 3.0
    assert credit.bound({name: (1.0, []) for name in "abcd"}) == 2.0


@pytest.mark.parametrize(
    ("text", "operators", "edges"),
    [
        (dags.chain("c", "k", 3), 3, 2),
        (dags.independent("i", "k", 3, "j"), 4, 3),
        (dags.layers("l", "k", 2, 3), 6, 3),
        (credit.eight(), 8, 9),
        (credit.branches(), 10, 9),
    ],
)
def test_dags_have_their_operators_and_edges(text: str, operators: int, edges: int) -> None:
    dag = SimpleNamespace(**json.loads(text)["dag"])
    assert len(dag.operator_list) == len(dag.operator_details) == operators
    assert sum(map(len, dag.operator_rels.values())) == edges
