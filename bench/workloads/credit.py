"""The first pipeline there was, on 30,000 rows: against the script that `suanzi export` writes of it, and warm."""

import os

from floors import script
from harness import credit
from harness.bench import Bench, Sides
from harness.figures import Figure

OPERATORS = 6
FIGURES = [
    Figure("cold CLI, against the cold script", "ms", "cold", "script", 1.0),
    Figure("warm server, against max(critical path, work / 2)", "ms", "warm", "bound", 1.1),
]


def sides(bench: Bench) -> Sides:
    data = credit.data(bench)
    path = credit.script(bench, credit.SEED_DAG)
    text = credit.SEED_DAG.read_text()
    server = bench.server()
    alone = bench.alone("credit-cold")
    command = ["run", credit.SEED_DAG, "--dataset", f"40={data}", "--no-cache", "--quiet"]

    def cold() -> float:
        took = alone.cli(*command)
        alone.check(None, OPERATORS)
        return took * 1e3

    def warm() -> float:
        took, key = server.run(text, OPERATORS, datasets={"40": str(data)})
        bench.also("bound", credit.bound(bench.program.operator_times(key), os.cpu_count() or 1) * 1e3)
        return took * 1e3

    return {"cold": cold, "script": lambda: script.cold(path) * 1e3, "warm": warm}
