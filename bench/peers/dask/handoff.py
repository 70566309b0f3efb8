"""handoff on Dask distributed: the table stays with the worker that made it, where the reader is run too."""

import os

from dask.distributed import Client, LocalCluster
from peers.same.sampling import measure, tasks
from peers.same.table import make, read


def run(client: Client) -> float:
    table = client.submit(make, tasks("handoff"), pure=False)
    return client.submit(read, table, pure=False).result()


if __name__ == "__main__":
    with LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1) as cluster, Client(cluster) as client:
        measure(lambda: run(client))
