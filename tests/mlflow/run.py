"""Runs that go to a real MLflow server, read back by MLflow's own client: parameters, figures, curves, the model.

Usage: run.py SUANZI, by an interpreter that has mlflow. The server is started late, so that what waits is seen too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "tests/api")]

import mlflow  # noqa: E402, the tests' folders come first
from clusters.alone import free_port  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from program import Server, finished  # noqa: E402

PATIENCE_S = 120
SECRET = "a-word-that-nobody-may-print"
MAKE = """
import numpy as np, pandas as pd
def run(*inputs, params):
    random = np.random.default_rng(7)
    a, b = random.normal(size=500), random.normal(size=500)
    return pd.DataFrame({"a": a, "b": b, "bad": ((a + b / 2 + random.normal(size=500)) > 0).astype("int64")})
"""
OPERATORS = {
    "make": ("python_script", {"code": MAKE}),
    "split": ("split", {}),
    "train": ("logistic_regression", {"y_col": "bad", "C": 0.5}),
    "predict": ("predict", {}),
    "judge": ("eval_binary", {"y_col": "bad"}),
    "keep": ("register_model", {"name": "credit"}),
}
EDGES = [
    ("make", 0, "split", 0),
    ("split", 0, "train", 0),
    ("train", 0, "predict", 0),
    ("split", 1, "predict", 1),
    ("predict", 0, "judge", 0),
    ("train", 0, "keep", 0),
    ("judge", 0, "keep", 1),
]


def source(name: str) -> str:
    relations: dict[str, list[dict[str, Any]]] = {}
    for start, out, end, into in EDGES:
        relations.setdefault(start, []).append({"target": end, "source_index": out, "target_index": into})
    details = {one: {"algo_name": kind, "params": params} for one, (kind, params) in OPERATORS.items()}
    return json.dumps(
        {
            "dag": {
                "name": name,
                "operator_list": list(OPERATORS),
                "operator_rels": relations,
                "operator_details": details,
            }
        }
    )


@contextmanager
def tracking_server(port: int, folder: Path) -> Iterator[None]:
    command = [str(Path(sys.executable).parent / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder)
        try:
            yield
        finally:
            # It doesn't always heed TERM, and nothing of it is kept.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def until(what: str, look: Callable[[], Any]) -> Any:
    began = time.monotonic()
    while not (found := look()):
        assert time.monotonic() - began < PATIENCE_S, f"{what} in {PATIENCE_S} s"
        time.sleep(0.1)
    return found


def served(program: Path, port: int, folder: Path) -> None:
    """A run whose server comes later waits, says why, and is sent once somebody answers."""
    server = Server(program)
    try:
        run = finished(server.api, {"source": source("credit")})

        def stands(state: str) -> Any:
            view = server.api.json("GET", f"/runs/{run}")
            assert view["status"] == "success", view
            shown = view.get("mlflow") or {}
            return shown if shown.get("state") == state else None

        waits = until("an attempt", lambda: (stands("waiting") or {}).get("reason") and stands("waiting"))
        assert f"127.0.0.1:{port} can't be reached" in waits["reason"], waits
        with tracking_server(port, folder):
            sent = until("a run that was sent", lambda: stands("sent"))
            assert "reason" not in sent, sent
            report = server.api.json("GET", f"/runs/{run}/report")
            model = server.api.send("GET", "/api/v1/models/credit/versions/1/download")
            read_back(port, run, sent["run_id"], report, model)
            commands(program, port)
        assert SECRET not in server.said(), server.said()
        assert "can't be reached" in server.said(), server.said()
    finally:
        server.end()


def read_back(port: int, run: str, run_id: str, report: dict[str, Any], model: bytes) -> None:
    mlflow.set_tracking_uri(f"http://127.0.0.1:{port}")
    client = MlflowClient()
    experiment = client.get_experiment_by_name("credit")
    runs = client.search_runs([experiment.experiment_id])
    assert [found.info.run_id for found in runs] == [run_id], runs
    found = runs[0]
    assert found.info.status == "FINISHED" and found.info.run_name == run
    assert found.data.tags["suanzi.run_id"] == run
    params = found.data.params
    assert (params["train.C"], params["train.y_col"], params["train.algo_name"]) == (
        "0.5",
        "bad",
        "logistic_regression",
    )
    figures = {f"judge.{name}": value for name, value in report["metrics"]["judge"].items() if value is not None}
    kept = {name: found.data.metrics[name] for name in figures}
    assert len(figures) > 5 and kept == figures, (kept, figures)
    curves = report["evaluations"]["judge"]["curves"]
    points = 0
    for curve, lists in curves.items():
        for axis, values in lists.items() if isinstance(lists, dict) else ():
            if isinstance(values, list) and values and all(isinstance(value, (int, float)) for value in values):
                history = client.get_metric_history(run_id, f"judge.{curve}.{axis}")
                assert [(one.step, one.value) for one in history] == list(enumerate(values)), (curve, axis)
                points += len(values)
    assert points > 10, curves
    with tempfile.TemporaryDirectory() as place:
        folder = Path(client.download_artifacts(run_id, "", place))
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert json.loads(files["evaluations/judge.json"]) == report["evaluations"]["judge"]
    (stored,) = [name for name in files if name.startswith("models/train/model.")]
    assert files[stored] == model
    manifest = json.loads(files["models/train/manifest.json"])
    assert manifest["registered"] == [{"name": "credit", "version": 1}], manifest
    print(
        f"read back: {len(params)} params, {len(found.data.metrics)} metrics, {points} curve points, {len(model)} bytes"
    )


def commands(program: Path, port: int) -> None:
    """`suanzi run` without a server of its own: never fails for MLflow, and the next one sends what waits."""
    with tempfile.TemporaryDirectory(prefix="suanzi-mlflow-") as home:
        file = Path(home) / "dag.json"
        file.write_text(source("by-command"))

        def suanzi(*args: str, uri: str = os.environ["MLFLOW_TRACKING_URI"]) -> subprocess.CompletedProcess[str]:
            env = {**os.environ, "SUANZI_HOME": home, "MLFLOW_TRACKING_URI": uri}
            return subprocess.run([program, *args], env=env, capture_output=True, text=True, timeout=PATIENCE_S)

        away = suanzi("run", str(file), uri=f"http://user:{SECRET}@127.0.0.1:1")
        assert away.returncode == 0 and "can't be reached" in away.stderr, away
        shown = suanzi("runs", "show", "@1")
        assert "MLflow: waits" in shown.stdout, shown
        ill = suanzi("doctor")
        assert ill.returncode == 1 and "1 waiting: http://127.0.0.1:1 can't be reached" in ill.stdout, ill
        # What failed is tried again after its pause.
        until("the pause", lambda: time.sleep(1.1) or True)
        again = suanzi("run", str(file))
        assert again.returncode == 0 and "MLflow" not in again.stderr, again
        for run in ("@1", "@2"):
            shown = suanzi("runs", "show", run)
            assert "MLflow: sent as run" in shown.stdout, shown
        assert suanzi("doctor").returncode == 0
        said = away.stdout + away.stderr + ill.stdout + shown.stdout
        kept = "".join(path.read_text() for path in (Path(home) / "mlflow").rglob("*.json"))
        assert SECRET not in said + kept, said + kept
    client = MlflowClient()
    found = client.search_runs([client.get_experiment_by_name("by-command").experiment_id])
    assert len(found) == 2 and all(one.info.status == "FINISHED" for one in found), found


def main() -> None:
    port = free_port()
    os.environ |= {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}",
        "MLFLOW_TRACKING_USERNAME": "user",
        "MLFLOW_TRACKING_PASSWORD": SECRET,
        "SUANZI_PYTHON": str(ROOT / ".venv/bin/python"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    with tempfile.TemporaryDirectory(prefix="mlflow-") as folder:
        served(Path(sys.argv[1]).resolve(), port, Path(folder))
    print("1 passed")


if __name__ == "__main__":
    main()
