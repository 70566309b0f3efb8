"""light40 on Ray: each task takes the reference to what the one before gives."""

import os

import ray
from peers.same.sampling import measure, tasks
from peers.same.work import add_fib

task = ray.remote(add_fib)


def run() -> int:
    value = 0
    for _ in range(tasks("light40")):
        value = task.remote(value)
    return ray.get(value)


ray.init(num_cpus=os.cpu_count(), include_dashboard=False)
measure(run)
