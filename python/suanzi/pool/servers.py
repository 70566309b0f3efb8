"""Code packages on one host, each with the process that forks a child for each of its tasks."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

from suanzi.pool import forks

CODE_CHARS = 24
"""Of a package's hash, in names of files: a socket's path is short."""
END_SECONDS = 0.5
DROPPED = ("PYTHONPATH", "PYTHONHASHSEED")
LIBRARIES = {
    # One thread until a task's own number is set.
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB")},
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    # Sets of strings would be ordered differently in each process otherwise.
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONUNBUFFERED": "1",
}


def socket_of(folder: Path, code: str) -> str:
    """Where the server of a package listens."""
    return str(folder / f"{code[:CODE_CHARS]}.sock")


def environment(code: Path) -> dict[str, str]:
    """The host's own, without what is Ray's: its token is nothing for operators."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_") and name not in DROPPED}
    return {**kept, **LIBRARIES, "PYTHONPATH": str(code)}


class ForkServers:
    """Those of one folder, which nobody else may own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.folder.stat().st_uid != os.getuid():
            raise RuntimeError(f"{self.folder} belongs to somebody else")
        self.lock = threading.Lock()
        self.servers: dict[str, subprocess.Popen[bytes]] = {}

    def add_code(self, code: str, archive: bytes) -> None:
        """Unpacks a package and starts its fork server, once."""
        with self.lock:
            if code in self.servers:
                return
            place = self.folder / code[:CODE_CHARS]
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                tar.extractall(place, filter="data")
            path = socket_of(self.folder, code)
            with open(forks.log_of(path), "wb") as log:
                self.servers[code] = subprocess.Popen(
                    [sys.executable, "-P", "-m", "suanzi.pool.forks", path],
                    env=environment(place),
                    cwd=self.folder,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def end(self) -> None:
        """Ends the servers with their tasks, and leaves nothing on the disk."""
        with self.lock:
            for server in self.servers.values():
                if server.stdin is not None:
                    server.stdin.close()
            for server in self.servers.values():
                try:
                    server.wait(END_SECONDS)
                except subprocess.TimeoutExpired:  # it still imports, so it has no tasks
                    server.kill()
                    server.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def signal(self, code: str, name: str, number: int) -> None:
        forks.send_signal(socket_of(self.folder, code), name, number)
