"""handoff on Ray: by the object store, which the reader maps."""

import os

import ray
from peers.same import table
from peers.same.sampling import measure, tasks

make, read = ray.remote(table.make), ray.remote(table.read)

ray.init(num_cpus=os.cpu_count(), include_dashboard=False)
measure(lambda: ray.get(read.remote(make.remote(tasks("handoff")))))
