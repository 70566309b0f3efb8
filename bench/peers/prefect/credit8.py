"""credit8 on Prefect: a task per operator, submitted to the flow's threads, data in memory."""

from peers.same import credit
from peers.same.sampling import measure
from prefect import flow, task

load, split, predict, evaluate = map(task, (credit.load, credit.split, credit.predict, credit.evaluate))
MODELS = {name: task(getattr(credit, name)) for name in ("regression", "gbdt")}


@flow
def pipeline() -> dict[str, dict[str, float]]:
    train, test = split(load(credit.path()))
    found = {}
    for name, model in MODELS.items():
        found[name] = evaluate.submit(predict.submit(test, model.submit(train)))
    return {name: figures.result() for name, figures in found.items()}


measure(pipeline)
