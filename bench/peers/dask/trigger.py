"""trigger on Dask distributed: from `submit` to the first line of the task."""

import os
import time

from dask.distributed import Client, LocalCluster
from peers.same.sampling import measure_trigger

if __name__ == "__main__":
    with LocalCluster(n_workers=os.cpu_count(), threads_per_worker=1) as cluster, Client(cluster) as client:
        measure_trigger(lambda: client.submit(time.monotonic_ns, pure=False).result())
