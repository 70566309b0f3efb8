"""trigger on Prefect: from the call that creates a run of a served deployment to the first line of the flow."""

import subprocess
import sys
import time

from peers.same.sampling import measure_trigger
from prefect import flow
from prefect.deployments import run_deployment


@flow(persist_result=True)
def clock() -> int:
    return time.monotonic_ns()


def call() -> int:
    return run_deployment("clock/bench", timeout=120, poll_interval=0.1).state.result()


def main() -> None:
    if "serve" in sys.argv:
        clock.serve("bench")  # until it is told to end
        return
    server = subprocess.Popen([sys.executable, __file__, "serve"])
    try:
        time.sleep(10)  # `serve` has no word for being ready
        measure_trigger(call)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
