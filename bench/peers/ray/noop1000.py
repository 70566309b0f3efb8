"""noop1000 on Ray: references, and a task that takes them all."""

import os

import ray
from peers.same.sampling import measure, tasks
from peers.same.work import count, one

task = ray.remote(one)


@ray.remote
def join(*ones: int) -> int:
    return count(ones)


def run() -> int:
    return ray.get(join.remote(*[task.remote() for _ in range(tasks("noop1000"))]))


ray.init(num_cpus=os.cpu_count(), include_dashboard=False)
measure(run)
