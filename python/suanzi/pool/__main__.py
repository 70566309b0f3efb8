"""The driver of a pool, as a Ray job: `python -m suanzi.pool --name NAME --token-sha256 HEX`.

Says in its log where it listens. Whoever calls must know the token; here only its hash is known, since a job's
arguments can be read by everybody who sees the cluster. It ends when nobody has called for long.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import ray

from suanzi.pool.cluster import RayPool
from suanzi.pool.server import PoolServer

READY = "suanzi-pool: ready at"
"""The rest of the line is the address. Read by the engine."""
IDLE_SECONDS = 600.0
ALONE_SECONDS = 120.0
LOOK_SECONDS = 1.0
END_SECONDS = 2.0
"""Ray gives a job that is stopped 3 seconds."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m suanzi.pool")
    parser.add_argument("--name", required=True, help="of the pool: letters, digits and dashes")
    parser.add_argument("--token-sha256", required=True, help="SHA-256 of the token that callers have, hex")
    parser.add_argument("--port", type=int, default=0, help="to listen on; 0 takes any free one")
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS, help="without tasks, until it ends")
    parser.add_argument("--alone-seconds", type=float, default=ALONE_SECONDS, help="with tasks and without any call")
    joining = "in which nodes of the cluster may be missing that will come"
    parser.add_argument("--joining-seconds", type=float, default=0, help=joining)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ray.init(namespace=arguments.name, log_to_driver=False)
    address = ray.util.get_node_ip_address()
    with tempfile.TemporaryDirectory(prefix=f"{arguments.name}-") as folder:
        pool = RayPool(arguments.name, Path(folder), arguments.joining_seconds)
        server = PoolServer((address, arguments.port), pool, arguments.token_sha256)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"{READY} http://{address}:{server.server_port}", flush=True)
        try:
            stay(server, pool, arguments.idle_seconds, arguments.alone_seconds)
        finally:
            server.ending = True
            pool.end(END_SECONDS)
    ray.shutdown()
    return 0


def stay(server: PoolServer, pool: RayPool, idle_seconds: float, alone_seconds: float) -> None:
    """Until nobody needs it: an engine with tasks asks for them all the time."""
    while True:
        time.sleep(LOOK_SECONDS)
        pool.look()
        silent = time.monotonic() - server.called
        if silent > (alone_seconds if pool.running() else idle_seconds):
            print(f"nobody has called for {silent:.0f} s: the pool ends", flush=True)
            return


if __name__ == "__main__":
    status = 0
    try:
        status = main()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    os._exit(status)  # threads that wait for tasks don't hold the process
