"""From the API call to the first line of Python."""

import time

from floors import commit, socket_trip
from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure, quantile

CALLS = 40
FIGURES = [
    Figure("p50, against HTTP + commit + socket", "ms", "p50", lambda m: m["http"] + m["commit"] + m["socket"], 3.0),
    Figure("p99, against HTTP + commit + socket", "ms", "p99", lambda m: m["http"] + m["commit"] + m["socket"], 10.0),
]


def sides(bench: Bench) -> Sides:
    server = bench.server()
    text = dags.chain("trigger", "bench_clock", 1)

    def calls() -> float:
        delays = []
        for _ in range(CALLS):
            began = time.monotonic_ns()
            _took, key = server.run(text, 1, operator_dirs=bench.dirs)
            delays.append((bench.program.values(key)["t0"] - began) / 1e6)
        bench.also("p99", quantile(delays, 0.99))
        return quantile(delays, 0.5)

    return {
        "p50": calls,
        "http": lambda: server.trip() * 1e3,
        "commit": lambda: commit.sample(bench.directory) * 1e3,
        "socket": lambda: socket_trip.sample() * 1e3,
    }
