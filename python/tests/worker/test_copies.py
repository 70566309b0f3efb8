"""The folder of copies of a store's objects."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from suanzi.worker import copies
from suanzi.worker.objects import Elsewhere, Objects


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000", 1000),
        ("2k", 2 << 10),
        ("500MiB", 500 << 20),
        ("1.5GB", 3 << 29),
        (None, copies.DEFAULT_BYTES),
        ("", copies.DEFAULT_BYTES),
        ("much", copies.DEFAULT_BYTES),
    ],
)
def test_sizes(text: str | None, expected: int) -> None:
    assert copies.limit_bytes(text) == expected


def test_the_least_recently_used_go_and_what_is_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for name, age in (("old", 5_000), ("older", 9_000), ("used", 9_500), ("young", 5), ("kept.preview.arrow", 9_999)):
        path = tmp_path / "run" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (now - age, now - age))
    changed = (tmp_path / "run/used").stat().st_mtime_ns
    copies.used(str(tmp_path / "run/used"))
    assert (tmp_path / "run/used").stat().st_mtime_ns == changed
    monkeypatch.setenv(copies.SIZE, "300")
    assert copies.make_room(str(tmp_path), now=now) == 1
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["kept.preview.arrow", "old", "used", "young"]
    monkeypatch.setenv(copies.SIZE, "1")
    assert copies.make_room(str(tmp_path), now=now + 1) == 0, "it was looked at a moment ago"
    assert copies.make_room(str(tmp_path), now=now + copies.LOOK_SECONDS) == 1
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["kept.preview.arrow", "used", "young"]


def test_paths_are_moved_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUANZI_COPIES", str(tmp_path / "copies"))
    task = {
        "objects": {"url": "s3://b/p", "root": "/home/a", "files": [["data_id", "files/ab/40.csv"]]},
        "out_dir": "/home/a/run-1",
        "inputs": [{"path": "/home/a/run-1/0-t.arrow"}, {"inline": b"{}"}, {"path": "/elsewhere/x"}],
        "files": [["data_id", "/data/40.csv"], ["other", "/data/41.csv"]],
    }
    elsewhere = Elsewhere(task)
    elsewhere.take(task)
    here = Path(elsewhere.here)
    assert here.parent == tmp_path / "copies"
    assert task["out_dir"] == str(here / "run-1") and task["objects"]["root"] == str(here)
    assert [item.get("path") for item in task["inputs"]] == [str(here / "run-1/0-t.arrow"), None, "/elsewhere/x"]
    assert task["files"] == [("data_id", str(here / "files/ab/40.csv")), ("other", "/data/41.csv")]
    frame = elsewhere.give({"t": "result", "outputs": [{"path": str(here / "run-1/1-m.pkl")}, {"inline": b""}]})
    assert frame["outputs"][0]["path"] == "/home/a/run-1/1-m.pkl"
    assert elsewhere.give({"t": "failed"}) == {"t": "failed"}


def test_a_folder_of_copies_that_others_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("SUANZI_COPIES", str(tmp_path / "open"))
    with pytest.raises(Exception, match="others may write there"):
        Elsewhere({"objects": {"url": "s3://b", "root": "/a"}})


def test_tasks_without_a_store_know_none() -> None:
    assert Objects.of({"inputs": []}) is None
