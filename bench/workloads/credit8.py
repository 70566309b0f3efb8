"""Eight operators on the credit data, warm, against the same as a script in a process that is warm too."""

from floors import script
from harness import credit
from harness.bench import Bench, Sides
from harness.figures import Figure

OPERATORS = 8
FIGURES = [Figure("warm server, against the warm script", "ms", "suanzi", "script", 0.93)]


def sides(bench: Bench) -> Sides:
    data = credit.data(bench)
    pipeline = bench.directory / "credit8.json"
    pipeline.write_text(credit.eight())
    path = credit.script(bench, pipeline)
    warm = script.Warm()
    bench.keep.callback(warm.close)
    server = bench.server()
    return {
        "suanzi": lambda: server.run(pipeline.read_text(), OPERATORS, datasets={"40": str(data)})[0] * 1e3,
        "script": lambda: warm.run(path) * 1e3,
    }
