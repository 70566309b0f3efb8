"""The credit pipeline with nothing changed: every result is known."""

from floors import commit, python_start
from harness import credit
from harness.bench import Bench, Sides
from harness.figures import Figure

COMMITS = 2
"""The run's row before its id is told; all its cached tasks and its end."""
FIGURES = [
    Figure("cold CLI, against python -c pass", "ms", "cold", "python", 3.0),
    Figure(
        "warm server, against 10 HTTP round trips and its commits",
        "ms",
        "warm",
        lambda m: 10 * m["http"] + COMMITS * m["commit"],
        1.0,
    ),
]


def sides(bench: Bench) -> Sides:
    data = credit.data(bench)
    text = credit.SEED_DAG.read_text()
    server = bench.server()
    alone = bench.alone("credit-again")
    command = ["run", credit.SEED_DAG, "--dataset", f"40={data}", "--quiet"]
    alone.cli(*command)
    server.run(text, 6, datasets={"40": str(data)})

    def cold() -> float:
        took = alone.cli(*command)
        alone.check(None, 0)
        return took * 1e3

    return {
        "cold": cold,
        "python": lambda: python_start.sample() * 1e3,
        "warm": lambda: server.run(text, 0, datasets={"40": str(data)}, cache="use")[0] * 1e3,
        "http": lambda: server.trip() * 1e3,
        "commit": lambda: commit.sample(bench.directory) * 1e3,
    }
