"""One system's workloads, in a network of their own with loopback alone, and all its processes ended after them.

Usage: session.py ORDER, a JSON object with what `run.py` gives it. Prints the lines of the samples, and for a workload
that failed one with its fault. Standard library only.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PEERS = Path(__file__).resolve().parent
BENCH = PEERS.parent
sys.path.insert(0, str(BENCH.parent / "tests"))
from clusters.alone import adopt_orphans, end_descendants, free_port, own_network  # noqa: E402

READY_SECONDS = 240
SAID_LINES = 12
"""Of what a program said before it failed."""
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "KEDRO_DISABLE_TELEMETRY": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
}
OF_SYSTEMS = ("AIRFLOW", "DAGSTER_", "DASK_", "KEDRO_", "LUIGI_", "METAFLOW", "PREFECT_", "PYTHON", "RAY_")
"""Variables that would change what a system does; those of this session alone count."""


def environment(order, folder):
    """What all processes of the session see: homes in `folder`, servers on loopback."""
    port, other = free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_SYSTEMS)}
    home = str(folder)
    own = {
        "HOME": home,
        "TMPDIR": home,
        "PATH": f"{Path(order['python']).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(BENCH),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PEERS_COUNTS": json.dumps(order["counts"]),
        "PEERS_SAMPLES": str(order["samples"]),
        "PEERS_SECONDS": str(order["seconds"]),
        "PEERS_CREDIT": order["credit"],
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(PEERS / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(other),
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "DAGSTER_HOME": home,
        "METAFLOW_HOME": home,
        "METAFLOW_USER": "bench",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": home,
        "PREFECT_HOME": home,
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
    }
    return {**kept, **TELEMETRY_OFF, **own}


def command(order, name):
    return [order["python"], "-W", "ignore", str(PEERS / order["system"] / f"{name}.py")]


def started(order, folder, env):
    """The system's server, when it is ready; none for a system without one."""
    if not (PEERS / order["system"] / "serve.py").exists():
        return None
    log = folder / "serve.log"
    with open(log, "wb") as file:
        server = subprocess.Popen(
            command(order, "serve"), env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    deadline = time.monotonic() + READY_SECONDS
    while "\nready\n" not in log.read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"its server did not get ready:\n{ending(log.read_text(errors='replace'))}")
        time.sleep(0.2)
    return server


def ending(text):
    return "\n".join(text.strip().splitlines()[-SAID_LINES:])


def workload(order, name, folder, env):
    """Runs one, and passes its lines on as they come."""
    said = folder / f"{name}.log"
    with open(said, "wb") as log:
        process = subprocess.Popen(
            command(order, name),
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    late = threading.Timer(order["limit"], process.kill)
    late.start()
    last = []
    for raw in process.stdout:
        line = raw.decode(errors="replace").rstrip("\n")
        if line.startswith('{"workload": '):
            print(line, flush=True)
        else:
            last = [*last, line][-SAID_LINES:]
    status = process.wait()
    in_time = late.is_alive()
    late.cancel()
    if status != 0:
        why = f"exit status {status}" if in_time else f"it was not done after {order['limit']} s"
        text = ending("\n".join([*last, said.read_text(errors="replace")]))
        print(json.dumps({"workload": name, "fault": why, "said": text}), flush=True)


def main():
    order = json.loads(sys.argv[1])
    if not own_network():
        print("note: no network namespace can be had here; some systems listen on all addresses", file=sys.stderr)
    adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was told to end"))
    folder = Path(tempfile.mkdtemp(prefix="sz-peer-", dir="/tmp"))  # short: sockets lie in it
    try:
        env = environment(order, folder)
        started(order, folder, env)
        for name in order["workloads"]:
            workload(order, name, folder, env)
    finally:
        end_descendants()
        if not order.get("keep"):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
