"""MLflow's REST API by the standard library: no client of MLflow's need be installed where the engine runs."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

TIMEOUT_S = 30
"""For each step of a request: connecting, and every wait for bytes."""
MAX_SAID_CHARS = 300
"""Of what a server says of its refusal."""


class RestError(Exception):
    """Why something couldn't be sent, in a sentence without credentials. `code` is MLflow's own."""

    def __init__(self, said: str, code: str = "") -> None:
        super().__init__(said)
        self.code = code


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Credentials go to the server that was named, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """A redirect is an answer like any other refusal."""


class Rest:
    """A tracking server: `address` without credentials, which are in `headers` alone."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self.address = address.rstrip("/")
        self._headers = dict(headers)
        self._opener = urllib.request.build_opener(NoRedirects)

    @staticmethod
    def of_environment(environment: Mapping[str, str]) -> Rest:
        """By `MLFLOW_TRACKING_URI`, `…_TOKEN` or `…_USERNAME` and `…_PASSWORD`, as MLflow's clients do."""
        parts = urlsplit(environment.get("MLFLOW_TRACKING_URI", ""))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RestError("MLFLOW_TRACKING_URI isn't an http or https address of an MLflow server")
        host = parts.netloc.rsplit("@", 1)[-1]
        address = urlunsplit((parts.scheme, host, parts.path, "", ""))
        user = environment.get("MLFLOW_TRACKING_USERNAME") or parts.username
        password = environment.get("MLFLOW_TRACKING_PASSWORD") or parts.password or ""
        token = environment.get("MLFLOW_TRACKING_TOKEN")
        headers = {}
        if user:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif token:
            headers["Authorization"] = f"Bearer {token}"
        return Rest(address, headers)

    def get(self, method: str, **query: str) -> dict[str, Any]:
        """An answer of `/api/2.0/mlflow/…`."""
        return self._json("GET", f"/api/2.0/mlflow/{method}?{urlencode(query)}", None)

    def post(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """As `get`, with a body."""
        return self._json("POST", f"/api/2.0/mlflow/{method}", json.dumps(body).encode())

    def put_artifact(self, place: str, content: bytes | Path) -> None:
        """A file, by the server's own proxy to wherever it keeps artifacts; a path is streamed."""
        at = f"/api/2.0/mlflow-artifacts/artifacts/{quote(place)}"
        if isinstance(content, bytes):
            self._send("PUT", at, content, len(content), "application/octet-stream")
            return
        with content.open("rb") as file:
            self._send("PUT", at, file, content.stat().st_size, "application/octet-stream")

    def _json(self, method: str, at: str, body: bytes | None) -> dict[str, Any]:
        said = self._send(method, at, body, None if body is None else len(body), "application/json")
        try:
            answer = json.loads(said)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise RestError(f"{self.address} answered no JSON: is it an MLflow server?")
        return answer

    def _send(self, method: str, at: str, body: Any, length: int | None, media: str) -> bytes:
        headers = {**self._headers, "Content-Type": media}
        if length is not None:
            headers["Content-Length"] = str(length)
        request = urllib.request.Request(self.address + at, data=body, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise self._refusal(error, at) from None
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise RestError(f"{self.address} can't be reached: {why}") from None

    def _refusal(self, error: urllib.error.HTTPError, at: str) -> RestError:
        what = at.split("?")[0].removeprefix("/api/2.0/")
        if error.code in (401, 403):
            hint = "check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
            return RestError(f"{self.address} refused the credentials ({error.code}): {hint}")
        code, said = "", ""
        try:
            body = json.loads(error.read())
            code, said = str(body.get("error_code", "")), str(body.get("message", ""))[:MAX_SAID_CHARS]
        except (ValueError, AttributeError, OSError):
            pass
        return RestError(f"{self.address} answered {error.code} to {what}{': ' + said if said else ''}", code)
