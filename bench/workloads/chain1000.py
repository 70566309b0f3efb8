"""1,000 operators that do nothing, each after the one before."""

from floors import pool, socket_trip
from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure

COUNT = 1000
FIGURES = [
    Figure("a hop, against the pool", "us", "suanzi", "pool", 0.4),
    Figure("a hop, against a blocking socket", "us", "suanzi", "socket", 2.5),
    Figure("a spinning socket's round trip", "us", "spinning"),
]


def sides(bench: Bench) -> Sides:
    server = bench.server()
    text = dags.chain("chain1000", "bench_noop", COUNT)
    warm = bench.keep.enter_context(pool.warm())
    return {
        "suanzi": lambda: server.run(text, COUNT, operator_dirs=bench.dirs)[0] / COUNT * 1e6,
        "pool": lambda: pool.in_turn(warm, pool.noop, COUNT) / COUNT * 1e6,
        "socket": lambda: socket_trip.sample() * 1e6,
        "spinning": lambda: socket_trip.sample(spinning=True) * 1e6,
    }
