"""chain1000 on Dask distributed: each task takes the future of the one before."""

import os

from dask.distributed import Client, LocalCluster
from peers.same.sampling import measure, tasks
from peers.same.work import after


def run(client: Client) -> int:
    value = 0
    for _ in range(tasks("chain1000")):
        value = client.submit(after, value, pure=False)
    return value.result()


if __name__ == "__main__":
    with LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1) as cluster, Client(cluster) as client:
        measure(lambda: run(client))
