"""The plain Python script that a pipeline replaces: in a process of its own, and again in one that is warm."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

SERVES = """
import contextlib, io, json, sys, time
sys.path[:0] = json.loads(sys.argv[2])
for name in json.loads(sys.argv[1]):
    __import__(name)
codes = {}
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    path = json.loads(line)
    if path not in codes:
        with open(path) as file:
            codes[path] = compile(file.read(), path, "exec")
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(codes[path], {"__name__": "__main__", "__file__": path})
    print(json.dumps(time.perf_counter() - began), flush=True)
"""
HEAVY = (
    "pandas",
    "pyarrow.csv",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.preprocessing",
)


def cold(path: Path) -> float:
    """Seconds of `python script.py`, imports and all."""
    began = time.perf_counter()
    subprocess.run([sys.executable, path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


class Warm:
    """A process that has the libraries imported and runs scripts in itself, one after the other."""

    def __init__(self, *folders: Path) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore",
                "-c",
                SERVES,
                json.dumps(HEAVY),
                json.dumps([str(one) for one in folders]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def run(self, path: Path) -> float:
        """Seconds the script takes in the warm process."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(str(path)) + "\n")
        self.process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> float | str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the script failed in the warm process")
        return json.loads(line)

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
