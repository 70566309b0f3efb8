"""`read_object_store` against a small server that speaks S3, and against folders."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest

from suanzi.operators.source.read_object_store import read_object_store


class Bucket(BaseHTTPRequestHandler):
    """HEAD, GET with ranges, and listing (ListObjectsV2) of one bucket, `b`, from a map of keys."""

    objects: dict[str, bytes] = {}  # noqa: RUF012 (shared on purpose)
    signed: list[bool] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        parts = urlsplit(self.path)
        Bucket.signed.append("Authorization" in self.headers)
        bucket, _, key = unquote(parts.path).strip("/").partition("/")
        query = parse_qs(parts.query)
        if bucket == "b" and not key and body:
            return self._list(query.get("prefix", [""])[0])
        content = self.objects.get(key) if bucket == "b" else None
        if content is None:
            return self._send(404, b"<Error><Code>NoSuchKey</Code></Error>" if body else b"", {})
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            first, last = int(asked[1]), int(asked[2] or len(content) - 1)
            headers = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
            return self._send(206, content[first : last + 1], headers)
        self._send(200, content if body else b"", {}, length=len(content))

    def _list(self, prefix: str) -> None:
        found = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(content)}</Size>"
            "<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        count = f"<KeyCount>{found.count('<Key>')}</KeyCount>"
        text = f"<ListBucketResult>{count}<IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        self._send(200, text.encode(), {"Content-Type": "application/xml"})

    def _send(self, status: int, content: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT", "ETag": '"x"', **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("objects")
    FRAME.to_parquet(folder / "t.parquet")
    parquet = (folder / "t.parquet").read_bytes()
    csv = FRAME.to_csv(index=False).encode()
    Bucket.objects = {"one/t.parquet": parquet, "one/t.csv": csv, "两/p1.parquet": parquet, "两/p2.parquet": parquet}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


FRAME = pd.DataFrame({"数": [1, 2, 3], "x": ["a", "b", "c"]})


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize(
    ("uri", "params", "rows"),
    [
        ("s3://b/one/t.parquet", {}, 3),
        ("s3://b/one/t.csv", {}, 3),
        ("s3://b/两", {}, 6),
        ("s3://b/one/t.parquet", {"anonymous": True}, 3),
    ],
)
def test_reads_objects_and_prefixes(run: Any, endpoint: str, uri: str, params: dict[str, Any], rows: int) -> None:
    Bucket.signed.clear()
    found = run(read_object_store, uri=uri, endpoint=endpoint, region="r", **params)
    expected = pd.concat([FRAME] * (rows // 3), ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)
    assert set(Bucket.signed) == {not params.get("anonymous", False)}
    assert list(run(read_object_store, uri=uri, endpoint=endpoint, region="r", columns=["x"], **params)) == ["x"]


def test_reads_files_by_uri(run: Any, tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    pd.testing.assert_frame_equal(run(read_object_store, uri=f"file://{tmp_path}/t.csv"), FRAME)


@pytest.mark.parametrize(
    ("uri", "params", "words"),
    [
        ("s3://b/none.parquet", {}, ["s3://b/none.parquet", "no object"]),
        ("s3://b/one/t.parquet", {"columns": ["y"]}, ["column 'y'", "t.parquet"]),
        ("s3://b/one/t.csv", {"format": "parquet"}, ["t.csv", "can't be read"]),
        ("s3://key:secret@b/t.parquet", {}, ["credentials"]),
        ("s3://b/t.parquet?access_key=k&secret_key=s", {}, ["credentials"]),
        ("ftp://b/t.parquet", {}, ["ftp://b/t.parquet"]),
        ("t.parquet", {}, ["no address"]),
        ("s3://", {}, ["no address"]),
        ("file:///nowhere/t.parquet", {}, ["no object"]),
    ],
)
def test_refusals(run: Any, endpoint: str, refused: Any, uri: str, params: dict[str, Any], words: list[str]) -> None:
    refused(lambda: run(read_object_store, uri=uri, endpoint=endpoint, region="r", **params), *words)
