"""Airflow's REST API, as far as the workloads need it."""

import json
import os
import time
import urllib.request
from functools import cache
from typing import Any

POLL_SECONDS = 0.5
URL = f"http://127.0.0.1:{os.environ.get('AIRFLOW__API__PORT', '8080')}"


@cache
def token() -> str:
    with urllib.request.urlopen(f"{URL}/auth/token", timeout=10) as answer:
        return json.load(answer)["access_token"]


def call(method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{URL}/api/v2{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {token()}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def run(dag: str, *last: str) -> Any:
    """Triggers a run, waits for its end, and gives back what the task `last` returned; of several a list."""
    made = call("POST", f"/dags/{dag}/dagRuns", {"logical_date": None})
    path = f"/dags/{dag}/dagRuns/{made['dag_run_id']}"
    while (state := call("GET", path)["state"]) in ("queued", "running"):
        time.sleep(POLL_SECONDS)
    if state != "success":
        raise SystemExit(f"the run ended as {state}")
    entries = [f"{path}/taskInstances/{task}/xcomEntries/return_value?deserialize=true" for task in last]
    values = [call("GET", entry)["value"] for entry in entries]
    return values[0] if len(values) == 1 else values
