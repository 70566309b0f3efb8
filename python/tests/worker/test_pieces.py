"""Operators given their table in pieces: the same result as at once, whatever the pieces and however many at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from conftest import Engine, Worker

WAIT_SECONDS = 60
WHOLE = 10**9
SOURCE = Path(__file__).with_name("steps") / "cut.py"


def table(rows: int) -> pa.Table:
    """Columns whose types in pandas hang on whether there are gaps, most of which begin late."""
    n = np.arange(rows)
    late = [None if i % 7 == 6 and i > rows // 2 else i for i in range(rows)]
    return pa.table(
        {
            "n": n,
            "gaps": pa.array(late, pa.int32()),
            "flag": pa.array([None if v is None else v % 2 == 0 for v in late]),
            "名": pa.array([None if i < rows // 3 else f"値{i % 5}" for i in range(rows)]),
            "day": pa.array([None if i % 4 == 3 else i for i in range(rows)], pa.date32()),
            "class": pa.array([f"c{i % 3}" for i in range(rows)]).dictionary_encode(),
            "none": pa.nulls(rows),
        }
    )


def long_integers(rows: int) -> pa.Table:
    """Those that floats can't hold, with a gap, all in the last rows."""
    return table(rows).append_column("long", pa.array([2**60 + i if i else None for i in range(rows)][::-1]))


def stored(folder: Path, content: pa.Table, name: str = "data") -> dict[str, Any]:
    path = folder / f"{name}-{content.num_rows}-{content.num_columns}.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, content.schema) as writer:
        writer.write_table(content)
    return {"name": name, "type": "data", "path": str(path)}


OUTPUTS = {
    "computed": [{"name": "kept", "type": "data"}, {"name": "types", "type": "data"}],
    "mean": [{"name": "metrics", "type": "metrics"}],
    "unpicklable": [{"name": "any", "type": "any"}],
}


def run(
    worker: Worker, step: str, rows: int, inputs: list[dict[str, Any]], params: Any = None, **changes: Any
) -> dict[str, Any]:
    """The frame that ends the task; pieces have so many rows."""
    folder = worker.log.parent / f"cut-{rows}"
    if not folder.exists():
        folder.mkdir()
        source = SOURCE.read_text("utf-8")
        (folder / "cut.py").write_text(source.replace("ROWS = 1000", f"ROWS = {rows}"), "utf-8")
    outputs = OUTPUTS.get(step, [{"name": "data", "type": "data"}])
    task = {"module": "cut", "dir": str(folder), "inputs": inputs, "outputs": outputs, **changes}
    return worker.run(step, params or {}, **task)


def read(frame: dict[str, Any]) -> list[Any]:
    assert frame["t"] == "result", frame
    values = []
    for output in frame["outputs"]:
        if "inline" in output:
            values.append(json.loads(output["inline"]))
            continue
        with pa.memory_map(output["path"]) as source:
            found = pa.ipc.open_file(source).read_all()
        assert output["rows"] == found.num_rows
        values.append(found.combine_chunks())
    return values


def files(engine: Engine) -> set[str]:
    return {name for name in os.listdir(engine.folder) if "piece-" in name}


@pytest.mark.parametrize("content", [table(0), table(1), table(20), long_integers(20)], ids=lambda t: str(t.shape))
@pytest.mark.parametrize("step", ["same", "same_arrow", "computed", "mean", "by_name"])
def test_pieces_give_what_the_whole_gives(
    engine: Engine, worker: Worker, tmp_path: Path, content: pa.Table, step: str
) -> None:
    inputs = [stored(tmp_path, content)]
    if step == "computed":
        inputs.append(stored(tmp_path, table(3), "other"))
    params = {"computed": {"least": 5}, "mean": {"digits": 3}}.get(step)
    whole = read(run(worker, step, WHOLE, inputs, params))
    for rows, slots in ((3, 3), (7, 1), (19, 2)):
        found = read(run(worker, step, rows, inputs, params, cpu_slots=slots))
        if step == "computed":  # the types that the function saw, once for each piece
            assert set(found.pop().column("type").to_pylist()) == set(whole[1].column("type").to_pylist())
        assert found == whole[: len(found)], (rows, slots)
    assert files(engine) == set()


def test_many_rows_in_few_pieces_by_default(worker: Worker, tmp_path: Path) -> None:
    from suanzi.worker import pieces

    assert pieces.default_rows(pa.table({"x": pa.array([1, 2])})) == pieces.PIECE_ROWS
    wide = pa.table({"x": [b"x" * (1 << 20)] * 200})
    assert pieces.default_rows(wide) == 127
    assert pieces.default_rows(wide.slice(0, 0)) == pieces.PIECE_ROWS


def test_progress_metrics_log_and_usage_of_pieces(engine: Engine, worker: Worker, tmp_path: Path) -> None:
    frames: list[dict[str, Any]] = []
    receive = worker.receive

    def kept() -> dict[str, Any]:
        frames.append(receive())
        return frames[-1]

    worker.receive = kept  # type: ignore[method-assign]
    ended = run(worker, "told", 20, [stored(tmp_path, table(50))], cpu_slots=2)
    progress = [(frame["fraction"], frame["message"]) for frame in frames if frame["t"] == "progress"]
    assert progress == [(1 / 3, "1 of 3 pieces"), (2 / 3, "2 of 3 pieces"), (1, "3 of 3 pieces")]
    assert [frame["value"] for frame in frames if frame["t"] == "metric"] == [0, 20, 40]
    log = worker.log_of(ended).decode()
    assert sorted(line for line in log.splitlines() if line.startswith("rows")) == [
        f"rows from {n}" for n in (0, 20, 40)
    ]
    assert "3 pieces of up to 20 rows, 2 at a time; the largest process had" in log
    assert ended["usage"]["peak_rss_bytes"] > 1 << 20
    assert ended["retire"] is None


@pytest.mark.parametrize(
    ("how", "kind", "words"),
    [
        ("raise", "exception", "piece 3 of 5 (rows 21 to 30): ValueError: no good"),
        ("refuse", "refused", "piece 3 of 5 (rows 21 to 30): column 'n' is no good"),
        ("exit", "exited_without_result", "piece 3 of 5 (rows 21 to 30): its process exited with status 3"),
        ("kill", "out_of_memory", "piece 3 of 5 (rows 21 to 30): its process was killed"),
        ("memory", "out_of_memory", "piece 3 of 5 (rows 21 to 30): MemoryError"),
        ("columns", "bad_output", "piece 3 of 5 (rows 21 to 30) has other columns than the pieces before it; "),
        ("types", "bad_output", "column 'n' of output 'data': piece 3 of 5 (rows 21 to 30) has "),
    ],
)
def test_a_piece_that_fails_is_named(
    engine: Engine, worker: Worker, tmp_path: Path, how: str, kind: str, words: str
) -> None:
    inputs = [stored(tmp_path, table(50))]
    frame = run(worker, "poisoned", 10, inputs, {"how": how, "at": 25}, cpu_slots=2, memory_bytes=1 << 33)
    assert (frame["t"], frame["kind"]) == ("failed", kind), frame
    assert words in frame["message"]
    assert (frame["traceback"] is not None and "in poisoned" in frame["traceback"]) == (how in ("raise", "memory"))
    assert files(engine) == set()
    assert read(run(worker, "poisoned", 10, inputs, {"how": how, "at": -1}))[0].num_rows == 50


def test_results_that_cannot_travel_are_refused(worker: Worker, tmp_path: Path) -> None:
    inputs = [stored(tmp_path, table(50))]
    frame = run(worker, "unpicklable", 10, inputs)
    assert (frame["t"], frame["kind"]) == ("failed", "bad_output"), frame
    assert "piece 1 of 5 (rows 1 to 10): what unpicklable returned for a piece (Unpicklable)" in frame["message"]


def test_pieces_end_with_their_worker(engine: Engine, tmp_path: Path) -> None:
    worker = engine.fork()
    number = engine.count
    folder = tmp_path / "cut"
    folder.mkdir()
    (folder / "cut.py").write_text(SOURCE.read_text("utf-8").replace("ROWS = 1000", "ROWS = 10"), "utf-8")
    where = tmp_path / "pids"
    where.mkdir()
    task = engine.task("stay", {"where": str(where)})
    task |= {"module": "cut", "dir": str(folder), "inputs": [stored(tmp_path, table(50))], "cpu_slots": 2}
    worker.channel.send(task)
    engine.kill_with_forks(worker, number, where, 2)
