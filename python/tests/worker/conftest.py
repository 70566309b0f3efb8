"""A tiny engine for the tests: starts the zygote, asks for workers, sends them tasks."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suanzi.worker.protocol import Channel, encode

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
OPERATORS = Path(__file__).with_name("steps")
WAIT_SECONDS = 30
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Worker:
    """One forked worker, spoken to as the engine does."""

    def __init__(self, engine: Engine, channel: Channel, log: Path) -> None:
        self.engine = engine
        self.channel = channel
        self.log = log
        self.pid = self.receive()["pid"]

    def receive(self) -> dict[str, Any]:
        self.channel.sock.settimeout(WAIT_SECONDS)
        frame = self.channel.receive()
        assert frame is not None, f"the worker is gone; its log:\n{self.log.read_text()}"
        return frame

    def run(self, step: str, params: dict[str, Any] | None = None, /, **changes: Any) -> dict[str, Any]:
        """The frame that ends the task."""
        self.channel.send(self.engine.task(step, params or {}) | changes)
        while (frame := self.receive())["t"] not in ("result", "failed"):
            pass
        return frame

    def value(self, step: str, params: dict[str, Any] | None = None, /, **changes: Any) -> Any:
        """The JSON value of the only output."""
        frame = self.run(step, params, **changes)
        assert frame["t"] == "result", frame
        return json.loads(frame["outputs"][0]["inline"])

    def log_of(self, frame: dict[str, Any]) -> bytes:
        usage = frame["usage"]
        return self.log.read_bytes()[usage["log_start"] : usage["log_end"]]


class Engine:
    """A zygote and its channel."""

    def __init__(self, folder: Path, *, sklearn: bool = True) -> None:
        self.folder = folder
        self.count = 0
        ours, theirs = socket.socketpair()
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env |= dict.fromkeys(ONE_THREAD, "1")
        env |= {"PYTHONPATH": str(PACKAGE_ROOT), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
        env["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
        command = [sys.executable, "-P", "-m", "suanzi.worker.zygote"]
        self.process = subprocess.Popen(command, stdin=theirs, env=env)
        theirs.close()
        ours.settimeout(WAIT_SECONDS)
        self.channel = Channel(ours)
        self.hello = self.channel.receive()
        self.loaded = self.channel.receive()
        if sklearn:
            self.channel.send({"t": "preload"})
            self.loaded = self.channel.receive()
        self.exited: dict[int, int] = {}

    def fork(self) -> Worker:
        self._read_reports(0)
        self.count += 1
        ours, theirs = socket.socketpair()
        log = self.folder / f"{self.count}.log"
        fd = os.open(log, os.O_CREAT | os.O_APPEND | os.O_RDWR)
        frame = {"t": "fork", "worker": self.count}
        socket.send_fds(self.channel.sock, [encode(frame)], [theirs.fileno(), fd])
        theirs.close()
        os.close(fd)
        return Worker(self, Channel(ours), log)

    def wait_exit(self, worker: int) -> int:
        """The wait status of a worker that ends."""
        while worker not in self.exited:
            assert self._read_reports(WAIT_SECONDS), "no exit was told"
        return self.exited[worker]

    def kill_with_forks(self, worker: Worker, number: int, where: Path, forks: int) -> None:
        """Kills a worker once so many forks of it have each left a file with its pid: they end, and no other comes."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(pids := [path.read_text() for path in where.iterdir()]) < forks or not all(pids):
            assert time.monotonic() < deadline, worker.log.read_text()
            time.sleep(0.01)
        os.kill(worker.pid, signal.SIGKILL)
        self.wait_exit(number)
        while any(os.path.exists(f"/proc/{pid}") for pid in pids):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert len(list(where.iterdir())) == forks

    def _read_reports(self, wait_seconds: float) -> bool:
        """Reads what the zygote tells, which would block if nobody did."""
        found = False
        while select.select([self.channel.sock], [], [], 0 if found else wait_seconds)[0]:
            found = True
            assert self.channel.read_with_fds(), "the zygote is gone"
            while self.channel.fds:
                os.close(self.channel.fds.popleft())
            while (frame := self.channel.buffered()) is not None:
                if frame["t"] == "exited":
                    self.exited[frame["worker"]] = frame["status"]
        return found

    def task(self, function: str, params: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        return {
            "t": "task",
            "id": self.count,
            "run_id": "test/1",
            "operator_id": function,
            "algo_name": function,
            "attempt_no": 1,
            "module": "steps",
            "function": function,
            "dir": str(OPERATORS),
            "code_hash": "1",
            "params": json.dumps(params),
            "seed": 7,
            "inputs": [],
            "outputs": [{"name": "out", "type": "any"}],
            "files": [],
            "out_dir": str(self.folder),
            "out_prefix": f"{self.count}-",
            "cpu_slots": 1,
            "memory_bytes": None,
            "timeout_ms": None,
        }

    def close(self) -> None:
        self.channel.sock.close()
        assert self.process.wait(WAIT_SECONDS) == 0


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("worker"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fork server's socket; operators may lie beside the package, as in the code that a platform is sent."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "suanzi").symlink_to(PACKAGE_ROOT / "suanzi")
    path = folder / "s.sock"
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "suanzi.pool.forks", str(path)],
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"},
        stdin=subprocess.PIPE,
    )
    yield path
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(30)


@pytest.fixture
def worker_without_sklearn(tmp_path: Path) -> Iterator[Worker]:
    engine = Engine(tmp_path, sklearn=False)
    yield engine.fork()
    engine.close()


@pytest.fixture
def worker(engine: Engine) -> Worker:
    return engine.fork()
