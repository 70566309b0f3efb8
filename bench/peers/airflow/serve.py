"""Starts Airflow's API server, scheduler and DAG processor on loopback, and stays; says `ready` when DAGs can run."""

import subprocess
import sys
import time
from pathlib import Path

from client import call

WORKLOADS = {path.stem for path in Path(__file__).parent.glob("*.py")} - {"client", "serve"}


def main() -> int:
    airflow = Path(sys.executable).parent / "airflow"
    subprocess.run([airflow, "db", "migrate"], check=True)
    server = subprocess.Popen([airflow, "standalone"])
    while server.poll() is None:
        try:
            if {dag["dag_id"] for dag in call("GET", "/dags")["dags"]} >= WORKLOADS:
                print("\nready", flush=True)
                break
        except OSError:
            pass
        time.sleep(0.5)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
