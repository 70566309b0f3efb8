"""noop1000 on Kedro: nodes that need nothing, and one that takes what they gave."""

import logging

from kedro.io import DataCatalog
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner
from peers.same.sampling import measure, tasks
from peers.same.work import count, one

logging.getLogger("kedro").setLevel(logging.WARNING)

NAMES = [f"one{n}" for n in range(tasks("noop1000"))]
PIPELINE = pipeline(
    [node(one, None, name, name=name) for name in NAMES] + [node(lambda *a: count(a), NAMES, "sum", name="join")]
)


def run() -> int:
    return SequentialRunner().run(PIPELINE, DataCatalog())["sum"].load()


measure(run)
