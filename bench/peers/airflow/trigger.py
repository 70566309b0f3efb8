"""trigger on Airflow: from the request that creates a run to the first line of its task."""

import time

from airflow.sdk import dag, task
from client import run
from peers.same.sampling import measure_trigger


@task
def clock() -> int:
    return time.monotonic_ns()


@dag(dag_id="trigger")
def single():
    clock()


single()

if __name__ == "__main__":
    measure_trigger(lambda: run("trigger", "clock"))
