"""The driver: a process that lives as long as an engine and leads its operators on a Spark cluster.

`python -m suanzi.spark.driver REMOTE FOLDER` takes tasks in the contract of the HTTP executor, on a port of this host
that it prints. Each runs in a process of its own, forked warm, with a session of its own on Spark Connect, which is
ended with it. With `--check` it only says which Spark answers. The first line of standard input is JSON with `token`
(that callers have) and `spark_token` (that the cluster wants, or null); when standard input ends, so does all of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import re
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

from suanzi.pool.here import HostPool
from suanzi.pool.server import PoolServer
from suanzi.pool.tasks import Task
from suanzi.spark.session import REMOTE, SESSIONS, connect

READY = "suanzi-pool: ready at"
"""The rest of the line is the address. Read by the engine."""
CHECKED = "suanzi-spark: "
"""The rest of the line is the version. Read by the engine."""
CLUSTER_TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
DEFAULT_PORT = 15002
CONNECT_SECONDS = 5.0
CHECK_SECONDS = 20.0
END_SECONDS = 3.0
MAX_REASON_CHARS = 300


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m suanzi.spark.driver")
    parser.add_argument("remote", help="sc://host:port of the cluster's Spark Connect")
    parser.add_argument("folder", type=Path, help="for code, tasks and logs; removed at the end")
    parser.add_argument("--check", action="store_true", help="say which Spark answers, and end")
    arguments = parser.parse_args()
    secrets = json.loads(sys.stdin.readline())
    if secrets.get("spark_token"):
        os.environ[CLUSTER_TOKEN] = secrets["spark_token"]
    if arguments.check:
        return check(arguments.remote)
    sessions = arguments.folder / "sessions"
    sessions.mkdir(mode=0o700)
    os.environ.update({REMOTE: arguments.remote, SESSIONS: str(sessions)})
    ender = Ender(arguments.remote, sessions)
    pool = HostPool(arguments.folder, ender.ended)
    token = hashlib.sha256(secrets["token"].encode()).hexdigest()
    server = PoolServer(("127.0.0.1", 0), pool, token)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{READY} http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    server.ending = True
    pool.end()
    ender.finish(END_SECONDS)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    return 0


class Ender:
    """Ends the sessions of tasks that have ended, and what still runs in them on the cluster, one after the other."""

    def __init__(self, remote: str, sessions: Path) -> None:
        self.remote, self.sessions = remote, sessions
        self.tasks: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def ended(self, task: Task) -> None:
        """Those that never had a session cost nothing."""
        if (self.sessions / task.name).exists():
            self.tasks.put(task.name)

    def _run(self) -> None:
        while True:
            name = self.tasks.get()
            try:
                session = connect(self.remote, name)
                session.interruptAll()
                session.stop()
            except Exception as error:
                # The cluster forgets it by itself in time.
                print(f"the session of {name} was not ended: {reason(error)}", file=sys.stderr, flush=True)
            (self.sessions / name).unlink(missing_ok=True)
            self.tasks.task_done()

    def finish(self, seconds: float) -> None:
        """Until all that was begun is ended, or the time is over."""
        for path in self.sessions.iterdir():
            self.tasks.put(path.name)
        deadline = time.monotonic() + seconds
        while self.tasks.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.05)


def check(remote: str) -> int:
    """Prints the version that answers, or why none does."""
    answers: queue.Queue[tuple[int, str]] = queue.Queue()
    threading.Thread(target=lambda: answers.put(_version(remote)), daemon=True).start()
    try:
        status, text = answers.get(timeout=CHECK_SECONDS)
    except queue.Empty:
        status, text = 1, f"no Spark Connect answers within {CHECK_SECONDS:.0f} s"
    print(f"{CHECKED}{text}", flush=True)
    return status


def _version(remote: str) -> tuple[int, str]:
    host, _, port = remote.removeprefix("sc://").rstrip("/").partition(":")
    try:
        # PySpark would try for minutes.
        with socket.create_connection((host, int(port or DEFAULT_PORT)), CONNECT_SECONDS):
            pass
    except OSError as error:
        return 1, f"it can't be reached: {error}"
    try:
        session = connect(remote, f"check-{os.getpid()}-{time.time_ns()}")
        version = str(session.version)
        session.stop()
        return 0, version
    except ImportError as error:
        return 1, f"{sys.executable} has no PySpark for Spark Connect ({error}); pip install 'pyspark[connect]'"
    except Exception as error:
        return 1, reason(error)


def reason(error: BaseException) -> str:
    """In one line, without what was sent."""
    text = str(error) or type(error).__name__
    # gRPC's own words stand in a heap of others.
    if found := re.search(r'details = "([^"]*)"', text):
        text = found[1]
    return " ".join(text.split())[:MAX_REASON_CHARS]


if __name__ == "__main__":
    status = 1
    try:
        status = main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    os._exit(status)  # threads that wait for tasks don't hold the process
