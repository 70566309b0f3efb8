"""credit8 on Ray: a task per operator, its results in the object store."""

import os

import ray
from peers.same import credit
from peers.same.sampling import measure

load, predict, evaluate = map(ray.remote, (credit.load, credit.predict, credit.evaluate))
split = ray.remote(num_returns=2)(credit.split)
MODELS = {name: ray.remote(getattr(credit, name)) for name in ("regression", "gbdt")}


def run() -> dict[str, dict[str, float]]:
    train, test = split.remote(load.remote(credit.path()))
    found = [evaluate.remote(predict.remote(test, model.remote(train))) for model in MODELS.values()]
    return dict(zip(MODELS, ray.get(found), strict=True))


ray.init(num_cpus=os.cpu_count(), include_dashboard=False)
measure(run)
