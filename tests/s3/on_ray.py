"""The seed's DAG on a Ray cluster whose nodes share no directory with the engine: see `make test-ray`."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

import pytest
from world import BUCKET, KEY, S3, SECRET, SEED, environment, figures, run

URL, TOKEN = os.environ.get("SUANZI_RAY_URL"), os.environ.get("SUANZI_RAY_TOKEN_FILE")


@pytest.mark.skipif(URL is None, reason="there is no cluster")
def test_nodes_of_a_cluster_need_no_directory(s3: S3, credit: Path, wanted: dict, tmp_path: Path) -> None:
    # The nodes were started with these; the endpoint comes with the tasks.
    assert (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]) == (KEY, SECRET)
    # Nodes keep copies by address: those of an earlier run must not stand for this one's.
    prefix = f"ray-{uuid.uuid4().hex[:12]}"
    url = f"s3://{BUCKET}/{prefix}"
    home = tmp_path / "home"
    home.mkdir()
    setting = {"type": "ray", "url": URL, "token_file": TOKEN, "slots": 4}
    (home / "executors.json").write_text(json.dumps({"ray": setting}))
    env = environment(home, s3, SUANZI_ARTIFACTS=url)
    report = run(env, SEED, "--dataset", f"40={credit}", "--executor", "ray")
    assert report["metrics"].keys() == wanted["metrics"].keys() and report["status"] == "success"
    objects = s3.objects(prefix)
    outputs = [out for one in report["operators"] for out in one["outputs"] if out.get("path")]
    assert outputs and all(objects[out["path"].removeprefix(f"{url}/")] == out["bytes"] for out in outputs)
    assert s3.gate.count("GET", "worker") > 0
    assert figures(report)["metrics"] == wanted["metrics"]
