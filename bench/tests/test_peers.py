"""The comparison with other systems, without any of them: what counts as a figure, and what the report tells."""

from __future__ import annotations

import ast
import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bench_tables
import pytest
from harness import credit as own_credit
from harness.bench import Bench
from harness.program import Program
from peers import compared, install, run, session, written
from peers.compared import Outcome
from peers.same import credit, expected, sampling, table, work
from peers.systems import COUNTS, HERE, SYSTEMS, WORKLOADS, System, named
from peers.written import Sampled

SMALL = {**COUNTS, "handoff": 1000, "noop1000": 10}


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("peers")
    bench = Bench(Program(folder / "none", folder, folder), folder, quick=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PEERS_CREDIT", str(own_credit.data(bench)))
        yield


def line(workload: str, value: Any, seconds: float = 1.0, tasks: int | None = None) -> dict[str, Any]:
    return {
        "workload": workload,
        "seconds": seconds,
        "tasks": SMALL[workload] if tasks is None else tasks,
        "value": value,
    }


def outcome(*lines: dict[str, Any]) -> Outcome:
    (one,) = compared.judged(lines, SMALL, [lines[0]["workload"]])
    return one


def right(workload: str) -> Any:
    return expected.expected(workload, SMALL[workload])


@pytest.mark.parametrize("workload", WORKLOADS)
def test_right_values_are_figures_and_the_first_sample_does_not_count(workload: str) -> None:
    value = json.loads(json.dumps(right(workload)))
    one = outcome(
        line(workload, value, 9.0), line(workload, value, 3.0), line(workload, value, 1.0), line(workload, value, 2.0)
    )
    assert (one.fault, one.seconds) == (None, [3.0, 1.0, 2.0])
    assert one.figures is not None
    assert one.figures.median == pytest.approx(2e6 / SMALL[workload] if workload in compared.PER_TASK else 2e3)


def wrong_values() -> Iterator[tuple[str, Any]]:
    for workload in WORKLOADS:
        yield workload, None
        yield workload, 0
        yield workload, "done"
    yield "light40", 39 * 55
    yield "noop1000", 9
    yield "chain1000", True
    yield "trigger", 19


@pytest.mark.parametrize(("workload", "value"), list(wrong_values()))
def test_a_wrong_value_is_no_figure(workload: str, value: Any) -> None:
    one = outcome(line(workload, right(workload)), line(workload, right(workload)), line(workload, value))
    assert one.figures is None
    assert "is right" in (one.fault or "")


@pytest.mark.parametrize("spoil", ["missing", "added", "off"])
def test_all_figures_of_both_models_are_looked_at(spoil: str) -> None:
    value = copy.deepcopy(right("credit8"))
    if spoil == "missing":
        del value["gbdt"]["brier"]
    elif spoil == "added":
        value["other"] = value["gbdt"]
    else:
        value["regression"]["auc"] += 1e-6
    assert outcome(line("credit8", right("credit8")), line("credit8", value)).fault is not None


def test_a_sum_may_differ_by_its_order_and_no_more() -> None:
    assert expected.fault("handoff", 1000, right("handoff") * (1 + 1e-13)) is None
    assert expected.fault("handoff", 1000, right("handoff") + 0.5) is not None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([line("chain1000", 500, tasks=500)] * 2, "500 tasks ran, 1000 were asked for"),
        ([line("chain1000", 1000)], "no figure"),
        ([line("chain1000", 1000), line("chain1000", 1000, 0.0)], "took 0.0 s"),
        ([line("chain1000", 1000), line("chain1000", 1000, float("nan"))], "took nan s"),
        (
            [line("chain1000", 1000)] * 2
            + [{"workload": "chain1000", "fault": "exit status 1", "said": "a\nbroken\n"}],
            "exit status 1: broken",
        ),
    ],
)
def test_what_did_not_do_its_work_is_no_figure(lines: list[dict[str, Any]], said: str) -> None:
    one = outcome(*lines)
    assert one.figures is None
    assert said in (one.fault or "")


def test_a_workload_that_said_nothing_is_told() -> None:
    (one,) = compared.judged([], SMALL, ["light40"])
    assert one.fault is not None


def test_the_plain_loops_give_the_right_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERS_COUNTS", json.dumps(SMALL))
    monkeypatch.setenv("PEERS_SAMPLES", "1")
    monkeypatch.setenv("PEERS_SECONDS", "60")
    system = named("plain")
    for name in system.workloads():
        path = HERE / "plain" / f"{name}.py"
        monkeypatch.setattr(sys, "argv", [str(path)])
        exec(compile(path.read_text(), path, "exec"), {"__name__": "__main__"})
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if text]
    outcomes = compared.judged(lines, SMALL, system.workloads())
    assert [(one.fault, len(one.seconds)) for one in outcomes] == [(None, 1)] * len(system.workloads())


def test_samples_end_with_the_time_that_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chain1000.py"])
    monkeypatch.setenv("PEERS_COUNTS", json.dumps(SMALL))
    for seconds, lines in (("0", 2), ("60", 4)):
        monkeypatch.setenv("PEERS_SAMPLES", "3")
        monkeypatch.setenv("PEERS_SECONDS", seconds)
        sampling.measure(lambda: 1000)
        assert len(capsys.readouterr().out.split()) > 0
        sampling.measure(lambda: 1000)
        assert capsys.readouterr().out.count('"chain1000"') == lines


def test_a_trigger_counts_only_clocks_between_call_and_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["trigger.py"])
    monkeypatch.setenv("PEERS_COUNTS", json.dumps({"trigger": 4}))
    monkeypatch.setenv("PEERS_SAMPLES", "1")
    monkeypatch.setenv("PEERS_SECONDS", "60")
    sent = iter([0, 1] * 8)
    sampling.measure_trigger(lambda: sampling.time.monotonic_ns() + (10**12 if next(sent) else 0))
    values = [json.loads(text)["value"] for text in capsys.readouterr().out.splitlines() if text]
    assert values == [2, 2]


def test_tables_and_tasks_are_those_of_suanzi() -> None:
    assert table.make(1000).equals(bench_tables.make(1000))
    assert table.read(table.make(1000)) == bench_tables.read(bench_tables.make(1000))
    assert (credit.COLUMNS, credit.LABEL) == (own_credit.X_COLS, own_credit.LABEL)
    assert work.fib(10) == 55


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_workload_is_one_small_file_or_has_a_reason(system: System) -> None:
    folder = HERE / system.name
    assert system.requirements().read_text()
    assert system.absent.keys() <= set(WORKLOADS)
    for name in WORKLOADS:
        path = folder / f"{name}.py"
        assert path.exists() == (name not in system.absent)
        if path.exists():
            text = path.read_text()
            assert (ast.get_docstring(ast.parse(text)) or "").startswith(name)
            assert len(text.splitlines()) <= 100
            assert "sleep(" not in text or name == "trigger"


def test_every_system_with_files_is_in_the_comparison() -> None:
    folders = {path.parent.name for path in HERE.glob("*/requirements.txt")} - {"same"}
    assert folders == {system.name for system in SYSTEMS}


def made_up(name: str, seconds: list[float], **more: Any) -> Sampled:
    outcomes = [Outcome("chain1000", more.pop("tasks", 1000), seconds)] if seconds else []
    return Sampled(name, more.pop("title", name.title()), "warm", "nothing", "1.2", 0.5, outcomes, **more)


def report_of(*sampled: Sampled) -> str:
    return written.markdown(sampled, SYSTEMS, "today", 5, 30.0, dict(COUNTS))


def test_the_report_sets_each_system_against_suanzi() -> None:
    text = report_of(made_up("suanzi", [0.2, 0.25, 0.3]), made_up("ray", [1.0]), made_up("airflow", [30.0], tasks=30))
    assert "| **Suanzi** | 250 | 200 – 300 | 3 | 1,000 tasks |  |" in text
    assert "| Ray | 1,000 | 1,000 – 1,000 | 1 | 1,000 tasks | 4 |" in text
    assert "| Airflow | 1,000,000 | 1,000,000 – 1,000,000 | 1 | 30 tasks, not 1,000 | 4,000 |" in text
    assert "| Ray | 1.2 | warm | nothing | 0.5 |" in text


def test_samples_before_and_after_the_others_are_one() -> None:
    broken = made_up("suanzi", [3.0])
    broken.outcomes[0].fault = "the run failed"
    assert run.both(made_up("suanzi", [1.0]), made_up("suanzi", [2.0])).outcomes[0].seconds == [1.0, 2.0]
    assert run.both(made_up("suanzi", [1.0]), broken).outcomes[0].figures is None


def test_without_suanzi_there_is_no_ratio_and_it_is_told() -> None:
    text = report_of(made_up("suanzi", [], fault="there is no release program"), made_up("ray", [1.0]))
    assert "| Ray | 1,000 | 1,000 – 1,000 | 1 | 1,000 tasks |  |" in text
    assert "- Suanzi: there is no release program." in text


def test_nothing_is_left_out_silently() -> None:
    broken = made_up("kedro", [1.0])
    broken.outcomes[0].fault = "the value is 3, and 1000 is right"
    text = report_of(made_up("ray", [], fault="it can't be installed here: no wheel"), broken, made_up("luigi", [1.0]))
    assert "- Ray: it can't be installed here: no wheel." in text
    assert "- Kedro, chain1000: the value is 3, and 1000 is right." in text
    assert "| Kedro | 1,000" not in text
    assert f"- Luigi, trigger: {named('luigi').absent['trigger']}." in text
    assert "- Airflow: left out of this run." in text


def test_quick_runs_say_so() -> None:
    counts = System("", "", None, "", "").counts(quick=True)
    assert "a quick one, with 200,000 instead of 1,000,000" in written.markdown([], SYSTEMS, "today", 3, 30.0, counts)


def test_results_for_programs_tell_what_was_checked(tmp_path: Path) -> None:
    path = tmp_path / "results" / "peers.json"
    bad = made_up("ray", [1.0])
    bad.outcomes[0].fault = "wrong"
    written.write_json(path, "today", [made_up("luigi", [2.0]), bad])
    found = [one["outcomes"][0] for one in json.loads(path.read_text())["systems"]]
    assert [(one["median"], one["checked"], one["fault"]) for one in found] == [
        (2000.0, True, None),
        (None, False, "wrong"),
    ]
    assert run.faults([bad]) == 1
    assert run.faults([made_up("luigi", [2.0])]) == 0


def test_one_system_measured_again_takes_its_place_in_the_last_report(tmp_path: Path) -> None:
    first = [made_up("suanzi", [0.2, 0.3]), made_up("ray", [1.0]), made_up("kedro", [], fault="no wheel")]
    written.write_json(tmp_path / "peers.json", "yesterday", first)
    taken, earlier = written.read_json(tmp_path / "peers.json")
    assert taken == "yesterday"
    assert report_of(*earlier) == report_of(*first)
    again = written.replaced(earlier, [made_up("ray", [2.0], again="at noon"), made_up("luigi", [3.0])])
    assert [one.name for one in again] == ["suanzi", "ray", "kedro", "luigi"]
    assert "| Ray | 2,000 | 2,000 – 2,000 | 1 | 1,000 tasks | 8 |" in report_of(*again)
    assert "| Ray | 1.2 | warm | nothing | 0.5, measured again at noon |" in report_of(*again)


def test_a_system_that_cannot_be_installed_is_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(_system: System) -> Path:
        raise install.NotInstalledError("No matching distribution found for ray>=2.60")

    monkeypatch.setattr(install, "python", refuses)
    found = run.theirs(named("ray"), quick=True, samples=1)
    assert found.outcomes == []
    assert found.fault == "it can't be installed here: No matching distribution found for ray>=2.60"
    assert "can't be installed here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "WARNING: a\nERROR: Could not find x\nERROR: No matching distribution found for x\n",
            "No matching distribution found for x",
        ),
        ("OSError: no space left\n", "OSError: no space left"),
        ("", "pip failed without a word"),
    ],
)
def test_pips_reason_is_its_last_error(said: str, why: str) -> None:
    assert install.reason(said) == why


def test_a_session_keeps_homes_and_servers_to_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAY_ADDRESS", "PREFECT_API_KEY", "AIRFLOW__CORE__EXECUTOR", "PYTHONPATH", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "elsewhere")
    order = {"python": sys.executable, "counts": SMALL, "samples": 1, "seconds": 1, "credit": "c.csv"}
    found = session.environment(order, tmp_path)
    assert "elsewhere" not in found.values()
    for name in ("HOME", "AIRFLOW_HOME", "DAGSTER_HOME", "METAFLOW_HOME", "PREFECT_HOME"):
        assert found[name] == str(tmp_path)
    urls = [value for value in found.values() if value.startswith("http://") and value not in sys.path]
    assert all(
        url.startswith("http://127.0.0.1:")
        for name, url in found.items()
        if name.startswith(("AIRFLOW", "PREFECT")) and url in urls
    )
    assert session.TELEMETRY_OFF.items() <= found.items()
