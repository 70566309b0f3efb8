"""Separated engines, and a platform over HTTP, that share no directory: all that goes between them are objects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import BUCKET, KEY, ROOT, S3, SECRET, SEED, Process, end, environment, figures, run, suanzi


def secret(place: Path) -> Path:
    path = place / "secret"
    path.write_text("0123456789abcdef0123456789abcdef0123456789")
    path.chmod(0o600)
    return path


@pytest.fixture
def engines(s3: S3, tmp_path: Path) -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in reversed(started):
        process.end()


def operator_engine(s3: S3, place: Path, number: int, url: str) -> Process:
    home = place / f"operators-{number}"
    env = environment(home, s3, SUANZI_ARTIFACTS=url)
    at = ["--host", f"127.0.0.{number}", "--port", "0", "--name", f"worker-{number}", "--workers", "2"]
    return Process(env, place / f"said-{number}", "operator-engine", "--secret-file", place / "secret", *at)


def test_separated_engines_share_objects_alone(
    s3: S3, credit: Path, wanted: dict, tmp_path: Path, engines: list[Process]
) -> None:
    url = f"s3://{BUCKET}/separated"
    word = secret(tmp_path)
    for number in (2, 3):
        engines.append(operator_engine(s3, tmp_path, number, url))
    home = tmp_path / "dag"
    env = environment(home, s3, SUANZI_ARTIFACTS=url)
    members = [part for one in engines for part in ("--operator-engine", str(one.address()))]
    engines.append(Process(env, tmp_path / "said-dag", "dag-engine", "--secret-file", word, "--port", "0", *members))
    s3.gate.forget()
    report = run(env, SEED, "--dataset", f"40={credit}")
    assert figures(report) == wanted
    objects = s3.objects("separated")
    sent = [name for name in objects if name.startswith("files/")]
    assert len(sent) == 1 and sent[0].endswith("/credit.csv"), "the data set's file lies there once"
    outputs = {
        out["path"].removeprefix(f"{url}/"): out["bytes"]
        for one in report["operators"]
        for out in one["outputs"]
        if out.get("path")
    }
    assert {name: size for name, size in objects.items() if name in outputs} == outputs
    assert s3.gate.count("PUT", "worker") + s3.gate.count("POST", "worker") >= len(outputs)
    assert s3.gate.count("PUT", "engine") == 1, "the data set's file alone"
    assert s3.gate.count("GET", "worker") > 0
    # Each host has its own copies, and reads its own copy of the data set.
    folders = [one.home / "operator-engines" for one in engines[:2]]
    for what in ("*.arrow", "credit.csv"):
        assert any(found for folder in folders for found in folder.rglob(what)), what

    # The dag engine shows what operator engines made.
    read = next(one for one in report["operators"] if one["outputs"] and one["outputs"][0].get("rows"))
    place = f"/runs/{report['run_id']}/tasks/{read['id']}/outputs/0"
    api = engines[-1].api()
    assert api.json("GET", f"{place}/rows?limit=3")["total_rows"] == read["outputs"][0]["rows"]
    assert api.json("GET", place)["statistics"]["columns"]

    # One that keeps its artifacts elsewhere is not taken.
    other = operator_engine(s3, tmp_path, 4, f"s3://{BUCKET}/elsewhere")
    engines.append(other)
    env = environment(tmp_path / "another", s3, SUANZI_ARTIFACTS=f"s3://{BUCKET}/another")
    found = suanzi(
        env, "dag-engine", "--secret-file", word, "--port", "0", "--operator-engine", str(other.address()), code=2
    )
    assert "keeps artifacts in s3://artifacts/elsewhere, not in s3://artifacts/another" in found.stderr


def test_an_operator_engine_says_at_its_start_what_cannot_be_used(s3: S3, tmp_path: Path) -> None:
    word = secret(tmp_path)
    for changes, words in (
        ({"AWS_SECRET_ACCESS_KEY": "guess"}, "SignatureDoesNotMatch"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "can't be reached"),
        ({"SUANZI_ARTIFACTS": "s3://no-such-bucket"}, "no such bucket"),
    ):
        env = environment(tmp_path / "home", s3, **{"SUANZI_ARTIFACTS": f"s3://{BUCKET}/x", **changes})
        found = suanzi(env, "operator-engine", "--secret-file", word, "--port", "0", code=2)
        assert words in found.stderr and "hint: " in found.stderr, found.stderr


@pytest.fixture
def platform(s3: S3, tmp_path: Path) -> Iterator[str]:
    """The reference platform, with credentials of its own and a folder of copies of its own."""
    env = environment(tmp_path, s3, SUANZI_COPIES=str(tmp_path / "copies"))
    program = [sys.executable, ROOT / "tests/platform/platform.py", tmp_path / "platform", sys.executable]
    process = subprocess.Popen(program, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().decode().strip()}"
    end(process)
    process.stdout.close()


def test_a_platform_needs_no_directory_either(
    s3: S3, credit: Path, wanted: dict, tmp_path: Path, platform: str
) -> None:
    url = f"s3://{BUCKET}/platform"
    home = tmp_path / "home"
    home.mkdir()
    (home / "executors.json").write_text(json.dumps({"http": {"type": "http", "url": platform, "slots": 2}}))
    env = environment(home, s3, SUANZI_ARTIFACTS=url)
    report = run(env, SEED, "--dataset", f"40={credit}", "--executor", "http")
    assert figures(report) == wanted
    assert any((tmp_path / "copies").rglob("*.arrow")) and any((tmp_path / "copies").rglob("credit.csv"))
    objects = s3.objects("platform")
    outputs = [out for one in report["operators"] for out in one["outputs"] if out.get("path")]
    assert outputs and all(objects[out["path"].removeprefix(f"{url}/")] == out["bytes"] for out in outputs)
    said = subprocess.run(["grep", "-rl", "-e", SECRET, "-e", KEY, tmp_path], capture_output=True, text=True)
    assert said.stdout == "", "no file holds what the store is asked with"
