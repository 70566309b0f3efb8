"""A worker's task: inputs, outputs, context, failures, as frames."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from conftest import Engine, Worker

from suanzi.worker.protocol import PROTOCOL_VERSION


def test_the_zygote_greets_and_stays_single_threaded(engine: Engine) -> None:
    assert engine.hello == {"t": "hello", "version": PROTOCOL_VERSION, "pid": engine.process.pid} | {
        "python": engine.hello["python"]
    }
    assert engine.loaded["threads"] == 1
    engine.fork()
    assert len(os.listdir(f"/proc/{engine.process.pid}/task")) == 1


def test_inputs_of_every_kind(worker: Worker) -> None:
    inputs = [
        {"name": "one", "type": "metrics", "inline": b'{"auc":0.7}'},
        {"name": "many", "type": "any", "inline": b"1"},
        {"name": "many", "type": "any", "inline": b'"two"'},
        {"name": "file", "type": "file", "path": "/a/b"},
    ]
    value = worker.value("echo", {"名": [1, None]}, inputs=inputs)
    assert value["inputs"] == {"one": {"auc": 0.7}, "many": [1, "two"], "file": "/a/b"}
    assert (value["params"], value["seed"], value["operator"]) == ({"名": [1, None]}, 7, "echo")


def test_a_table_goes_out_as_one_uncompressed_batch_and_comes_back_mapped(engine: Engine, worker: Worker) -> None:
    frame = worker.run("make_table")
    output = frame["outputs"][0]
    assert (output["type"], output["rows"]) == ("data", 3)
    assert os.path.dirname(output["path"]) == str(engine.folder)
    assert output["bytes"] == os.stat(output["path"]).st_size
    assert [c["name"] for c in json.loads(output["manifest"])["columns"]] == ["x", "名"]
    with pa.memory_map(output["path"]) as source:
        reader = pa.ipc.open_file(source)
        assert reader.num_record_batches == 1
        assert reader.read_all().column("x").to_pylist() == [1, 2, 3]
    assert not [name for name in os.listdir(engine.folder) if name.endswith(".tmp")]


def test_numbers_that_json_lacks_become_null(worker: Worker) -> None:
    assert worker.value("not_finite") == {"nan": None, "inf": [None], "array": [1.0, None], "n": 3}


def test_objects_of_user_classes_reach_operators_elsewhere(engine: Engine, worker: Worker) -> None:
    output = worker.run("make_mine", outputs=[{"name": "out", "type": "model"}])["outputs"][0]
    assert output["type"] == "model"
    assert json.loads(output["manifest"])["class"] == "steps.Mine"
    model = [{"name": "model", "type": "model", "path": output["path"]}]
    assert engine.fork().value("use_model", inputs=model) == [5, 5]


def test_large_json_goes_to_a_file(worker: Worker) -> None:
    output = worker.run("echo", {"x": "y" * 20_000})["outputs"][0]
    with open(output["path"]) as file:
        assert json.load(file)["params"]["x"] == "y" * 20_000


def test_progress_and_metrics_are_frames_of_the_task(engine: Engine, worker: Worker) -> None:
    task = engine.task("report", {})
    worker.channel.send(task)
    frames = [worker.receive() for _ in range(3)]
    assert frames[0] == {"t": "progress", "id": task["id"], "fraction": 0.5, "message": "half"}
    assert frames[1] == {"t": "metric", "id": task["id"], "name": "loss", "value": 0.25, "step": 3}
    assert frames[2]["t"] == "result"


def test_threads_follow_the_cpu_slots(worker: Worker) -> None:
    for slots in (1, 2, 1):
        value = worker.value("threads", cpu_slots=slots)
        assert set(value["pools"]) == {slots}
        assert value["arrow"] == slots


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"module": "absent"}, "import", "absent"),
        ({"function": "absent"}, "import", "no operator named absent"),
        ({"outputs": [{"name": "other", "type": "any"}]}, "bad_output", "'out'"),
        ({"outputs": [{"name": "out", "type": "data"}]}, "bad_output", "must be a table"),
        ({"inputs": [{"name": "d", "type": "data", "path": "/no/such/file"}]}, "exception", "FileNotFoundError"),
        ({"out_dir": "/no/such/dir", "params": '{"x":"' + "y" * 20_000 + '"}'}, "exception", "FileNotFoundError"),
    ],
)
def test_failures_are_told_by_kind(worker: Worker, changes: dict, kind: str, message: str) -> None:
    frame = worker.run("echo", **changes)
    assert (frame["t"], frame["kind"]) == ("failed", kind), frame
    assert message in frame["message"]
    assert worker.run("echo")["t"] == "result"


def test_exits_are_reported_with_their_status(engine: Engine) -> None:
    worker = engine.fork()
    number = engine.count
    worker.channel.send({"t": "retire"})
    assert engine.wait_exit(number) == 0
    worker = engine.fork()
    number = engine.count
    os.kill(worker.pid, signal.SIGSEGV)
    assert os.WTERMSIG(engine.wait_exit(number)) == signal.SIGSEGV
