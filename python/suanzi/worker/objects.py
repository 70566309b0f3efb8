"""Artifacts in a store of objects: what a task reads comes from there unless it is here, what it made goes there first.

Files below a folder of copies stand for objects by what follows the folder in their paths. Credentials come from the
environment of this process and are shown by nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from suanzi.worker.copies import make_room, used

Found = TypeVar("Found")

WAIT = "SUANZI_ARTIFACTS_WAIT"
"""Seconds for which a store is asked again that doesn't answer."""
COPIES = "SUANZI_COPIES"
"""The folder of copies on a platform that isn't the engine's own."""
WAIT_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.2
LAST_PAUSE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
PIECE_BYTES = 8 << 20
DEFAULT_REGION = "us-east-1"
PASSING = frozenset(
    {
        "INTERNAL_FAILURE",
        "NETWORK_CONNECTION",
        "REQUEST_EXPIRED",
        "REQUEST_TIMEOUT",
        "SERVICE_UNAVAILABLE",
        "SLOW_DOWN",
        "THROTTLING",
        "UNKNOWN",
    }
)
"""What a store may say and answer the next time all the same."""
_SAID = re.compile(r"AWS Error (\w+)")

_stores: dict[tuple[str | None, ...], Any] = {}
"""Connections of this process; none is made before it was forked."""


class StoreError(Exception):
    """The store of artifacts can't be used; says why in words, and never with what it was asked with."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Objects:
    """The store that a task names."""

    def __init__(self, place: dict[str, Any]) -> None:
        self.url: str = place["url"]
        self.root: str = place["root"]
        self.endpoint: str | None = (
            os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or place["endpoint"]
        )
        self.region: str = (
            os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or place["region"] or DEFAULT_REGION
        )

    @classmethod
    def of(cls, task: dict[str, Any]) -> Objects | None:
        """None where artifacts are files that all hosts see."""
        place = task.get("objects")
        return None if place is None else cls(place)

    def bring(self, task: dict[str, Any]) -> None:
        """Makes the files of a task's inputs and parameters be here."""
        paths = [item["path"] for item in task["inputs"] if item.get("path") is not None]
        for path in (*paths, *(path for _, path in task["files"])):
            if (name := self._name(path)) is not None:
                self._fetch(path, name)

    def store(self, outputs: list[dict[str, Any]]) -> None:
        """Puts a task's output files where others find them. Until this returns there is no result."""
        for item in outputs:
            if (path := item.get("path")) is not None and (name := self._name(path)) is not None:
                self._asked(f"{self.url}/{name} can't be written", partial(self._put, path, name))
        make_room(self.root)

    def _name(self, path: str) -> str | None:
        name = os.path.relpath(path, self.root)
        return None if name.startswith("..") else name

    def _fetch(self, path: str, name: str) -> None:
        if os.path.exists(path):
            used(path)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        unfinished = f"{path}.{os.getpid()}.tmp"
        try:
            self._asked(f"{self.url}/{name} can't be read", partial(self._get, name, unfinished))
            os.rename(unfinished, path)
        finally:
            if os.path.exists(unfinished):
                os.unlink(unfinished)
        make_room(self.root)

    def _get(self, name: str, to: str) -> None:
        with self._system().open_input_file(self._object(name)) as source, open(to, "wb") as sink:
            size = source.size()
            while piece := source.read(PIECE_BYTES):
                sink.write(piece)
            if sink.tell() != size:
                raise OSError("AWS Error NETWORK_CONNECTION: it came cut short")

    def _put(self, path: str, name: str) -> None:
        system, target = self._system(), self._object(name)
        with open(path, "rb") as source:
            sink = system.open_output_stream(target)
            while piece := source.read(PIECE_BYTES):
                sink.write(piece)
            sink.close()  # only here the object comes to be, whole
        size, expected = system.get_file_info(target).size, os.stat(path).st_size
        if size != expected:
            raise OSError(f"AWS Error NETWORK_CONNECTION: it has {size} bytes there, not {expected}")

    def _object(self, name: str) -> str:
        return f"{self.url.removeprefix('s3://')}/{name}"

    def _asked(self, what: str, call: Callable[[], Found]) -> Found:
        """Asks again for a while where that may help. Raises StoreError."""
        until = time.monotonic() + _wait_seconds()
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return call()
            except FileNotFoundError:
                hint = f"it was removed, or was made before {self.url} was: run the operators before this one again"
                raise StoreError(f"{what}: it isn't there", hint) from None
            except OSError as error:
                if error.errno is not None:
                    raise  # of the disk here
                said = _SAID.search(str(error))
                word = said.group(1) if said else "UNKNOWN"
                left = until - time.monotonic()
                if word not in PASSING or left <= 0:
                    raise StoreError(f"{what}: {self._words(word, str(error))}", self._hint(word)) from None
                print(f"waiting for {self._server()}, where artifacts lie ({word})", flush=True)
                time.sleep(min(pause, left))
                pause = min(pause * 2, LAST_PAUSE_SECONDS)

    def _words(self, word: str, text: str) -> str:
        if word in PASSING:
            return f"{self._server()} doesn't answer ({word})"
        if "HTTP status 404" in text or word == "NO_SUCH_BUCKET":
            return f"{self._server()} has no such bucket"
        return f"{self._server()} refuses ({word})"

    def _hint(self, word: str) -> str:
        if word in PASSING:
            return f"once it answers, run again: what was done is kept; {WAIT} says for how many seconds it is waited"
        return "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where operators run, and what they may read and write"

    def _server(self) -> str:
        return self.endpoint or f"S3 in {self.region}"

    def _system(self) -> Any:
        key = (self.endpoint, self.region, os.environ.get("AWS_ACCESS_KEY_ID"))
        if key not in _stores:
            _stores[key] = self._connected()
        return _stores[key]

    def _connected(self) -> Any:
        # Its threads would be lost in a fork: workers alone import it, when they need it.
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        given: dict[str, Any] = {"region": self.region, "connect_timeout": CONNECT_SECONDS}
        if self.endpoint is not None:
            address = urlsplit(self.endpoint)
            given |= {"scheme": address.scheme, "endpoint_override": address.netloc + address.path.rstrip("/")}
        if token := os.environ.get("AWS_SESSION_TOKEN"):
            given["session_token"] = token
        if key := os.environ.get("AWS_ACCESS_KEY_ID"):
            given |= {"access_key": key, "secret_key": os.environ.get("AWS_SECRET_ACCESS_KEY", "")}
        if bundle := os.environ.get("SSL_CERT_FILE"):
            given["tls_ca_file_path"] = bundle
        return S3FileSystem(**given, retry_strategy=AwsStandardS3RetryStrategy(max_attempts=2))


class Elsewhere:
    """A task on a platform where the engine's folder of copies isn't: paths are moved to a folder of this host."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.there: str = task["objects"]["root"]
        self.here = _folder(task["objects"]["url"])

    def take(self, task: dict[str, Any]) -> None:
        """Changes the task's paths to those here."""
        keys = dict(task["objects"].get("files") or [])
        task["files"] = [
            (name, os.path.join(self.here, keys[name]) if name in keys else path) for name, path in task["files"]
        ]
        task["objects"] = {**task["objects"], "root": self.here}
        task["out_dir"] = _moved(task["out_dir"], self.there, self.here)
        for item in task["inputs"]:
            if item.get("path") is not None:
                item["path"] = _moved(item["path"], self.there, self.here)

    def give(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The result with the engine's paths."""
        for item in frame.get("outputs") or []:
            if item.get("path") is not None:
                item["path"] = _moved(item["path"], self.here, self.there)
        return frame


def _moved(path: str, before: str, after: str) -> str:
    below = os.path.relpath(path, before)
    return path if below.startswith("..") else os.path.join(after, below)


def _folder(url: str) -> str:
    base = os.environ.get(COPIES) or os.path.join(tempfile.gettempdir(), f"suanzi-copies-{os.getuid()}")
    os.makedirs(base, mode=0o700, exist_ok=True)
    found = os.lstat(base)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise StoreError(
            f"{base} belongs to somebody else, or others may write there", f"set {COPIES} to another folder"
        )
    return os.path.join(base, hashlib.sha256(url.encode()).hexdigest()[:16])


def _wait_seconds() -> float:
    try:
        return float(os.environ.get(WAIT) or WAIT_SECONDS)
    except ValueError:
        return WAIT_SECONDS
