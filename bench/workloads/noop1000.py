"""1,000 independent operators that do nothing, and one that takes their outputs."""

from floors import pool
from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure

COUNT = 1000
FIGURES = [Figure("a task, API call to durable end", "us", "suanzi", "pool", 0.7)]


def sides(bench: Bench) -> Sides:
    server = bench.server()
    text = dags.independent("noop1000", "bench_noop", COUNT, "bench_noop")
    warm = bench.keep.enter_context(pool.warm())
    return {
        "suanzi": lambda: server.run(text, COUNT + 1, operator_dirs=bench.dirs)[0] / (COUNT + 1) * 1e6,
        "pool": lambda: pool.at_once(warm, pool.noop, COUNT) / COUNT * 1e6,
    }
