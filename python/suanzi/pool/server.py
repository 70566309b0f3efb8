"""The contract of the HTTP executor over a pool (`docs/reference/executor-openapi.json`)."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from suanzi.pool.tasks import Demand, NoCodeError, NoRoomError, Pool, Task

CONTRACT = 1
MAX_PIECE_BYTES = 512 << 10
MAX_BODY_BYTES = 128 << 20
MAX_WAIT_SECONDS = 5.0
READ_SECONDS = 60.0
"""How long a connection may take to bring its request."""
ROUTE = re.compile(r"/v1/(platform|code|tasks)(?:/([0-9a-f-]{1,100}))?(?:/(log|events|stop))?")


class BadRequestError(Exception):
    """A request that isn't one of the contract's, in words."""


class PoolServer(ThreadingHTTPServer):
    """Serves until its process ends. Knows when it was last called by somebody who may."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], pool: Pool, token_sha256: str) -> None:
        self.pool = pool
        self.token_sha256 = token_sha256
        self.called = time.monotonic()
        self.ending = False
        """Nothing is taken and nothing said any more: what is asked of a pool that ends would be lost."""
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS
    disable_nagle_algorithm = True
    server: PoolServer

    def log_message(self, format: str, *args: Any) -> None:
        """Requests aren't logged: the job's log is for what goes wrong."""

    def _answer(self, status: int, body: bytes | dict[str, Any] = b"") -> None:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} {self.responses[status][0]}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.close_connection = status >= 400
        self.wfile.write(head.encode() + body)

    def _handle(self) -> None:
        try:
            self._answer(*self._serve())
        except BadRequestError as error:
            self._answer(400, str(error).encode())
        except NoRoomError as error:
            self._answer(422, str(error).encode())
        except NoCodeError:
            self._answer(404, b"this code package isn't here")
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # the caller has hung up
        except Exception as error:
            traceback.print_exc()
            self._answer(500, f"{type(error).__name__}: {error}".encode())

    do_GET = do_PUT = do_POST = do_DELETE = _handle

    def _body(self) -> bytes:
        length = int(whole(self.headers.get("Content-Length") or "0", "Content-Length"))
        if length > MAX_BODY_BYTES:
            raise BadRequestError(f"a body of more than {MAX_BODY_BYTES} bytes")
        return self.rfile.read(length)

    def _may(self) -> bool:
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return hmac.compare_digest(hashlib.sha256(given.encode()).hexdigest(), self.server.token_sha256)

    def _serve(self) -> tuple[int, bytes | dict[str, Any]]:
        if not self._may():
            return 401, b"a bearer token is needed"
        if self.server.ending:
            return 503, b"the pool ends"
        self.server.called = time.monotonic()
        body = self._body()
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        match = ROUTE.fullmatch(url.path)
        if match is None:
            return 404, b"there is nothing here"
        kind, name, part = match.groups()
        pool = self.server.pool
        if kind == "platform":
            return 200, {"contract": CONTRACT}
        if name is None:
            raise BadRequestError("a name is missing")
        if kind == "code":
            pool.put_code(name, body)
            return 201, b""
        if self.command == "PUT":
            pool.put_task(name, query.get("code", [""])[0], body, demand_of(query))
            return 201, b""
        task = pool.tasks.get(name)
        if task is None:
            return 404, b"no such task"
        return self._of_task(pool, task, part, query)

    def _of_task(
        self, pool: Pool, task: Task, part: str | None, query: dict[str, list[str]]
    ) -> tuple[int, bytes | dict[str, Any]]:
        def number(key: str) -> int:
            return whole(query.get(key, ["0"])[0], key)

        if part in ("log", "events"):
            with open(task.folder / part, "rb") as file:
                file.seek(number("offset"))
                return 200, file.read(MAX_PIECE_BYTES)
        if part == "stop":
            pool.stop(task, number("grace_ms") / 1000)
            return 202, b""
        if self.command == "DELETE":
            pool.forget(task.name)
            return 204, b""
        return 200, task.wait(min(number("wait_ms") / 1000, MAX_WAIT_SECONDS), number("log"), number("events"))


def whole(text: str, what: str) -> int:
    """Raises BadRequestError."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadRequestError(f"{what} is no whole number")
    return int(text)


def demand_of(query: dict[str, list[str]]) -> Demand:
    """What a task wants, as its address says it. Raises BadRequestError."""
    demand = Demand(cpu=whole(query.get("cpu_slots", ["1"])[0], "cpu_slots") or 1)
    demand.memory = whole(query.get("memory_bytes", ["0"])[0], "memory_bytes")
    for given in query.get("resource", []):
        name, _, text = given.rpartition(":")
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if not name or not math.isfinite(amount) or amount < 0:
            raise BadRequestError(f"resource={given} is no name and amount")
        if name == "gpu":
            demand.gpu = amount
        elif amount > 0:
            demand.others[name] = amount
    return demand
