"""credit8 on Dask distributed: a task per operator, its results kept by the workers."""

import os
from operator import itemgetter

from dask.distributed import Client, LocalCluster
from peers.same import credit
from peers.same.sampling import measure


def run(client: Client) -> dict[str, dict[str, float]]:
    data = client.submit(credit.load, credit.path(), pure=False)
    parts = client.submit(credit.split, data, pure=False)
    train, test = (client.submit(itemgetter(n), parts, pure=False) for n in (0, 1))
    found = {}
    for name in ("regression", "gbdt"):
        model = client.submit(getattr(credit, name), train, pure=False)
        predicted = client.submit(credit.predict, test, model, pure=False)
        found[name] = client.submit(credit.evaluate, predicted, pure=False)
    return client.gather(found)


if __name__ == "__main__":
    with LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1) as cluster, Client(cluster) as client:
        measure(lambda: run(client))
