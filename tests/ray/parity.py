"""Runs the example of each standard operator here and on Ray, compares every output, and writes a table of it.

Usage: parity.py SUANZI TO.md, below `run.py`, with the Python that has the package suanzi. Exit 1 where a result of
the two differs that the operator declares to be the same each time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import re
import sys
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
from joblib.hashing import NumpyHasher

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))
from program import Api, Server

from suanzi.operators.examples.dag import EXAMPLE, as_yaml, example
from suanzi.operators.examples.params import NEED_FILES
from suanzi.sdk import discovery

AT_A_TIME = 8
RUN_S = 300
CONTENT_S = 60
HERE, THERE = "local", "ray"
PICKLED = ("model", "transform", "estimator")
OWN_FILE = re.compile(rb"artifacts/RUN/[\w.-]+")


@dataclass(frozen=True)
class Output:
    """What can be compared of one output."""

    kind: str
    content: str
    """Of a table its content id, which no layout changes; of all else its bytes' hash."""
    meaning: str
    """Where the bytes are a pickle's: the object's hash. Pickles of equal objects differ where strings are shared."""


@dataclass
class Found:
    """What came of one operator: its state on both sides, and each output with whether it is the same."""

    states: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[int, Output]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def verdict(self) -> str:
        here, there = self.states[HERE], self.states[THERE]
        if here != there:
            return f"DIFFERS: {here} here, {there} there: {self.errors.get(THERE) or self.errors.get(HERE)}"
        if here != "success":
            alike = self.errors[HERE] == self.errors[THERE]
            return f"fails alike: {self.errors[HERE]}" if alike else "DIFFERS: fails otherwise"
        one, other = self.outputs[HERE], self.outputs[THERE]
        if one == other:
            return "the same"
        wrong = [port for port in sorted(one.keys() | other.keys()) if not same(one.get(port), other.get(port))]
        return f"DIFFERS: outputs {wrong}" if wrong else "the same objects, in other bytes of a pickle"


def same(one: Output | None, other: Output | None) -> bool:
    return one is not None and other is not None and (one.kind, one.meaning) == (other.kind, other.meaning)


def main() -> int:
    program, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    operators = discovery.of_package("suanzi.operators").operators
    chosen = {name: op for name, op in sorted(operators.items()) if name not in NEED_FILES and HERE in op.executors}
    setting = {"type": "ray", "url": os.environ["SUANZI_RAY_URL"], "token_file": os.environ["SUANZI_RAY_TOKEN_FILE"]}
    server = Server(program, {"executors.json": json.dumps({THERE: {**setting, "slots": 4}})})
    try:
        found = compared(server.api, {name: as_yaml(f"parity {name}", example(op)) for name, op in chosen.items()})
    finally:
        server.end()
    changing = {name for name, op in chosen.items() if not op.deterministic}
    differs = [name for name, one in found.items() if one.verdict().startswith("DIFFERS") and name not in changing]
    target.write_text(table(found, changing, sorted(NEED_FILES)), encoding="utf-8")
    print(f"{len(found)} operators on both, {len(differs)} differ: {differs}")
    return int(bool(differs))


def compared(api: Api, sources: dict[str, str]) -> dict[str, Found]:
    found = {name: Found() for name in sources}
    waiting = [(name, where) for name in sources for where in (HERE, THERE)]
    going: list[tuple[str, str, str, float]] = []
    told = 0
    while waiting or going:
        while waiting and len(going) < AT_A_TIME:
            name, where = waiting.pop(0)
            options = {"executor": where, "cache": "bypass"}
            answer = api.json("POST", "/runs", {"source": sources[name], "options": options})
            going.append((name, where, answer["run_id"], time.monotonic()))
        time.sleep(0.1)
        for entry in list(going):
            name, where, run, began = entry
            if api.json("GET", f"/runs/{run}")["status"] != "running":
                going.remove(entry)
                note(api, run, where, found[name])
                if len(found[name].states) == 2:
                    told += 1
                    print(f"{told} of {len(found)}: {name}: {found[name].verdict()}", flush=True)
            elif time.monotonic() - began > RUN_S:
                raise SystemExit(f"{name} on {where} does not end")
    return found


def note(api: Api, run: str, where: str, found: Found) -> None:
    task = api.json("GET", f"/runs/{run}/tasks/{EXAMPLE}")
    found.states[where] = task["status"]
    error = (task.get("error") or {}).get("message", "")
    found.errors[where] = error.splitlines()[0] if error else ""
    outputs = {}
    for one in task["outputs"]:
        path = f"/runs/{run}/tasks/{EXAMPLE}/outputs/{one['port']}"
        outputs[one["port"]] = output(api, run, path, one)
    found.outputs[where] = outputs


def output(api: Api, run: str, path: str, found: dict[str, Any]) -> Output:
    kind = str(found["type"])
    if kind == "data":
        until = time.monotonic() + CONTENT_S
        while not found.get("content_id") and time.monotonic() < until:
            time.sleep(0.1)  # it is worked out in the background
            items = api.json("GET", path.rsplit("/", 2)[0])["outputs"]
            found = next(one for one in items if one["port"] == found["port"])
        return Output(kind, str(found["content_id"]), str(found["content_id"]))
    data = api.send("GET", f"/api/v1{path}/download")
    # The id of the run and the names of its files are its own, whatever comes of it.
    content = hashed(OWN_FILE.sub(b"artifacts/RUN/FILE", data.replace(run.encode(), b"RUN")))
    return Output(kind, content, meaning(kind, data) or content)


def meaning(kind: str, data: bytes) -> str | None:
    """The hash of what is pickled, also within an archive; none where nothing is."""
    if kind in PICKLED:
        return of_object(pickle.loads(data))
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return None
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            entry = archive.read(name)
            pickled = name.endswith(".joblib")
            found[name] = of_object(joblib.load(io.BytesIO(entry))) if pickled else hashed(entry)
    return json.dumps(found, sort_keys=True)


class Hasher(NumpyHasher):
    """As `joblib.hash`, but for what is a process' own: scikit-learn's text steps keep an address in its memory."""

    def save(self, obj: Any) -> None:
        state = getattr(obj, "__dict__", None)
        if isinstance(state, dict):
            state.pop("_stop_words_id", None)
        super().save(obj)


def of_object(found: Any) -> str:
    return str(Hasher("sha1").hash(found))


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def table(found: dict[str, Found], changing: set[str], left_out: list[str]) -> str:
    lines = [
        "# Operators here and on Ray",
        "",
        "The example of each standard operator ([operators](operators.md)), run here and on a Ray cluster of two",
        "nodes, output by output: tables by their content, models as objects where bytes of their pickles differ, all",
        "else by its bytes, but for the run's own id and file names. Written by `make parity`.",
        "",
        f"{len(found)} operators; {sum(one.verdict().startswith('the same') for one in found.values())} give the same.",
        f"Not run, since their examples need files of the reader's: {', '.join(left_out)}.",
        "",
        "| operator | result |",
        "|---|---|",
    ]
    for name, one in found.items():
        note = " (not deterministic)" if name in changing else ""
        lines.append(f"| `{name}` | {one.verdict().replace('|', '/')}{note} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
