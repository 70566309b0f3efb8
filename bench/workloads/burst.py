"""45 runs of 20 operators begin each second for a minute, whatever became of those before: a trace's peak."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure, quantile
from harness.program import Client, FailedError

RATE = 45
OPERATORS = 20
SAMPLED_ONCE = True
FIGURES = [
    Figure("p99 of a run, against the p50 of one alone", "ms", "p99", "alone", 3.0),
    Figure("p50 of a run", "ms", "p50", "alone"),
    Figure("runs refused or failed, and one", "runs", "refused", 1.0, 1.0),
]


def sides(bench: Bench) -> Sides:
    server = bench.server()
    seconds = 10 if bench.quick else 60
    text = dags.layers("burst", "bench_noop", 4, OPERATORS // 4)

    def alone() -> float:
        return quantile([server.run(text, OPERATORS, operator_dirs=bench.dirs)[0] * 1e3 for _ in range(20)], 0.5)

    def burst() -> float:
        took, faults = _open_loop(bench, text, seconds)
        bench.also("p50", quantile(took, 0.5) * 1e3)
        bench.also("refused", 1 + faults)
        return quantile(took, 0.99) * 1e3

    return {"alone": alone, "p99": burst}


def _open_loop(bench: Bench, text: str, seconds: int) -> tuple[list[float], int]:
    """Seconds from when each run should have begun to its end, as the database has it, and how many didn't succeed."""
    own = threading.local()
    due: dict[str, float] = {}

    def submit(at: float) -> None:
        if not hasattr(own, "client"):
            own.client = Client(bench.program)
        due[own.client.submit(text, cache="bypass", operator_dirs=bench.dirs)] = at

    first = time.time() + 0.1
    refused = 0
    with ThreadPoolExecutor(16) as threads:
        futures = []
        for number in range(RATE * seconds):
            at = first + number / RATE
            time.sleep(max(0.0, at - time.time()))
            futures.append(threads.submit(submit, at))
        for future in futures:
            refused += isinstance(future.exception(), FailedError)
    ended = bench.program.ends(list(due))
    took = [ended[run] - at for run, at in due.items() if run in ended]
    return took, refused + len(due) - len(took)
