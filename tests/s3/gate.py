"""A port of loopback behind which lies an S3 server.

It checks signatures, which moto doesn't, notes who asked for what, and goes away when told to.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
UPSTREAM_S = 30


@dataclass(frozen=True)
class Asked:
    method: str
    key: str
    """Without the bucket."""
    by: str
    """`worker` or `engine`, by the library that asked."""
    status: int


class Gate:
    """Between Suanzi and the server at `port`."""

    def __init__(self, port: int, key: str, secret: str) -> None:
        self.upstream, self.key, self.secret = port, key, secret
        self.asked: list[Asked] = []
        self.denies: set[str] = set()
        """Methods that are refused."""
        self._lock = threading.Lock()
        self._open = True
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                if not gate._open:
                    self.close_connection = True
                    return
                super().handle_one_request()

            def log_message(self, *_: Any) -> None:
                """Said by `asked`."""

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: gate._pass(self)
                raise AttributeError(name)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def verify_request(self, request: Any, client_address: Any) -> bool:
                return gate._open

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A connection was cut, by us or by a program that was ended."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nobody is answered until `open`."""
        self._open = False

    def open(self) -> None:
        self._open = True

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        with self._lock:
            self.asked.clear()

    def count(self, method: str, by: str, ok: bool = True) -> int:
        with self._lock:
            return sum((one.method, one.by, one.status < 300) == (method, by, ok) for one in self.asked)

    def _pass(self, request: Any) -> None:
        body = _body(request)
        if not self._open:
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        path, _, query = request.path.partition("?")
        code = self._fault(request, path, query)
        if code is not None:
            status, kind, data = 403, "application/xml", f"<Error><Code>{code}</Code></Error>".encode()
            headers: list[tuple[str, str]] = [("Content-Type", kind), ("Content-Length", str(len(data)))]
        else:
            status, headers, data = self._forward(request, body)
        key = unquote(path).lstrip("/").partition("/")[2]
        by = "engine" if request.headers.get("User-Agent", "").startswith("suanzi/") else "worker"
        with self._lock:
            self.asked.append(Asked(request.command, key, by, status))
        request.send_response_only(status)
        for name, value in headers:
            request.send_header(name, value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(data)

    def _forward(self, request: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=UPSTREAM_S)
        dropped = ("host", "connection", "content-length", "transfer-encoding", "expect")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in dropped}
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        skipped = ("connection", "transfer-encoding", "content-length")
        given = [(name, value) for name, value in answer.getheaders() if name.lower() not in skipped]
        length = answer.getheader("Content-Length") if request.command == "HEAD" else str(len(data))
        connection.close()
        return answer.status, [*given, ("Content-Length", length or "0")], data

    def _fault(self, request: Any, path: str, query: str) -> str | None:
        """As S3 calls what is wrong with who asks."""
        given = dict(parse_qsl(query, keep_blank_values=True))
        if given.get("X-Amz-Algorithm") == ALGORITHM:
            credential, names = given["X-Amz-Credential"], given["X-Amz-SignedHeaders"]
            signature, time, payload = given["X-Amz-Signature"], given["X-Amz-Date"], "UNSIGNED-PAYLOAD"
        else:
            found = re.fullmatch(
                rf"{ALGORITHM} Credential=(\S+), ?SignedHeaders=(\S+), ?Signature=(\w+)",
                request.headers.get("Authorization", ""),
            )
            if found is None:
                return "AccessDenied"
            credential, names, signature = found.groups()
            time, payload = request.headers["x-amz-date"], request.headers["x-amz-content-sha256"]
        key, _, scope = credential.partition("/")
        if key != self.key:
            return "InvalidAccessKeyId"
        pairs = sorted(part if "=" in part else f"{part}=" for part in query.split("&") if part)
        pairs = [pair for pair in pairs if not pair.startswith("X-Amz-Signature=")]
        headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names.split(";"))
        asked = "\n".join([request.command, path, "&".join(pairs), headers, names, payload])
        text = "\n".join([ALGORITHM, time, scope, hashlib.sha256(asked.encode()).hexdigest()])
        secret = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            secret = hmac.digest(secret, part.encode(), "sha256")
        if hmac.new(secret, text.encode(), "sha256").hexdigest() != signature:
            return "SignatureDoesNotMatch"
        return "AccessDenied" if request.command in self.denies else None


def _body(request: Any) -> bytes:
    if request.headers.get("Expect", "").lower() == "100-continue":
        request.send_response_only(100)
        request.end_headers()
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    pieces = []
    while size := int(request.rfile.readline().split(b";")[0], 16):
        pieces.append(request.rfile.read(size))
        request.rfile.readline()
    while request.rfile.readline().strip():
        continue
    return b"".join(pieces)
