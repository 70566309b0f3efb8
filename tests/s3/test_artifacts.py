"""Artifacts on an S3 server in one process: results are a directory's, workers write them, none is half there."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
from pathlib import Path

import pytest
from world import BUCKET, KEY, PROGRAM, S3, SECRET, SEED, Process, environment, figures, run, suanzi, wait

MARK = ".suanzi-home"
WAITS = """dag:
 name: waits
 operator_list: [read, pause, fit]
 operator_rels:
  read: [{target: pause, source_index: 0, target_index: 0}]
  pause: [{target: fit, source_index: 0, target_index: 0}]
 operator_details:
  read: {algo_name: algo_local_read_file, params: {data_id: 40}}
  pause: {algo_name: pass_on, params: {place: "PLACE"}}
  fit: {algo_name: algo_local_model_2c_l, params: {x_cols: [AGE, PAY_0], y_col: next_month, pre_value: 1, C: 1}}
"""
OPERATOR = '''"""An operator that says when it begins, and goes on when it is told."""

import time
from pathlib import Path
from typing import Annotated

from suanzi.sdk import Param, Table, operator


@operator(name_en="Pass on", name_zh="原样", category="other")
def pass_on(data: Table, *, place: Annotated[str, Param(help_en="A folder.", help_zh="目录。")]) -> Table:
    """Gives what it was given."""
    Path(place, "begun").touch()
    while not Path(place, "go").exists():
        time.sleep(0.01)
    return data
'''


def at(prefix: str) -> str:
    return f"s3://{BUCKET}/{prefix}"


def named(report: dict, prefix: str) -> dict[str, int]:
    """The objects that a report names, and their sizes."""
    outputs = [out for one in report["operators"] for out in one["outputs"] if out.get("path")]
    assert outputs
    return {out["path"].removeprefix(f"{at(prefix)}/"): out["bytes"] for out in outputs}


def test_a_run_is_that_of_a_directory_and_workers_write_it(s3: S3, credit: Path, wanted: dict, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", s3, SUANZI_ARTIFACTS=at("one"))
    s3.gate.forget()
    report = run(env, SEED, "--dataset", f"40={credit}")
    assert figures(report) == wanted
    objects = s3.objects("one")
    objects.pop(MARK)
    assert objects == named(report, "one"), "each object is named, and each that is named is there"
    assert s3.gate.count("PUT", "worker") + s3.gate.count("POST", "worker") >= len(objects)
    assert s3.gate.count("PUT", "engine") == 1, "the engine writes the mark alone"
    assert s3.gate.count("GET", "worker") == 0, "what was made here isn't fetched"

    # The home remembers where they lie, and kept results are found there.
    s3.gate.forget()
    again = run(environment(tmp_path / "home", s3), SEED, "--dataset", f"40={credit}")
    assert again["metrics"] == report["metrics"]
    assert all(one["cached"] for one in again["operators"])
    assert s3.gate.count("PUT", "worker") + s3.gate.count("POST", "worker") == 0

    # Without copies, workers read what they need.
    shutil.rmtree(tmp_path / "home/artifacts")
    last = next(iter(report["metrics"]))
    again = run(environment(tmp_path / "home", s3), SEED, "--dataset", f"40={credit}", "--only", last)
    assert again["metrics"] == report["metrics"]
    assert s3.gate.count("GET", "worker") > 0

    doctor = suanzi(env, "doctor", code=None)
    assert f"✓ artifacts    {at('one')}" in doctor.stdout
    s3.gate.close()
    doctor = suanzi(env, "doctor", code=1)
    assert "✗ artifacts" in doctor.stdout and "AWS_ENDPOINT_URL" in doctor.stdout
    s3.gate.open()

    secret = subprocess.run(["grep", "-rl", "-e", SECRET, tmp_path], capture_output=True, text=True)
    assert (secret.returncode, secret.stdout) == (1, ""), "no file holds the secret"


def test_what_is_served_comes_from_objects_and_collection_removes_them(s3: S3, credit: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = environment(home, s3, SUANZI_ARTIFACTS=at("shown"))
    report = run(env, SEED, "--dataset", f"40={credit}")
    run_id = report["run_id"]
    operator, port, rows = next(
        (one["id"], out["port"], out["rows"])
        for one in report["operators"]
        for out in one["outputs"]
        if out["type"] == "data"
    )
    place = f"/runs/{run_id}/tasks/{operator}/outputs/{port}"
    server = Process(env, tmp_path / "served", "serve", "--port", "0")
    try:
        api = server.api()
        before = [api.json("GET", f"{place}/rows?limit=5"), api.send("GET", f"/api/v1{place}/download?format=csv")]
        assert before[0]["total_rows"] == rows
        assert api.json("GET", place)["statistics"]["columns"]
        shutil.rmtree(home / "artifacts")
        s3.gate.forget()
        assert api.json("GET", f"{place}/rows?limit=5") == before[0]
        assert s3.gate.count("GET", "engine") == 1
        assert api.send("GET", f"/api/v1{place}/download?format=csv") == before[1]
        assert s3.gate.count("GET", "engine") == 1, "the copy is kept"
        # Gone, and its copy too: one clear answer, and no hanging.
        shutil.rmtree(home / "artifacts")
        s3.gate.close()
        with pytest.raises(urllib.error.HTTPError) as refused:
            api.json("GET", f"{place}/rows?limit=5")
        words = refused.value.read().decode()
        assert refused.value.code >= 500 and at("shown") in words and "can't be reached" in words
        s3.gate.open()
        assert api.json("GET", f"{place}/rows?limit=5") == before[0]
    finally:
        server.end()

    suanzi(env, "cache", "clear")
    assert set(s3.objects("shown")) == {MARK}
    server = Process(env, tmp_path / "served-again", "serve", "--port", "0")
    try:
        kept = server.api().json("GET", f"{place}/rows?limit=5")
        assert kept["evicted"] and kept["rows"] == before[0]["rows"]
    finally:
        server.end()
    again = run(env, SEED, "--dataset", f"40={credit}")
    assert again["metrics"] == report["metrics"]


@pytest.mark.parametrize(
    ("url", "changes", "words", "hint"),
    [
        ("gs://artifacts/x", {}, "s3://BUCKET/PREFIX", "--artifacts"),
        ("s3://user:word@artifacts", {}, "the name of a bucket", "--artifacts"),
        ("s3://artifacts/../x", {}, "prefix", "--artifacts"),
        ("s3://no-such-bucket/x", {}, "no such bucket", "no-such-bucket"),
        (at("wrong"), {"AWS_ACCESS_KEY_ID": "somebody"}, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (at("wrong"), {"AWS_SECRET_ACCESS_KEY": "guess"}, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        (at("wrong"), {"AWS_SECRET_ACCESS_KEY": None}, "needs credentials", "AWS_SECRET_ACCESS_KEY"),
        (at("wrong"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "can't be reached", "AWS_ENDPOINT_URL"),
        (at("wrong"), {"AWS_ENDPOINT_URL": "127.0.0.1:9000"}, "AWS_ENDPOINT_URL", "docs/guide"),
        (at("wrong"), {"SUANZI_ISOLATION": "namespaced"}, "isolation namespaced", "--isolation plain"),
    ],
)
def test_what_cannot_be_used_is_said_at_the_start(
    s3: S3, credit: Path, tmp_path: Path, url: str, changes: dict, words: str, hint: str
) -> None:
    env = environment(tmp_path, s3, **changes)
    for verb in (["run", SEED, "--dataset", f"40={credit}"], ["serve", "--port", "0"]):
        found = suanzi(env, *verb, "--artifacts", url, code=2)
        lines = found.stderr.splitlines()
        assert [line.split(":")[0] for line in lines[-2:]] == ["error", "hint"], found.stderr
        assert words in lines[-2] and hint in lines[-1], found.stderr
        assert found.stdout == ""


def test_results_are_where_they_were_made(s3: S3, credit: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "a", s3)
    run(env, SEED, "--dataset", f"40={credit}", "--artifacts", at("mine"))
    found = suanzi(env, "run", SEED, "--dataset", f"40={credit}", "--artifacts", at("other"), code=2)
    assert "lie in s3://artifacts/mine" in found.stderr and "cache clear" in found.stderr
    found = suanzi(env, "run", SEED, "--dataset", f"40={credit}", "--artifacts", "home", code=2)
    assert "lie in s3://artifacts/mine" in found.stderr
    other = environment(tmp_path / "b", s3)
    found = suanzi(other, "run", SEED, "--dataset", f"40={credit}", "--artifacts", at("mine"), code=2)
    assert "another home" in found.stderr and "prefix of its own" in found.stderr
    suanzi(env, "cache", "clear")
    report = run(env, SEED, "--dataset", f"40={credit}", "--artifacts", "home")
    assert report["operators"][0]["outputs"][0]["path"].startswith(str(tmp_path / "a"))
    assert set(s3.objects("mine")) == {MARK}


class Waiting:
    """A run whose second operator waits to be told to go on."""

    def __init__(self, env: dict[str, str], place: Path, credit: Path, name: str) -> None:
        self.place = place / name
        (self.place / "own").mkdir(parents=True)
        (self.place / "own/pass_on.py").write_text(OPERATOR)
        dag = self.place / "waits.yaml"
        dag.write_text(WAITS.replace("PLACE", str(self.place)))
        self.arguments = [dag, "--operators", self.place / "own", "--dataset", f"40={credit}", "--json"]
        self.env = env
        self.process = subprocess.Popen(
            [PROGRAM, "run", *self.arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait(lambda: self.begun() or self.process.poll() is not None, 60, "the operator begins")
        assert self.begun(), self.process.communicate()

    def begun(self) -> bool:
        return (self.place / "begun").exists()

    def go(self) -> None:
        (self.place / "go").touch()

    def ended(self, code: int) -> tuple[str, str]:
        out, said = self.process.communicate(timeout=90)
        assert self.process.returncode == code, out + said
        assert KEY not in out + said and SECRET not in out + said
        return out, said


def test_a_store_that_is_away_for_a_while_costs_time_alone(s3: S3, credit: Path, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", s3, SUANZI_ARTIFACTS=at("away"))
    waiting = Waiting(env, tmp_path, credit, "one")
    s3.gate.close()
    waiting.go()
    time.sleep(3)
    assert waiting.process.poll() is None
    s3.gate.open()
    report = json.loads(waiting.ended(0)[0])
    assert report["status"] == "success"
    objects = s3.objects("away")
    objects.pop(MARK)
    assert objects == named(report, "away")


@pytest.mark.parametrize(
    ("fault", "words"),
    [("deny", "refuses (ACCESS_DENIED)"), ("close", "doesn't answer (NETWORK_CONNECTION)")],
)
def test_a_store_that_is_lost_in_the_middle_ends_the_run_with_the_reason(
    s3: S3, credit: Path, tmp_path: Path, fault: str, words: str
) -> None:
    prefix = f"lost-{fault}"
    env = environment(tmp_path / "home", s3, SUANZI_ARTIFACTS=at(prefix), SUANZI_ARTIFACTS_WAIT="1")
    waiting = Waiting(env, tmp_path, credit, "one")
    # What was made before is told durable first, for which the engine asks the store.
    wait(lambda: s3.gate.count("HEAD", "engine"), 30, "the first result is seen to be there")
    s3.gate.forget()
    if fault == "deny":
        s3.gate.denies = {"PUT", "POST"}
    else:
        s3.gate.close()
    waiting.go()
    report = json.loads(waiting.ended(1)[0])
    ends = {one["id"]: one for one in report["operators"]}
    assert [ends[name]["status"] for name in ("read", "pause", "fit")] == ["success", "failed", "skipped"]
    why = ends["pause"]["error"]
    assert "can't be written" in why["message"] and words in why["message"] and why["hint"], why
    assert ends["pause"]["outputs"] == []

    s3.gate.denies = set()
    s3.gate.open()
    assert set(s3.objects(prefix)) == {MARK, *named({"operators": [ends["read"]]}, prefix)}, "nothing is half there"
    report = json.loads(suanzi(env, "run", *waiting.arguments).stdout)
    assert report["status"] == "success" and report["operators"][0]["cached"]
    sizes = s3.objects(prefix)
    assert all(sizes[name] == size for name, size in named(report, prefix).items())
