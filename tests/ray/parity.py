"""Runs the example of each standard operator here and on Ray, compares every output, and writes a table of it.

Usage: parity.py SUANZI TO.md, below `run.py`, with the Python that has the package suanzi. Exit 1 where a result of
the two differs that the operator declares to be the same each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))
from program import Api, Server

from suanzi.operators.examples.dag import EXAMPLE, as_yaml, example
from suanzi.operators.examples.params import NEED_FILES
from suanzi.sdk import discovery

AT_A_TIME = 8
RUN_S = 300
HERE, THERE = "local", "ray"
PICKLED = ("model", "transform", "estimator")


@dataclass
class Found:
    """What came of one operator: its state on both sides, and each output with whether it is the same."""

    states: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def verdict(self) -> str:
        here, there = self.states[HERE], self.states[THERE]
        if here != there:
            return f"DIFFERS: {here} here, {there} there: {self.errors.get(THERE) or self.errors.get(HERE)}"
        if here != "success":
            same = self.errors[HERE] == self.errors[THERE]
            return f"fails alike: {self.errors[HERE]}" if same else "DIFFERS: fails otherwise"
        one, other = self.outputs[HERE], self.outputs[THERE]
        wrong = [port for port in one if one[port] != other.get(port)]
        # Bytes of a pickle may differ where the objects don't; what they do is compared by the operators behind them.
        serious = [port for port in wrong if one[port][0] not in PICKLED]
        if serious or one.keys() != other.keys():
            return f"DIFFERS: outputs {serious}"
        return "the same" if not wrong else "the same, but for bytes of a pickle"


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
        outputs[one["port"]] = (one["port_type"], identity(api, path, one))
    found.outputs[where] = outputs


def identity(api: Api, path: str, output: dict[str, Any]) -> str:
    """Of a table its content id, which no layout changes; of all else its bytes."""
    if output["port_type"] == "data":
        until = time.monotonic() + RUN_S
        while not output.get("content_id") and time.monotonic() < until:
            time.sleep(0.1)  # it is worked out in the background
            items = api.json("GET", path.rsplit("/", 2)[0])["outputs"]
            output = next(one for one in items if one["port"] == output["port"])
        return str(output["content_id"])
    return hashlib.sha256(api.send("GET", f"/api/v1{path}/download")).hexdigest()


def table(found: dict[str, Found], changing: set[str], left_out: list[str]) -> str:
    lines = [
        "# Operators here and on Ray",
        "",
        "The example of each standard operator ([operators](operators)), run here and on a Ray cluster of two nodes,",
        "output by output: tables by their content, all else by its bytes. Written by `make parity`.",
        "",
        f"{len(found)} operators; {sum(one.verdict().startswith('the same') for one in found.values())} give the same.",
        f"Not run, since their examples need files of the reader's: {', '.join(left_out)}.",
        "",
        "| operator | |",
        "|---|---|",
    ]
    for name, one in found.items():
        note = " (not deterministic)" if name in changing else ""
        lines.append(f"| `{name}` | {one.verdict().replace('|', '/')}{note} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
