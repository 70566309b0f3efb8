"""light40 on Kedro: a pipeline of nodes in a line, run by the sequential runner."""

import logging

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from peers.same.sampling import measure, tasks
from peers.same.work import add_fib

logging.getLogger("kedro").setLevel(logging.WARNING)

COUNT = tasks("light40")
PIPELINE = pipeline([node(add_fib, f"value{n}", f"value{n + 1}", name=f"fib{n}") for n in range(COUNT)])


def run() -> int:
    catalog = DataCatalog({"value0": MemoryDataset(0)})
    return SequentialRunner().run(PIPELINE, catalog)[f"value{COUNT}"].load()


measure(run)
