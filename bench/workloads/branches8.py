"""Eight variants of GBDT from one split, against the sequential script."""

from floors import script
from harness import credit
from harness.bench import Bench, Sides
from harness.figures import Figure

FIGURES = [Figure("warm server, against the warm script", "ms", "suanzi", "script", 0.55)]


def sides(bench: Bench) -> Sides:
    data = credit.data(bench)
    pipeline = bench.directory / "branches8.json"
    pipeline.write_text(credit.branches())
    path = credit.script(bench, pipeline)
    warm = script.Warm()
    bench.keep.callback(warm.close)
    server = bench.server()
    return {
        "suanzi": lambda: server.run(pipeline.read_text(), 10, datasets={"40": str(data)})[0] * 1e3,
        "script": lambda: warm.run(path) * 1e3,
    }
