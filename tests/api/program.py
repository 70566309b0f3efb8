"""The real program with a home of its own on a free port of loopback, and requests beside schemathesis'."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_S = 60
END_S = 20
RUN_S = 180


class Api:
    """Requests with the home's token; answers other than 2xx are exceptions."""

    def __init__(self, origin: str, token: str) -> None:
        self.origin = origin
        self.token = token

    def send(self, method: str, path: str, body: bytes | dict[str, Any] | None = None, kind: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"}
        if isinstance(body, dict):
            body, kind = json.dumps(body).encode(), "application/json"
        if body is not None:
            headers["Content-Type"] = kind
        request = urllib.request.Request(f"{self.origin}{path}", data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def json(self, method: str, path: str, body: bytes | dict[str, Any] | None = None, kind: str = "") -> Any:
        return json.loads(self.send(method, f"/api/v1{path}", body, kind))


class Server:
    def __init__(self, program: Path, files: dict[str, str] | None = None) -> None:
        """`files`: what lies in its home before it starts."""
        self._home = tempfile.TemporaryDirectory(prefix="suanzi-api-")
        for name, text in (files or {}).items():
            (Path(self._home.name) / name).write_text(text)
        env = {
            **os.environ,
            "SUANZI_HOME": self._home.name,
            "SUANZI_PYTHON": os.environ.get("SUANZI_PYTHON", str(ROOT / ".venv/bin/python")),
        }
        self._said = open(Path(self._home.name) / "said", "w+b")  # noqa: SIM115, closed by end()
        self._process = subprocess.Popen(
            [program, "serve", "--port", "0"], env=env, stdout=self._said, stderr=self._said
        )
        origin = self._origin()
        self.api = Api(origin, (Path(self._home.name) / "token").read_text().strip())

    def _origin(self) -> str:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            for word in self.said().split():
                if word.startswith("http://127.0.0.1:"):
                    return "/".join(word.split("/")[:3])
            time.sleep(0.05)
        raise RuntimeError(f"the server told no address: {self.said()}")

    def said(self) -> str:
        return Path(self._said.name).read_text(errors="replace")

    def lives(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        if self.lives():
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()
        self._home.cleanup()


WAITS = """dag:
 name: waits
 schedule: "0 0 1 1 *"
 operator_list: [wait]
 operator_details:
  wait: {algo_name: sleep, params: {seconds: 20}}
"""
KEEPS = """dag:
 name: keeps
 operator_list: [read, fit, keep]
 operator_rels:
  read: [{target: fit, source_index: 0, target_index: 0}]
  fit: [{target: keep, source_index: 0, target_index: 0}]
 operator_details:
  read: {algo_name: algo_local_read_file, params: {data_id: 40}}
  fit: {algo_name: algo_local_model_2c_l, params: {x_cols: [AGE, PAY_0], y_col: next_month, pre_value: 1, C: 1}}
  keep: {algo_name: register_model, params: {name: credit}}
"""


def furnish(api: Api) -> dict[str, Any]:
    """A dataset, a DAG of two versions with finished runs, a failed run, a model, its service, a scheduled DAG."""
    data = demo_table()
    upload = api.json("POST", "/uploads?name=credit.csv", data, "text/csv")["upload_id"]
    api.json("POST", "/datasets", {"id": "40", "title": "Credit", "upload_id": upload})
    source = (ROOT / "examples/seed-dag.yaml").read_text()
    dag = api.json("POST", "/dags", {"source": source})["dag_id"]
    first = finished(api, {"dag_id": dag})
    second = finished(api, {"dag_id": dag, "source": (ROOT / "examples/credit-mended.yaml").read_text()})
    hopeless = finished(api, {"source": source.replace("LIMIT_BAL", "NO_SUCH_COLUMN")})
    finished(api, {"source": KEEPS})
    finished(api, {"source": KEEPS.replace("C: 1", "C: 2")})
    model = api.json("GET", "/models")["items"][0]["name"]
    for version in (1, 2):
        api.json("PUT", "/services/scores", {"model": model, "version": version})
    api.json("PUT", f"/models/{model}/aliases/champion", {"version": 1})
    waits = api.json("POST", "/dags", {"source": WAITS})["dag_id"]
    tasks = {
        run: [task["operator"] for task in api.json("GET", f"/runs/{run}/tasks")["items"]] for run in (first, second)
    }
    assets = re.findall(r"/assets/([^\"]+)", api.send("GET", "/").decode())
    return {
        "dag": dag,
        "scheduled": waits,
        "waits": WAITS,
        "model": model,
        "service": "scores",
        "template": api.json("GET", "/templates")["items"][0]["id"],
        "dataset": "40",
        "runs": [first, second, hopeless],
        "tasks": tasks,
        "asset": assets[0] if assets else "none, as the page isn't built",
        "source": source,
        "table": data.decode(),
    }


def finished(api: Api, request: dict[str, Any]) -> str:
    run = str(api.json("POST", "/runs", request)["run_id"])
    until = time.monotonic() + RUN_S
    while time.monotonic() < until:
        if api.json("GET", f"/runs/{run}").get("ended_at_ms"):
            return run
        time.sleep(0.1)
    raise RuntimeError(f"run {run} did not end within {RUN_S} s")


def demo_table(rows: int = 1_000) -> bytes:
    python = ROOT / ".venv/bin/python"
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "credit.csv"
        subprocess.run(
            [python, "-m", "suanzi.demo_data", out, "--rows", str(rows), "--seed", "0"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return out.read_bytes()
