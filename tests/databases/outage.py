"""`suanzi serve` while its database goes away: an outage costs time and nothing else.

Between the server and each database of SUANZI_TEST_DATABASES stands a gate that refuses and cuts connections. Two
worlds on each: an outage in the middle of a run (SUANZI_OUTAGE_S seconds), and connections cut every moment, also
during commits.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import socket
import sys
import threading
import time
import urllib.error
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))

from addresses import Database, addresses  # noqa: E402
from program import Server  # noqa: E402

OUTAGE_S = float(os.environ.get("SUANZI_OUTAGE_S", "6"))
CUTS, MOMENTS = 12, 1_000
END_S = OUTAGE_S + 120
LAYERS, WIDTH = 6, 4


class Gate:
    """A port of loopback behind which lies the database's."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open = True
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No connection lives, and none comes through, until `open`."""
        with self._lock:
            self._open = False
        self.cut()

    def open(self) -> None:
        with self._lock:
            self._open = True

    def cut(self) -> int:
        """Ends the connections there are. Gives how many."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                drop(end)
        return len(pairs)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            with self._lock:
                if not self._open:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(self._target, timeout=10)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                self._pairs.add((client, server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=pump, args=(source, target), daemon=True).start()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    drop(source)
    drop(target)


def drop(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def layered(seconds: float) -> str:
    """Layers of operators that sleep, each of which waits for one of the layer before."""
    names = [f"n{layer}_{place}" for layer in range(LAYERS) for place in range(WIDTH)]
    pairs = zip(names, names[WIDTH:], strict=False)
    rels = "".join(
        f"  {source}: [{{target: {target}, source_index: 0, target_index: 0}}]\n" for source, target in pairs
    )
    details = "".join(f"  {name}: {{algo_name: sleep, params: {{seconds: {seconds}}}}}\n" for name in names)
    listed = ", ".join(names)
    return f"dag:\n operator_list: [{listed}]\n operator_rels:\n{rels} operator_details:\n{details}"


class World:
    """A server on a database behind a gate."""

    def __init__(self, program: Path, database: Database) -> None:
        self.database = database
        base = urlsplit(database.url)
        self.gate = Gate(str(base.hostname), int(base.port or 0))
        url = database.url.replace(f"{base.hostname}:{base.port}", f"127.0.0.1:{self.gate.port}")
        os.environ["SUANZI_DATABASE_URL"] = url
        self.server = Server(program)

    def asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str, Any]:
        """Status, Retry-After and answer."""
        try:
            return 200, "", self.server.api.json(method, path, body)
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Retry-After", ""), error.read().decode()

    def ended(self, run_id: str) -> str:
        """The run's state in the database, asked by the database's own client beside the gate, once it is an end."""
        until = time.monotonic() + END_S
        while time.monotonic() < until:
            state = self.database.one(f"SELECT state FROM runs WHERE run_id = '{run_id}'")
            if state != "running":
                return state
            if not self.server.lives():
                break
            time.sleep(0.1)
        raise SystemExit(f"{self.database.kind}: run {run_id} didn't end: {self.server.said()[-2_000:]}")

    def done(self) -> int:
        return int(self.database.one("SELECT count(*) FROM tasks WHERE state = 'success'"))

    def await_done(self, count: int) -> None:
        until = time.monotonic() + END_S
        while self.done() < count:
            if time.monotonic() > until:
                raise SystemExit(f"{self.database.kind}: fewer than {count} operators ended")
            time.sleep(0.05)

    def check(self, what: str, holds: bool, found: object = "") -> None:
        if not holds:
            raise SystemExit(f"{self.database.kind}: {what}: {found}\n{self.server.said()[-2_000:]}")

    def once_each(self, run_id: str) -> None:
        state = self.ended(run_id)
        self.check("the run ends otherwise", state == "success", state)
        rows = self.database.rows(
            "SELECT a.op, count(*) FROM attempts a JOIN runs r ON r."
            + ("`key`" if self.database.kind == "mysql" else '"key"')
            + f" = a.run WHERE r.run_id = '{run_id}' GROUP BY a.op"
        )
        self.check("attempts by operator", sorted(rows) == sorted((str(op), "1") for op in range(LAYERS * WIDTH)), rows)
        self.check("the server died", self.server.lives() and "panicked" not in self.server.said())


def outage(world: World) -> str:
    run_id = world.server.api.json("POST", "/runs", {"source": layered(0.4)})["run_id"]
    world.await_done(2)
    world.gate.close()
    began_ms = int(time.time() * 1000)
    before = world.done()
    for method, path, body in (("GET", "/runs", None), ("POST", "/runs", {"source": layered(0.01)})):
        status, retry_after, answer = world.asked(method, path, body)
        world.check(f"{method} {path} while the database is away", status == 503 and retry_after.isdigit(), answer)
        world.check("the code", '"database_away"' in answer, answer)
    status, _, answer = world.asked("GET", "/executors")
    world.check("what needs no database", status == 200, answer)
    time.sleep(max(0.0, OUTAGE_S - (time.time() * 1000 - began_ms) / 1000))
    ended_ms = int(time.time() * 1000)
    world.check("something was written meanwhile", world.done() <= before + 1, world.done())
    world.gate.open()
    world.once_each(run_id)
    meanwhile = int(
        world.database.one(
            f"SELECT count(*) FROM attempts WHERE ended_at > {began_ms} AND ended_at < {ended_ms} AND state = 'success'"
        )
    )
    world.check("operators that ended during the outage", meanwhile >= 2, meanwhile)
    runs = int(world.database.one("SELECT count(*) FROM runs"))
    world.check("a refused run is in the database", runs == 1, runs)
    return f"{meanwhile} of {LAYERS * WIDTH} operators ended while it was away for {OUTAGE_S:.0f} s"


def cuts(world: World) -> str:
    chance = random.Random(20261128)
    run_id = world.server.api.json("POST", "/runs", {"source": layered(0.3)})["run_id"]
    cut = 0
    for _ in range(MOMENTS):
        if cut >= CUTS:
            break
        time.sleep(chance.uniform(0.005, 0.03))
        cut += world.gate.cut()
    world.check("connections cut", cut >= CUTS, cut)
    world.once_each(run_id)
    return f"{cut} connections cut"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/debug/suanzi")
    options = parser.parse_args()
    for base in addresses():
        for story in (outage, cuts):
            with Database(base) as database:
                world = World(options.suanzi, database)
                try:
                    said = story(world)
                finally:
                    world.server.end()
                print(f"{database.kind}: one attempt of each operator, all of them successes; {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
