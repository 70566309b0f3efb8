"""A task whose pieces are sent as tasks of their own, as the pool on a cluster sends them: here to one fork server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from suanzi.pool import forks
from suanzi.pool.spreading import Frames, Spread, whole, without_plan
from suanzi.worker.protocol import encode

ROWS = 8
SOURCE = Path(__file__).with_name("steps") / "cut.py"


def stored(folder: Path, rows: int, name: str) -> dict[str, Any]:
    """An input: a table with a gap late and texts late."""
    content = pa.table(
        {
            "n": range(rows),
            "gaps": pa.array([None if i == rows - 2 else i for i in range(rows)], pa.int32()),
            "名": pa.array([None if i < rows // 2 else f"値{i}" for i in range(rows)]),
        }
    )
    with pa.OSFile(f"{folder}/{name}.arrow", "wb") as sink, pa.ipc.new_file(sink, content.schema) as writer:
        writer.write_table(content)
    return {"name": name, "type": "data", "path": f"{folder}/{name}.arrow"}


def task_of(folder: Path, step: str, rows: int, params: dict[str, Any], outputs: list[dict[str, str]]) -> bytes:
    operators = folder / f"operators-{rows}"
    operators.mkdir(exist_ok=True)
    (operators / "cut.py").write_text(SOURCE.read_text("utf-8").replace("ROWS = 1000", f"ROWS = {rows}"), "utf-8")
    return encode(
        {
            "t": "task",
            "id": 1,
            "run_id": "test/1",
            "operator_id": step,
            "module": "cut",
            "function": step,
            "dir": str(operators),
            "params": json.dumps(params),
            "seed": 7,
            "inputs": [stored(folder, 20, "data"), *([stored(folder, 3, "other")] if step == "computed" else [])],
            "outputs": outputs,
            "files": [],
            "out_dir": str(folder),
            "out_prefix": "attempt-",
            "cpu_slots": 2,
            "memory_bytes": None,
        }
    )


def follow(server: Path, name: str, body: bytes, *, spread: bool) -> tuple[list[dict[str, Any]], Any, str]:
    """Frames, the plan if there is one, and the log."""
    frames, told, log, plan = Frames(), [], b"", None
    for piece in without_plan(forks.follow(str(server), name, body, spread=spread)):
        told += frames.add(piece.get("events", b""))
        log += piece.get("log", b"")
        plan = piece.get("plan", plan)
    return told, plan, log.decode()


def run(server: Path, folder: Path, step: str, params: Any, outputs: list[dict[str, str]]) -> list[dict[str, Any]]:
    """All stages; the frames that an engine would see."""
    body = task_of(folder, step, ROWS, params, outputs)
    told, plan, _ = follow(server, "a", body, spread=True)
    assert plan is not None, told
    spread = Spread("a", body, plan, 2)
    for piece in reversed(spread.pieces):  # in whatever order they end
        found = whole(forks.follow(str(server), spread.name_of(piece), spread.body_of(piece)))
        told += spread.take(piece, found["last"], found["status"])
    if spread.failed is not None:
        spread.clear()
        return [*told, spread.failed]
    last, nothing, log = follow(server, "a", spread.gather(), spread=True)
    assert nothing is None
    assert "3 pieces of up to 8 rows, 2 at a time; the largest process had" in log
    return told + last


def read(path: str) -> pa.Table:
    with pa.memory_map(path) as source:
        return pa.ipc.open_file(source).read_all().combine_chunks()


@pytest.mark.parametrize("step", ["computed", "mean"])
def test_stages_give_what_one_process_gives(server: Path, tmp_path: Path, step: str) -> None:
    names = {"computed": ["kept", "types"], "mean": ["metrics"]}[step]
    outputs = [{"name": name, "type": "metrics" if name == "metrics" else "data"} for name in names]
    params = {"least": 5} if step == "computed" else {"digits": 3}
    (one,), plan, _ = follow(server, "w", task_of(tmp_path, step, 10**6, params, outputs), spread=True)
    assert plan is None, "a table that is one piece stays where it is"
    expected = [read(output["path"]) if "path" in output else output["inline"] for output in one["outputs"]]
    frames = run(server, tmp_path, step, params, outputs)
    assert [frame["t"] for frame in frames] == ["progress"] * 3 + ["result"]
    assert [frame["message"] for frame in frames[:3]] == [f"{n} of 3 pieces" for n in (1, 2, 3)]
    result = frames[-1]
    found = [read(output["path"]) if "path" in output else output["inline"] for output in result["outputs"]]
    assert found[0] == expected[0]
    assert result["usage"]["peak_rss_bytes"] > 1 << 20
    assert [name for name in os.listdir(tmp_path) if "piece-" in name] == []


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("raise", "exception", "piece 2 of 3 (rows 9 to 16): ValueError: no good"),
        ("exit", "exited_without_result", "piece 2 of 3 (rows 9 to 16): its process exited with status 3"),
        ("kill", "out_of_memory", "piece 2 of 3 (rows 9 to 16): its process was killed"),
    ],
)
def test_a_piece_that_fails_is_named(server: Path, tmp_path: Path, how: str, kind: str, words: str) -> None:
    outputs = [{"name": "data", "type": "data"}]
    failed = run(server, tmp_path, "poisoned", {"how": how, "at": 10}, outputs)[-1]
    assert (failed["t"], failed["kind"], failed["message"]) == ("failed", kind, words)
    assert {"id", "hint", "traceback", "usage", "retire"} <= failed.keys()
    assert [name for name in os.listdir(tmp_path) if "piece-" in name] == []


def test_frames_come_whole_whatever_the_cuts() -> None:
    data = b"".join(encode({"t": "x", "n": n, "data": b"x" * n}) for n in (0, 5, 300))
    for size in (1, 3, 7, 1000):
        frames = Frames()
        found = [frame for at in range(0, len(data), size) for frame in frames.add(data[at : at + size])]
        assert [frame["n"] for frame in found] == [0, 5, 300]
