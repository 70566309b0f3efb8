"""What schemathesis runs beside its own cases: three of four get ids and texts that exist, so that not only refusals
are tried; and what each route answered is counted, so that run.py can tell a route that was only ever refused."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import schemathesis
from program import Api

WORLD: dict[str, Any] = json.loads(Path(os.environ["API_WORLD"]).read_text())
API = Api(WORLD["origin"], WORLD["token"])
SESSIONS = ("GET /api/v1/session", "DELETE /api/v1/session")
TURNS: dict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
COUNTS: dict[str, Counter[int]] = defaultdict(Counter)
NAMES = itertools.count()


@schemathesis.hook
def before_call(context, case, **kwargs) -> None:
    case.headers = dict(case.headers or {})
    case.headers["Authorization"] = f"Bearer {API.token}"
    label = case.operation.label
    if label in SESSIONS:
        case.headers = {key: value for key, value in case.headers.items() if key != "Authorization"} | session()
        return
    # By turns, a route on its own: drawn by lot, a route with few different cases may always miss.
    turn = next(TURNS[label])
    if turn % 4 == 0:
        return
    case.path_parameters = {**(case.path_parameters or {}), **ids(label, turn - turn // 4)}
    if label in BODIES:
        BODIES[label](case, turn - turn // 4)
    if "If-Match" in case.headers:
        case.headers["If-Match"] = present(label, case.path_parameters)


@schemathesis.hook
def after_call(context, case, response) -> None:
    COUNTS[case.operation.label][response.status_code] += 1


@atexit.register
def tell() -> None:
    Path(os.environ["API_COUNTS"]).write_text(json.dumps(COUNTS))


def ids(label: str, chance: int) -> dict[str, Any]:
    """Ids that exist for a route's path. What would be deleted is made for it."""
    if label == "DELETE /api/v1/dags/{dag_id}":
        return {"dag_id": new_dag()}
    if label == "DELETE /api/v1/dags/{dag_id}/draft":
        API.send("DELETE", f"/api/v1/dags/{WORLD['dag']}/draft")
        return {"dag_id": WORLD["dag"]}
    if label == "DELETE /api/v1/datasets/{dataset_id}":
        return {"dataset_id": new_dataset()}
    if label == "DELETE /api/v1/uploads/{upload_id}":
        return {"upload_id": new_upload()}
    if label == "POST /api/v1/runs/{run_id}/cancel":
        # Another time to wait for each: the result of one that ended would be known.
        source = WORLD["waits"].replace("seconds: 20", f"seconds: {20 + next(NAMES) / 1000}")
        return {"run_id": API.json("POST", "/runs", {"source": source})["run_id"]}
    # Each of these starts a process with the model: a few are enough.
    if label in ("PUT /api/v1/services/{name}", "POST /api/v1/services/{name}/roll-back") and chance % 3:
        return {}
    if label == "DELETE /api/v1/services/{name}":
        return {"name": new_service()} if chance % 3 == 0 else {}
    if "/api/v1/models/{name}/" in label:
        # Each starts a process that writes the page: a few are enough.
        if label.endswith("/card") and chance % 3:
            return {}
        alias = new_alias() if label.startswith("DELETE") else ("champion", "challenger")[chance % 2]
        known = {"name": WORLD["model"], "version": ("1", "champion")[chance % 2], "alias": alias}
        return {name: known[name] for name in known if f"{{{name}}}" in label}
    if "/services/" in label or "/v2/models/" in label:
        return {"name": WORLD["service"]}
    if "/schedules/" in label and "{dag_id}" in label:
        return {"dag_id": WORLD["scheduled"]}
    run = WORLD["runs"][chance % 2]
    task = WORLD["tasks"][run][chance // 2 % len(WORLD["tasks"][run])]
    known = {
        "dag_id": WORLD["dag"],
        "version": 1 + chance % 2 if "/dags/" in label else 1,
        "name": WORLD["model"],
        "template_id": WORLD["template"],
        "dataset_id": WORLD["dataset"],
        "run_id": WORLD["runs"][chance % 3] if "{operator}" not in label else run,
        "before": WORLD["runs"][0],
        "after": WORLD["runs"][1 + chance % 2],
        "operator": task,
        "port": chance // 64 % 2,
        "file": WORLD["asset"],
    }
    if label.endswith("/value"):
        known |= {"operator": next(name for name in WORLD["tasks"][run] if "eval" in name), "port": 0}
    if label.endswith("/rows"):
        known |= {"operator": WORLD["tasks"][run][0], "port": 0}
    return {name: known[name] for name in known if f"{{{name}}}" in label}


def new_dag() -> str:
    return str(API.json("POST", "/dags", {"source": WORLD["source"], "title": f"to delete {next(NAMES)}"})["dag_id"])


def new_upload() -> str:
    table = f"a,b\n{next(NAMES)},2\n".encode()
    return str(API.json("POST", "/uploads?name=small.csv", table, "text/csv")["upload_id"])


def new_dataset() -> str:
    return str(API.json("POST", "/datasets", {"title": f"to delete {next(NAMES)}", "upload_id": new_upload()})["id"])


def new_service() -> str:
    name = f"to-delete-{next(NAMES)}"
    API.json("PUT", f"/services/{name}", {"model": WORLD["model"]})
    return name


def new_alias() -> str:
    name = f"to-delete-{next(NAMES)}"
    API.json("PUT", f"/models/{WORLD['model']}/aliases/{name}", {"version": 1})
    return name


def present(label: str, path: dict[str, Any]) -> str:
    dag = API.json("GET", f"/dags/{WORLD['dag']}")
    revision = (dag.get("draft") or {}).get("revision", 0) if label.endswith("/draft") else dag["version"]
    return f'"{revision}"'


def session() -> dict[str, str]:
    """A new session's headers: reading and ending are both tried with one."""
    code = API.json("POST", "/codes")["url"].split("#")[1].split("=")[-1]
    request = urllib.request.Request(
        f"{API.origin}/api/v1/session",
        data=json.dumps({"code": code}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": json.loads(answer.read())["csrf"]}


def source(case, chance: int) -> None:
    """The real text in place of the generated one; every other time nothing else is kept of the body."""
    if isinstance(case.body, dict):
        kept = case.body if chance % 2 else {key: case.body[key] for key in ("edits",) if key in case.body}
        case.body = {**kept, "source": WORLD["source"]}
    elif isinstance(case.body, str):
        case.body = WORLD["source"]


def fix(case, chance: int) -> None:
    judge = next(name for name in WORLD["tasks"][WORLD["runs"][0]] if "eval" in name)
    if chance % 2:
        case.body = {"source": WORLD["source"], "operator": judge, "finding": "one_class"}
    else:
        source(case, chance)


def pause(case, chance: int) -> None:
    if chance % 2:
        case.body = {"paused": chance % 4 == 1}


def preview(case, chance: int) -> None:
    if chance % 2:
        case.body = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}


def run(case, chance: int) -> None:
    if not isinstance(case.body, dict):
        return
    if chance % 3 == 0:
        case.body = {"dag_id": WORLD["dag"], "version": 1 + chance % 2}
    elif chance % 3 == 1:
        case.body = {"source": WORLD["source"]}
    else:
        case.body = {**case.body, "source": WORLD["source"], "dag_id": WORLD["dag"], "version": None}


def upload(case, chance: int) -> None:
    if case.media_type == "text/csv":
        case.body = WORLD["table"]


def dataset(case, chance: int) -> None:
    if isinstance(case.body, dict):
        case.body = {**case.body, "upload_id": new_upload(), "path": None}
        if chance % 2:
            case.body |= {"id": None, "title": f"data {next(NAMES)}", "columns": None}


def deploy(case, chance: int) -> None:
    if chance % 3 == 0:
        case.body = {"model": WORLD["model"], "version": 1 + chance % 2}


def alias(case, chance: int) -> None:
    if chance % 2:
        case.body = {"version": 1 + chance // 2 % 2}


def compared(case, chance: int) -> None:
    if chance % 2:
        case.query = {"versions": "1,2"}


def card(case, chance: int) -> None:
    if chance % 2:
        case.query = {"lang": ("en", "zh")[chance // 2 % 2]}


def rows(case, chance: int) -> None:
    if chance % 2:
        case.body = {"dataframe_records": [{"AGE": 31, "PAY_0": 1}]}


def tensors(case, chance: int) -> None:
    if chance % 2:
        columns = ("AGE", "PAY_0")
        case.body = {"inputs": [{"name": c, "shape": [1], "datatype": "INT64", "data": [1]} for c in columns]}


def sign_in(case, chance: int) -> None:
    case.body = {"code": API.json("POST", "/codes")["url"].split("#")[1].split("=")[-1]}


BODIES = {
    "POST /api/v1/session": sign_in,
    "POST /api/v1/runs": run,
    "POST /api/v1/dags": source,
    "PUT /api/v1/dags/{dag_id}": source,
    "PUT /api/v1/dags/{dag_id}/draft": source,
    "POST /api/v1/documents/read": source,
    "POST /api/v1/documents/edit": source,
    "POST /api/v1/documents/plan": source,
    "POST /api/v1/documents/fix": fix,
    "POST /api/v1/documents/python": source,
    "POST /api/v1/documents/forget": source,
    "POST /api/v1/documents/format": source,
    "POST /api/v1/uploads": upload,
    "POST /api/v1/datasets": dataset,
    "PUT /api/v1/schedules/{dag_id}/paused": pause,
    "POST /api/v1/schedules/preview": preview,
    "PUT /api/v1/models/{name}/aliases/{alias}": alias,
    "GET /api/v1/models/{name}/compare": compared,
    "GET /api/v1/models/{name}/versions/{version}/card": card,
    "PUT /api/v1/services/{name}": deploy,
    "POST /api/v1/services/{name}/invocations": rows,
    "POST /services/{name}/invocations": rows,
    "POST /v2/models/{name}/infer": tensors,
}
