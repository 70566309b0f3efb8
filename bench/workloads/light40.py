"""40 sequential `fib(10)`: from the API call to the durable end, against a warm pool that is asked 40 times."""

from floors import pool
from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure

COUNT = 40
FIGURES = [Figure("API call to durable end", "ms", "suanzi", "pool", 0.5)]


def sides(bench: Bench) -> Sides:
    server = bench.server()
    text = dags.chain("light40", "bench_fib", COUNT)
    warm = bench.keep.enter_context(pool.warm())
    return {
        "suanzi": lambda: server.run(text, COUNT, operator_dirs=bench.dirs)[0] * 1e3,
        "pool": lambda: pool.in_turn(warm, pool.fib, COUNT, 10) * 1e3,
    }
