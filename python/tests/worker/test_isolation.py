"""What one task does to the process never reaches the next."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from conftest import Engine, Worker

POLLUTERS = (
    "seeds",
    "spoil_generator",
    "environment",
    "import_path",
    "options",
    "edit_input",
    "streams",
    "signals",
    "count",
    "patch_library",
    "patch_builtin",
    "patch_module",
    "thread",
)
ORDERS = 200
TASKS_PER_ORDER = 4


@pytest.fixture(scope="module")
def table(engine: Engine) -> list[dict[str, Any]]:
    path = engine.folder / "input.arrow"
    columns = pa.table({"x": list(range(1000))})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, columns.schema) as writer:
        writer.write_table(columns)
    return [{"name": "data", "type": "data", "path": str(path)}]


def draw(worker: Worker, table: list[dict[str, Any]], seed: int) -> bytes:
    frame = worker.run("draw", inputs=table, seed=seed)
    assert frame["t"] == "result", frame
    return frame["outputs"][0]["inline"]


def test_random_orders_on_one_worker_give_the_bytes_of_fresh_processes(
    engine: Engine, table: list[dict[str, Any]]
) -> None:
    fresh = {seed: draw(engine.fork(), table, seed) for seed in (1, 2)}
    assert fresh[1] != fresh[2]
    choose = random.Random(5)
    worker = engine.fork()
    replaced = 0
    for _ in range(ORDERS):
        for name in choose.choices((*POLLUTERS, "draw"), k=TASKS_PER_ORDER):
            frame = worker.run(name, inputs=table)
            assert frame["t"] == "result", (name, frame)
            if frame["retire"] is not None:
                worker = engine.fork()
                replaced += 1
        seed = choose.choice((1, 2))
        assert draw(worker, table, seed) == fresh[seed]
    assert replaced > 0
    assert replaced < ORDERS * TASKS_PER_ORDER / 2, "most messes are put back"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("patch_library", "changed"),
        ("patch_builtin", "builtins: "),
        ("patch_module", "random was replaced"),
        ("thread", "threads were left"),
    ],
)
def test_a_spoilt_process_says_so(worker: Worker, step: str, reason: str) -> None:
    assert reason in worker.run(step)["retire"]


@pytest.mark.parametrize("step", [name for name in POLLUTERS if name not in ("edit_input",)][:8])
def test_what_can_be_put_back_is(worker: Worker, step: str) -> None:
    first = worker.value("draw")
    frame = worker.run(step)
    assert (frame["t"], frame["retire"]) == ("result", None), frame
    assert worker.value("draw") == first


def test_an_operator_cannot_change_the_file_under_its_input(worker: Worker, table: list[dict[str, Any]]) -> None:
    assert worker.value("edit_input", inputs=table) == "refused"
    with pa.memory_map(table[0]["path"]) as source:
        assert pa.ipc.open_file(source).read_all().column("x").to_pylist() == list(range(1000))


def test_module_state_of_user_code_starts_anew(worker: Worker) -> None:
    assert [worker.value("count") for _ in range(3)] == [1, 1, 1]


def test_each_task_keeps_its_own_output_after_streams_were_moved(worker: Worker) -> None:
    assert worker.log_of(worker.run("streams")) == b"mine"
    frame = worker.run("report")
    assert worker.log_of(frame) == b"note: a note\n"


def test_a_worker_has_only_its_own_descriptors(worker: Worker) -> None:
    found = worker.value("descriptors")
    listing = 1  # the directory that is being listed
    assert len(found) == 6 + listing, found
    assert json.dumps(found).startswith("[0, 1, 2,")


def test_a_worker_that_imports_scikit_learn_for_itself_is_used_no_more(worker_without_sklearn: Worker) -> None:
    assert worker_without_sklearn.run("count")["retire"] is None
    frame = worker_without_sklearn.run("library_work")
    assert (frame["t"], frame["retire"]) == ("result", "scikit-learn was imported"), frame


def test_ordinary_work_with_the_libraries_spoils_nothing(worker: Worker) -> None:
    for _ in range(2):
        frame = worker.run("library_work")
        assert (frame["t"], frame["retire"]) == ("result", None), frame
