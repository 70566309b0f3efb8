"""chain1000 on Kedro: a pipeline of nodes in a line, run by the sequential runner."""

import logging

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from peers.same.sampling import measure, tasks
from peers.same.work import after

logging.getLogger("kedro").setLevel(logging.WARNING)

COUNT = tasks("chain1000")
PIPELINE = pipeline([node(after, f"value{n}", f"value{n + 1}", name=f"step{n}") for n in range(COUNT)])


def run() -> int:
    catalog = DataCatalog({"value0": MemoryDataset(0)})
    return SequentialRunner().run(PIPELINE, catalog)[f"value{COUNT}"].load()


measure(run)
