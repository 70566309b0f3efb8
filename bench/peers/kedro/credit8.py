"""credit8 on Kedro: a node per operator, data in memory, run by the runner with threads."""

import logging

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import ThreadRunner
from peers.same import credit
from peers.same.sampling import measure

logging.getLogger("kedro").setLevel(logging.WARNING)

MODELS = ("regression", "gbdt")
NODES = [node(credit.load, "path", "data"), node(credit.split, "data", ["train", "test"])]
for name in MODELS:
    NODES += [
        node(getattr(credit, name), "train", name),
        node(credit.predict, ["test", name], f"{name}_predicted", name=f"predict_{name}"),
        node(credit.evaluate, f"{name}_predicted", f"{name}_figures", name=f"evaluate_{name}"),
    ]
PIPELINE = pipeline(NODES)


def run() -> dict[str, dict[str, float]]:
    catalog = DataCatalog({"path": MemoryDataset(credit.path())})
    found = ThreadRunner().run(PIPELINE, catalog)
    return {name: found[f"{name}_figures"].load() for name in MODELS}


measure(run)
