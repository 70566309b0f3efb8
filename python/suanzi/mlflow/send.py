"""Sends one run: parameters, figures, curves, models. May be repeated: a run that is there already is gone on with."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suanzi.mlflow.rest import Rest, RestError

MAX_METRICS = 1000
"""Of one batch, as MLflow has it; so are the next three."""
MAX_PARAMS = 100
MAX_PARAM_CHARS = 6000
MAX_KEY_CHARS = 250
MAX_CURVE_POINTS = 1000
"""Of one curve, as steps of a metric; all its points are in the artifact."""
PROXY = "mlflow-artifacts:"
"""How an artifact root begins that the server takes files for."""
ENDS = {"success": "FINISHED", "failed": "FAILED", "cancelled": "KILLED"}
TAG = "suanzi.run_id"


def send(rest: Rest, run: dict[str, Any]) -> dict[str, Any]:
    """MLflow's id of the run, and a note on what couldn't go there."""
    experiment = _experiment(rest, run["dag"])
    info = _run(rest, experiment, run)
    run_id = info["run_id"]
    params = [{"key": _key(name), "value": _text(value)} for name, value in _params(run)]
    for start in range(0, len(params), MAX_PARAMS):
        rest.post("runs/log-batch", {"run_id": run_id, "params": params[start : start + MAX_PARAMS]})
    metrics = [*_figures(run), *_curves(run)]
    for start in range(0, len(metrics), MAX_METRICS):
        rest.post("runs/log-batch", {"run_id": run_id, "metrics": metrics[start : start + MAX_METRICS]})
    note = _artifacts(rest, info.get("artifact_uri", ""), run)
    rest.post(
        "runs/update", {"run_id": run_id, "status": ENDS.get(run["status"], "FINISHED"), "end_time": run["ended_ms"]}
    )
    return {"run_id": run_id, "note": note}


def _experiment(rest: Rest, name: str) -> str:
    """The id of the experiment of that name; made where there is none."""
    try:
        return str(rest.get("experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"])
    except RestError as error:
        if error.code != "RESOURCE_DOES_NOT_EXIST":
            raise
    try:
        return str(rest.post("experiments/create", {"name": name})["experiment_id"])
    except RestError as error:
        if error.code != "RESOURCE_ALREADY_EXISTS":
            raise
    # Made by somebody else meanwhile.
    return str(rest.get("experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"])


def _run(rest: Rest, experiment: str, run: dict[str, Any]) -> dict[str, Any]:
    """What an earlier attempt began, else a new one."""
    found = rest.post(
        "runs/search",
        {"experiment_ids": [experiment], "filter": f"tags.`{TAG}` = '{run['run_id']}'", "max_results": 1},
    )
    if found.get("runs"):
        return dict(found["runs"][0]["info"])
    tags = {TAG: run["run_id"], "suanzi.dag_version": str(run["dag_version"]), "mlflow.source.name": run["dag"]}
    made = rest.post(
        "runs/create",
        {
            "experiment_id": experiment,
            "run_name": run["run_id"],
            "start_time": run["begun_ms"],
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        },
    )
    return dict(made["run"]["info"])


def _params(run: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "seed", run["seed"]
    yield from run["dag_parameters"].items()
    for operator in run["operators"]:
        yield f"{operator['operator']}.algo_name", operator["algo_name"]
        for name, value in operator["params"].items():
            yield f"{operator['operator']}.{name}", value


def _figures(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operator, figures in run["metrics"].items():
        for name, value in figures.items() if isinstance(figures, dict) else ():
            if _number(value):
                yield _metric(f"{operator}.{name}", value, run, 0)


def _curves(run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each list of numbers of a curve as a metric of its own, a point a step."""
    for operator, evaluation in run["evaluations"].items():
        for curve, lists in (evaluation.get("curves") or {}).items():
            for axis, points in lists.items() if isinstance(lists, dict) else ():
                if not isinstance(points, list) or not all(_number(point) for point in points):
                    continue
                for step, point in enumerate(points[:MAX_CURVE_POINTS]):
                    yield _metric(f"{operator}.{curve}.{axis}", point, run, step)


def _metric(key: str, value: float, run: dict[str, Any], step: int) -> dict[str, Any]:
    return {"key": _key(key), "value": value, "timestamp": run["ended_ms"], "step": step}


def _artifacts(rest: Rest, root: str, run: dict[str, Any]) -> str:
    files: list[tuple[str, bytes | Path]] = [
        (f"evaluations/{_file(operator)}.json", json.dumps(evaluation, ensure_ascii=False).encode())
        for operator, evaluation in run["evaluations"].items()
    ]
    gone = []
    for model in run["models"]:
        folder = f"models/{_file(model['operator'])}"
        path = Path(model["path"])
        if path.is_file():
            files.append((f"{folder}/model{path.suffix}", path))
            files.append((f"{folder}/manifest.json", json.dumps(model["manifest"], ensure_ascii=False).encode()))
        else:
            gone.append(model["operator"])
    if not files:
        return ""
    if not root.startswith(PROXY):
        place = root.split("@")[-1]
        return f"models and curves stay here: the server keeps artifacts at {place}, not behind its own proxy"
    for name, content in files:
        rest.put_artifact(f"{root.removeprefix(PROXY).lstrip('/')}/{name}", content)
    return f"the files of these models are gone: {', '.join(gone)}" if gone else ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _key(name: str) -> str:
    """What MLflow takes as a key: letters, digits and a few signs."""
    return re.sub(r"[^\w\-. :/]", "_", name)[:MAX_KEY_CHARS]


def _file(name: str) -> str:
    return re.sub(r"[^\w\-.]", "_", name).lstrip(".") or "_"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:MAX_PARAM_CHARS]
