"""noop1000 on Dask distributed: futures, and a task that takes them all."""

import os

from dask.distributed import Client, LocalCluster
from peers.same.sampling import measure, tasks
from peers.same.work import count, one


def run(client: Client) -> int:
    ones = [client.submit(one, pure=False) for _ in range(tasks("noop1000"))]
    return client.submit(count, ones, pure=False).result()


if __name__ == "__main__":
    with LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1) as cluster, Client(cluster) as client:
        measure(lambda: run(client))
