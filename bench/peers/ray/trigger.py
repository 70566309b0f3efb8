"""trigger on Ray: from `remote` to the first line of the task."""

import os
import time

import ray
from peers.same.sampling import measure_trigger


@ray.remote
def clock() -> int:
    return time.monotonic_ns()


ray.init(num_cpus=os.cpu_count(), include_dashboard=False)
measure_trigger(lambda: ray.get(clock.remote()))
