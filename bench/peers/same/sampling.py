"""Takes the samples of a workload, in the process that runs it, and prints one line of JSON for each.

Nothing is judged here: the lines hold the values that came out, and the benchmark looks at these.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def workload() -> str:
    """Its file's name."""
    return Path(sys.argv[0]).stem


def tasks(name: str) -> int:
    """How many tasks the workload has, or calls the trigger; for slow systems fewer than its name says."""
    return int(json.loads(os.environ["PEERS_COUNTS"])[name])


def measure(run: Callable[[], Any]) -> None:
    """Samples `run`, which returns the workload's value. The first sample isn't counted by whoever reads the lines."""

    def once() -> tuple[float, Any]:
        began = time.perf_counter()
        value = run()
        return time.perf_counter() - began, value

    _sample(once)


def measure_trigger(call: Callable[[], int]) -> None:
    """Samples `call`, whose value is the clock (`time.monotonic_ns`) in the first line of the user's Python.

    A sample is the median of some calls, and its value how many of them told a time between call and answer.
    """

    def once() -> tuple[float, int]:
        delays = []
        for _ in range(tasks("trigger")):
            began = time.monotonic_ns()
            found = call()
            if began <= found <= time.monotonic_ns():
                delays.append((found - began) / 1e9)
        return statistics.median(delays), len(delays)

    _sample(once)


def _sample(once: Callable[[], tuple[float, Any]]) -> None:
    name = workload()
    samples, seconds = int(os.environ["PEERS_SAMPLES"]), float(os.environ["PEERS_SECONDS"])
    began = time.monotonic()
    for number in range(1 + samples):
        took, value = once()
        line = {"workload": name, "seconds": took, "tasks": tasks(name), "value": value}
        print(f"\n{json.dumps(line)}", flush=True)
        if number and time.monotonic() - began > seconds:
            break
