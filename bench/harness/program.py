"""The program under test, used from outside: its commands, its server's socket, its database."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_SECONDS = 60.0


class FailedError(Exception):
    """A run, a command or a request that should have succeeded; its figure is missing then."""


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=600)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Program:
    """One home of the program, with commands of its own."""

    def __init__(self, binary: Path, home: Path, python: Path) -> None:
        self.binary = binary
        self.home = home
        self.env = {**os.environ, "SUANZI_HOME": str(home), "SUANZI_PYTHON": str(python)}
        self.env.pop("SUANZI_DATABASE_URL", None)

    def cli(self, *args: str | Path) -> float:
        """Seconds of one command, from before its start to after its end."""
        began = time.perf_counter()
        done = subprocess.run([self.binary, *args], env=self.env, capture_output=True, text=True)
        took = time.perf_counter() - began
        if done.returncode != 0:
            raise FailedError(f"suanzi {' '.join(map(str, args))}: {done.stderr.strip()}")
        return took

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.home}/suanzi.db?mode=ro", uri=True)
        try:
            yield connection
        finally:
            connection.close()

    def check(self, run_id: str | None, executed: int) -> int:
        """The run's key, read from SQL: it succeeded, by `executed` attempts that each succeeded and none that failed.

        `None`: the newest run.
        """
        with self.database() as db:
            where, args = ("run_id = ?", (run_id,)) if run_id else ("key = (select max(key) from runs)", ())
            key, state = db.execute(f"select key, state from runs where {where}", args).fetchone()
            counts = dict(db.execute("select state, count(*) from attempts where run = ? group by state", (key,)))
        if state != "success" or counts != ({"success": executed} if executed else {}):
            raise FailedError(f"run {run_id}: {state} with attempts {counts}; {executed} successful ones expected")
        return int(key)

    def operator_times(self, key: int) -> dict[str, tuple[float, list[str]]]:
        """Seconds an operator's attempt took in its worker, and the operators before it."""
        with self.database() as db:
            version = db.execute("select dag_version from runs where key = ?", (key,)).fetchone()[0]
            names = dict(db.execute("select op, operator_id from operators where dag_version = ?", (version,)))
            times = dict(
                db.execute("select op, wall_us / 1e6 from attempts where run = ? and state = 'success'", (key,))
            )
            edges = db.execute("select source, target from relations where dag_version = ?", (version,)).fetchall()
        before: dict[str, list[str]] = {name: [] for name in names.values()}
        for one, other in edges:
            before[names[other]].append(names[one])
        return {name: (times.get(op, 0.0), before[name]) for op, name in names.items()}

    def peak_bytes(self, key: int) -> int:
        """The most that any attempt of a run had resident."""
        with self.database() as db:
            return int(db.execute("select max(peak_rss_bytes) from attempts where run = ?", (key,)).fetchone()[0])

    def ends(self, run_ids: list[str]) -> dict[str, float]:
        """When those of the runs ended that succeeded, in seconds since 1970; waits until none is open."""
        wanted = set(run_ids)
        give_up = time.monotonic() + READY_SECONDS
        while True:
            with self.database() as db:
                rows = db.execute("select run_id, state, ended_at from runs").fetchall()
            mine = [line for line in rows if line[0] in wanted]
            if all(state != "running" for _, state, _ in mine) or time.monotonic() > give_up:
                return {run_id: ended / 1e3 for run_id, state, ended in mine if state == "success"}
            time.sleep(0.1)

    def values(self, key: int) -> dict[str, Any]:
        """The small values that a run's operators returned, by operator."""
        with self.database() as db:
            rows = db.execute(
                "select o.operator_id, a.inline from runs r join operators o on o.dag_version = r.dag_version"
                " join task_outputs t on t.run = r.key and t.op = o.op join artifacts a on a.key = t.artifact"
                " where r.key = ? and a.inline is not null",
                (key,),
            ).fetchall()
        return {name: json.loads(inline) for name, inline in rows}


class Client:
    """The API of a running server, over its home's socket by one connection that stays open."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.path = program.home / "engine.sock"
        self.connection = SocketConnection(self.path)

    def trip(self) -> float:
        """Seconds of one HTTP request that does nothing."""
        began = time.perf_counter()
        self.connection.request("GET", "/healthz")
        self.connection.getresponse().read()
        return time.perf_counter() - began

    def submit(self, text: str, **options: Any) -> str:
        """The run's id, once it is durably submitted."""
        body = json.dumps({"source": text, "options": options})
        self.connection.request("POST", "/api/v1/runs", body, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status != http.client.CREATED:
            raise FailedError(f"a run was refused with {answer.status}: {data.decode(errors='replace'):.500}")
        return str(json.loads(data)["run_id"])

    def follow(self, run_id: str) -> None:
        """Until the run's end is told, which is after it is durable."""
        events = SocketConnection(self.path)
        events.request("GET", f"/api/v1/runs/{run_id}/events", headers={"accept": "text/event-stream"})
        stream = events.getresponse()
        kind = b""
        while line := stream.readline():
            if line.startswith(b"event: "):
                kind = line[7:].strip()
            if kind == b"run_ended" and line.startswith(b"data: "):
                break
        else:
            raise FailedError(f"the events of {run_id} ended before the run did")
        events.close()

    def run(self, text: str, executed: int, **options: Any) -> tuple[float, int]:
        """Seconds from the request to the durable end, and the run's key. Everything runs unless `cache` says so."""
        options = {"cache": "bypass", **options}
        began = time.perf_counter()
        run_id = self.submit(text, **options)
        self.follow(run_id)
        took = time.perf_counter() - began
        return took, self.program.check(run_id, executed)


class Server(Client):
    """`suanzi serve`."""

    def __init__(self, program: Program, *options: str) -> None:
        super().__init__(program)
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [program.binary, "serve", "--port", "0", *options],
            env=program.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._wait()
        self.ready_seconds = time.perf_counter() - self.began

    def _wait(self) -> None:
        while time.perf_counter() - self.began < READY_SECONDS:
            if self.process.poll() is not None:
                raise FailedError(f"suanzi serve ended: {self._said()}")
            try:
                connection = SocketConnection(self.path)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == http.client.OK:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.001)
        raise FailedError("suanzi serve was not ready in time")

    def _said(self) -> str:
        return self.process.stderr.read().decode(errors="replace").strip() if self.process.stderr else ""

    def processes(self) -> list[int]:
        """The server's own process and all that it started."""
        found = [self.process.pid]
        for pid in found:
            for thread in Path(f"/proc/{pid}/task").glob("*/children"):
                found.extend(int(word) for word in thread.read_text().split())
        return found

    def close(self) -> None:
        """Ends it as Ctrl-C would."""
        self.connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def pss_bytes(pids: list[int]) -> int:
    """Proportional set sizes, which count shared pages once, summed."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) << 10
    return total
