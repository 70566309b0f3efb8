"""The isolation profiles, tried as the engine tries them, by root and by nobody in particular."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from suanzi.worker.enclosure import _closed_ways, _is_below, _roots

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
WORKER = 61000


def home(folder: Path, owner: int, worker: int) -> Path:
    """As the engine lays it out, with the room of the worker that is tried."""
    made = folder / "home"
    for name in ("artifacts", "work/try/given", "work/try/room/out", "work/try/room/tmp", "work/try/room/home"):
        (made / name).mkdir(parents=True)
    (made / "suanzi.db").write_text("secret")
    if os.geteuid() == 0:
        for path in [made, *made.rglob("*")]:
            os.chown(path, owner, owner)
        for path in (made / "work/try/room").iterdir():
            os.chown(path, worker, worker)
    return made


def tried(python: str, home: Path, profile: str, trees: Sequence[str] = (), **command: Any) -> dict[str, Any]:
    setting = {
        "profile": profile,
        "hidden": [str(home)],
        "artifacts": str(home / "artifacts"),
        "room": str(home / "room"),
        "work": str(home / "work"),
        "trees": list(trees),
        "data": [],
        "uid": WORKER if profile == "service" else 0,
    }
    words = [python, "-P", "-m", "suanzi.worker.enclosure", json.dumps(setting)]
    environment = {"PYTHONPATH": str(PACKAGE_ROOT), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False, **command)
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def given_up(reason: str) -> None:
    """A skip, unless the kernel gives nobody here namespaces, as in many containers."""
    ways: list[list[str]] = [[], ["--user", "--map-root-user"]]
    for way in ways:
        if subprocess.run(["unshare", *way, "--mount", "true"], capture_output=True, check=False).returncode == 0:
            pytest.skip(reason)
    print(f"NOTE: this host's kernel gives no namespaces: {reason}")


def system_python() -> str:
    """One that every user can start: the environment's may lie in somebody's home."""
    found = shutil.which("python3", path="/usr/bin:/bin")
    if found is None:
        pytest.skip("there is no Python that other users can start")
    return found


def test_nobody_in_particular_has_namespaces_and_no_users(tmp_path_factory: pytest.TempPathFactory) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    folder = tmp_path_factory.mktemp("nobody")
    for parent in folder.parents[:2]:
        parent.chmod(0o711)
    folder.chmod(0o711)
    home_of_nobody = home(folder, NOBODY, NOBODY)
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    python = system_python()
    answer = tried(python, home_of_nobody, "namespaced", **other)
    if not answer["ok"] and "namespaces can't be made" in answer["reason"]:
        given_up(answer["reason"])
        return
    assert answer == {"ok": True}
    refused = tried(python, home_of_nobody, "service", **other)
    assert not refused["ok"]
    assert "only root" in refused["reason"]


def test_what_a_worker_cannot_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give workers users")
    answer = tried(sys.executable, home(tmp_path, 0, WORKER), "service")
    if not answer["ok"]:
        given_up(answer["reason"])
        return
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    refused = tried(sys.executable, tmp_path / "home", "service", trees=[str(closed)])
    assert str(closed) in refused["reason"]
    assert "chmod" in refused["hint"]


def test_ways_that_others_may_not_pass(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    inner.chmod(0o755)
    way = inner / "file"
    found = _closed_ways([str(way)], [])
    assert len(found) == 1
    assert _is_below(str(tmp_path / "closed"), found[0])
    assert _closed_ways([str(way)], found) == []


def test_folders_and_what_lies_in_them() -> None:
    assert _is_below("/a/b", "/a")
    assert _is_below("/a", "/a")
    assert not _is_below("/ab", "/a")
    assert _roots(["/a/b", "/a", "/ab", "/c/d"]) == ["/a", "/ab", "/c/d"]
