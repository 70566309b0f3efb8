"""`Context.map`: jobs side by side give what they give one by one, here and sent to a cluster as tasks of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suanzi.pool import forks
from suanzi.pool.spreading import Frames, Spread, whole, without_plan
from suanzi.worker.protocol import encode

if TYPE_CHECKING:
    from conftest import Engine, Worker

STEPS = Path(__file__).with_name("steps")
WAIT_SECONDS = 60
OUTPUTS = [{"name": "any", "type": "any"}]
CASES = [
    ("raise", "exception", "ValueError: no good"),
    ("exit", "exited_without_result", "its process exited with status 3"),
    ("kill", "out_of_memory", "its process was killed"),
    ("memory", "out_of_memory", "MemoryError"),
    ("unpicklable", "bad_output", "what a job returned"),
]


def run(worker: Worker, step: str, params: Any = None, **changes: Any) -> dict[str, Any]:
    return worker.run(step, params or {}, module="jobs", outputs=OUTPUTS, **changes)


def value(frame: dict[str, Any]) -> Any:
    assert frame["t"] == "result", frame
    return json.loads(frame["outputs"][0]["inline"])


def listening(worker: Worker) -> list[dict[str, Any]]:
    """All frames that the worker sends from now on."""
    frames: list[dict[str, Any]] = []
    receive = worker.receive

    def kept() -> dict[str, Any]:
        frames.append(receive())
        return frames[-1]

    worker.receive = kept  # type: ignore[method-assign]
    return frames


def by_plain_call() -> Any:
    """What the operator gives in a test of its own, without a worker."""
    code = (
        "import json, random, sys, numpy\n"
        f"sys.path.insert(0, {str(STEPS)!r})\n"
        "from suanzi.sdk import Context\nimport jobs\nrandom.seed(7); numpy.random.seed(7)\n"
        "found = jobs.rounds.execute({}, {}, Context(seed=7))\nprint('\\n' + json.dumps(found[0][2]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(forks.__file__).parents[2])}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return json.loads(told.stdout.splitlines()[-1])


def test_results_are_those_of_one_by_one(worker: Worker) -> None:
    expected = by_plain_call()
    assert expected.pop("pids") == 1
    for slots in (1, 2, 5):
        frames = listening(worker)
        ended = run(worker, "rounds", cpu_slots=slots)
        found = value(ended)
        assert 1 <= found.pop("pids") <= slots
        assert found == expected, slots
        told = [frame for frame in frames if frame["t"] == "progress"]
        assert told[-1]["message"] == "3 of 3 sums"
        assert told[-1]["fraction"] == 1
        assert [frame["fraction"] for frame in told if frame["message"] == "7 of 7 squares"] == [0.5]
        assert [frame["value"] for frame in frames if frame["t"] == "metric"] == [n * n for n in range(7)]
        log = worker.log_of(ended).decode()
        assert sorted(line for line in log.splitlines() if line.startswith("job")) == [f"job {n}" for n in range(7)]
        assert [log.count(word) for word in ("before", "between", "after")] == [1, 1, 1]
        assert f"7 squares, {slots} at a time; the largest process had" in log
        assert ended["retire"] is None


def test_as_many_at_a_time_as_processors(worker: Worker, tmp_path: Path) -> None:
    params = {"where": str(tmp_path), "count": 3}
    assert value(run(worker, "wait_together", params, cpu_slots=3)) == [3, 3, 3]


@pytest.mark.parametrize(("how", "kind", "words"), CASES)
def test_a_job_that_fails(worker: Worker, how: str, kind: str, words: str) -> None:
    for slots in (1, 2):
        more: dict[str, Any] = {"cpu_slots": slots, "memory_bytes": 1 << 33}
        found = value(run(worker, "some_fail", {"how": how, "keep": True}, **more))
        assert found[:2] + found[3:] == [0, 1, 3, 4]
        assert found[2][0] == kind
        assert words in found[2][1]
        frame = run(worker, "some_fail", {"how": how, "keep": False}, **more)
        assert (frame["t"], frame["kind"]) == ("failed", kind), frame
        assert f"3 of 5 tries: {words}" in frame["message"]


def test_forks_end_with_their_worker(engine: Engine, tmp_path: Path) -> None:
    worker = engine.fork()
    number = engine.count
    worker.channel.send(engine.task("stay", {"where": str(tmp_path)}) | {"module": "jobs", "cpu_slots": 3})
    engine.kill_with_forks(worker, number, tmp_path, 3)


class Sent:
    """A task with its stages as the pool on a cluster sends them, here to one fork server."""

    def __init__(self, server: Path, folder: Path, step: str, params: Any) -> None:
        self.server, self.frames, self.log = server, Frames(), b""
        self.told: list[dict[str, Any]] = []
        self.rounds = 0
        task = {"t": "task", "id": 1, "run_id": "test/1", "operator_id": step, "module": "jobs", "function": step}
        task |= {"dir": str(STEPS), "params": json.dumps(params), "seed": 7, "inputs": [], "files": []}
        task |= {"outputs": OUTPUTS, "out_dir": str(folder), "out_prefix": "attempt-"}
        body = encode(task | {"cpu_slots": 2, "memory_bytes": 1 << 33})
        plan, self.status = self._stage(step, body)
        while plan is not None:
            self.rounds += 1
            spread = Spread(step, body, plan, 2)
            while spread.waiting and spread.failed is None:
                part = spread.waiting.pop()
                written = whole(forks.follow(str(server), spread.name_of(part), spread.body_of(part)))
                self.log += written["log"]
                self.told += spread.take(part, written["last"], written["status"])
            if spread.failed is not None:
                self.told.append(spread.failed)
                spread.clear()
                return
            plan, self.status = self._stage(step, spread.gather())

    def _stage(self, name: str, body: bytes) -> tuple[dict[str, Any] | None, int | None]:
        plan, status = None, None
        for piece in without_plan(forks.follow(str(self.server), name, body, spread=True)):
            self.told += self.frames.add(piece.get("events", b""))
            self.log += piece.get("log", b"")
            plan, status = piece.get("plan", plan), piece.get("status", status)
        return plan, status


def test_jobs_sent_as_tasks_give_the_same(server: Path, tmp_path: Path) -> None:
    sent = Sent(server, tmp_path, "rounds", {})
    assert (sent.rounds, sent.status) == (2, 0), sent.log
    expected, found = by_plain_call(), value(sent.told[-1])
    assert found.pop("pids") == 7
    expected.pop("pids")
    # What is drawn after the jobs hangs on the seed as well, but each stage has its own generators.
    assert found == expected
    log = sent.log.decode()
    assert [log.count(word) for word in ("before", "between", "after")] == [1, 1, 1], log
    assert sorted(line for line in log.splitlines() if line.startswith("job")) == [f"job {n}" for n in range(7)]
    told = [frame for frame in sent.told if frame["t"] == "progress"]
    assert [(frame["fraction"], frame["message"]) for frame in told[:2]] == [
        (0.1, "before"),
        (1 / 14, "1 of 7 squares"),
    ]
    assert (told[-1]["fraction"], told[-1]["message"]) == (1, "3 of 3 sums")
    assert sorted(frame["value"] for frame in sent.told if frame["t"] == "metric") == [n * n for n in range(7)]
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.parametrize(("how", "kind", "words"), CASES)
def test_a_job_sent_as_a_task_that_fails(server: Path, tmp_path: Path, how: str, kind: str, words: str) -> None:
    kept = value(Sent(server, tmp_path, "some_fail", {"how": how, "keep": True}).told[-1])
    assert kept[:2] + kept[3:] == [0, 1, 3, 4]
    assert kept[2][0] == kind
    assert words in kept[2][1]
    last = Sent(server, tmp_path, "some_fail", {"how": how, "keep": False}).told[-1]
    assert (last["t"], last["kind"]) == ("failed", kind)
    assert f"3 of 5 tries: {words}" in last["message"]
    assert list(tmp_path.iterdir()) == []


def test_jobs_that_are_others_each_time_are_refused(server: Path, tmp_path: Path) -> None:
    last = Sent(server, tmp_path, "unsteady", {}).told[-1]
    assert last["kind"] == "refused", last
    assert "when it was run again" in last["message"]
    assert "the seed" in last["hint"]
