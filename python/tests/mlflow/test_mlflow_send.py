"""What goes to an MLflow server, over a real socket to a stand-in that answers as MLflow does; the real one is
asked by `make test-mlflow`."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from suanzi.mlflow.rest import Rest, RestError
from suanzi.mlflow.send import send

SECRET = "s3cret-word"


class StandIn(ThreadingHTTPServer):
    """Keeps what it was asked; `status` other than 200 refuses everything."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[str] = []
        self.status = 200
        self.runs: list[dict[str, Any]] = []
        self.root = "mlflow-artifacts:/1/abc/artifacts"

    def environment(self, **more: str) -> dict[str, str]:
        return {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{self.server_port}/", **more}

    def bodies(self, end: str) -> list[Any]:
        return [body for _, path, body in self.asked if path.endswith(end)]


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = json.loads(body) if body and self.path.startswith("/api/2.0/mlflow/") else body
        path = self.path.split("?")[0]
        self.server.asked.append((self.command, path, told))
        self.server.headers.append(self.headers.get("Authorization", ""))
        status, said = self.server.status, {}
        if status != 200:
            said = {"error_code": "INTERNAL_ERROR", "message": "no " * 500}
        elif path.endswith("get-by-name"):
            status, said = 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}
        elif path.endswith("experiments/create"):
            said = {"experiment_id": "1"}
        elif path.endswith("runs/search"):
            said = {"runs": self.server.runs}
        elif path.endswith("runs/create"):
            info = {"run_id": "abc", "artifact_uri": self.server.root}
            self.server.runs = [{"info": info}]
            said = {"run": {"info": info}}
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as made:
        thread = Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def run(tmp_path: Path) -> dict[str, Any]:
    model = tmp_path / "m.pkl"
    model.write_bytes(b"\x80model")
    return {
        "run_id": "20260101-1",
        "dag": "credit",
        "dag_version": 3,
        "seed": 0,
        "status": "failed",
        "begun_ms": 1,
        "ended_ms": 2,
        "dag_parameters": {},
        "operators": [
            {"operator": "train", "algo_name": "k", "params": {f"p{i}": i for i in range(250)} | {"long": "x" * 9000}}
        ],
        "metrics": {"eval": {"auc": 0.5, "ks": None, "bad": float("inf"), "flag": True}, "odd": [1]},
        "evaluations": {"eval/1": {"curves": {"roc": {"tpr": [i / 1500 for i in range(1500)], "names": ["a"]}}}},
        "models": [
            {"operator": "../train", "path": str(model), "manifest": {"class": "x"}},
            {"operator": "gone", "path": str(tmp_path / "none.pkl"), "manifest": {}},
        ],
    }


def test_batches_stay_within_mlflows_limits_and_a_second_attempt_makes_no_second_run(
    server: StandIn, tmp_path: Path
) -> None:
    rest = Rest.of_environment(server.environment())
    answer = send(rest, run(tmp_path))
    assert answer == {"run_id": "abc", "note": "the files of these models are gone: gone"}
    batches = server.bodies("log-batch")
    params = [one for batch in batches for one in batch.get("params", [])]
    metrics = [one for batch in batches for one in batch.get("metrics", [])]
    assert all(len(batch.get("params", [])) <= 100 and len(batch.get("metrics", [])) <= 1000 for batch in batches)
    assert len(params) == 253 and max(len(one["value"]) for one in params) == 6000
    assert [one["value"] for one in metrics if one["key"] == "eval.auc"] == [0.5]
    assert {one["key"] for one in metrics} == {"eval.auc", "eval/1.roc.tpr"}
    steps = [(one["step"], one["value"]) for one in metrics if one["key"] == "eval/1.roc.tpr"]
    assert steps == [(i, i / 1500) for i in range(1000)]
    files = {path.removeprefix("/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/"): body
             for method, path, body in server.asked if method == "PUT"}  # fmt: skip
    assert set(files) == {"evaluations/eval_1.json", "models/_train/model.pkl", "models/_train/manifest.json"}
    assert files["models/_train/model.pkl"] == b"\x80model"
    assert len(json.loads(files["evaluations/eval_1.json"])["curves"]["roc"]["tpr"]) == 1500
    assert server.bodies("runs/update")[0]["status"] == "FAILED"
    send(rest, run(tmp_path))
    assert len(server.bodies("runs/create")) == 1


def test_a_server_without_its_proxy_gets_all_but_the_files_and_that_is_said(server: StandIn, tmp_path: Path) -> None:
    server.root = "s3://bucket/1/abc"
    answer = send(Rest.of_environment(server.environment()), run(tmp_path))
    assert "s3://bucket/1/abc" in answer["note"]
    assert not [method for method, _, _ in server.asked if method == "PUT"]
    assert server.bodies("runs/update")


@pytest.mark.parametrize(("status", "said"), [(401, "credentials"), (500, "answered 500"), (302, "answered 302")])
def test_refusals_are_told_in_one_sentence_without_a_credential(
    server: StandIn, tmp_path: Path, status: int, said: str
) -> None:
    server.status = status
    for more in (
        {"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": SECRET},
        {"MLFLOW_TRACKING_TOKEN": SECRET},
        {"MLFLOW_TRACKING_URI": f"http://user:{SECRET}@127.0.0.1:{server.server_port}"},
    ):
        with pytest.raises(RestError) as refused:
            send(Rest.of_environment(server.environment() | more), run(tmp_path))
        assert said in str(refused.value) and SECRET not in str(refused.value)
        assert len(str(refused.value)) < 500
    assert [header.split()[0] for header in server.headers] == ["Basic", "Bearer", "Basic"]


def test_a_server_that_is_away_and_an_address_that_is_none_are_told() -> None:
    with pytest.raises(RestError, match=r"127\.0\.0\.1:1 can't be reached"):
        Rest.of_environment({"MLFLOW_TRACKING_URI": f"http://u:{SECRET}@127.0.0.1:1"}).get("x")
    for address in ("", "file:///mlruns", "databricks", "http://"):
        with pytest.raises(RestError, match="isn't an http or https address"):
            Rest.of_environment({"MLFLOW_TRACKING_URI": address})
