"""A real S3 server behind a gate, and the real program with homes of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))

from gate import Gate  # noqa: E402
from program import Api, demo_table  # noqa: E402

PROGRAM = Path(os.environ.get("SUANZI_BIN") or ROOT / "target/debug/suanzi")
MOTO = ROOT / "target/s3-venv/bin/moto_server"
SEED = ROOT / "examples/seed-dag.yaml"
BUCKET = "artifacts"
KEY, SECRET = "suanzi-test", "correct-horse-battery-staple"
SAME = ("port", "type", "rows", "content_id")
START_S = 60
END_S = 20
RUN_S = 120


class S3:
    """moto, with one bucket, and the gate that all but the tests go through."""

    def __init__(self, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._log = open(log, "wb")  # noqa: SIM115, closed by end()
        self._process = subprocess.Popen(
            [MOTO, "-H", "127.0.0.1", "-p", str(self.port)], stdout=self._log, stderr=self._log
        )
        wait(lambda: _answers(self.port), START_S, "moto listens")
        from pyarrow.fs import S3FileSystem

        self.system = S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            region="us-east-1",
            scheme="http",
            endpoint_override=f"127.0.0.1:{self.port}",
            allow_bucket_creation=True,
        )
        self.system.create_dir(BUCKET)
        self.gate = Gate(self.port, KEY, SECRET)

    def objects(self, prefix: str) -> dict[str, int]:
        """Names after the prefix, and sizes."""
        from pyarrow.fs import FileSelector

        base = f"{BUCKET}/{prefix}"
        selector = FileSelector(base, recursive=True, allow_not_found=True)
        found = self.system.get_file_info(selector)
        return {one.path.removeprefix(f"{base}/"): one.size for one in found if one.is_file}

    def end(self) -> None:
        self.gate.end()
        end(self._process)
        self._log.close()


def environment(home: Path, s3: S3 | None, **changes: str | None) -> dict[str, str]:
    """Of a program; a `None` takes a variable away."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SUANZI_"))}
    env |= {"SUANZI_HOME": str(home), "SUANZI_PYTHON": str(ROOT / ".venv/bin/python")}
    if s3 is not None:
        env |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": s3.gate.url}
    for name, value in changes.items():
        env.pop(name, None) if value is None else env.update({name: value})
    return env


def suanzi(env: dict[str, str], *arguments: str | Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    found = subprocess.run([PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=RUN_S)
    assert code is None or found.returncode == code, f"{arguments}: {found.returncode}\n{found.stdout}{found.stderr}"
    assert SECRET not in found.stdout + found.stderr
    return found


def run(env: dict[str, str], *arguments: str | Path, code: int | None = 0) -> dict[str, Any]:
    """A run's report."""
    found = suanzi(env, "run", *arguments, "--json", code=code)
    return dict(json.loads(found.stdout))


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """What must be the same wherever artifacts lie."""
    return {
        "status": report["status"],
        "metrics": report["metrics"],
        "operators": [
            [
                one["id"],
                one["status"],
                [[out.get(what) for what in SAME] for out in one["outputs"]],
            ]
            for one in report["operators"]
        ],
    }


def table(place: Path, rows: int = 3_000) -> Path:
    path = place / "credit.csv"
    path.write_bytes(demo_table(rows))
    return path


class Process:
    """A server of ours, until `end`."""

    def __init__(self, env: dict[str, str], log: Path, *arguments: str | Path) -> None:
        self.home = Path(env["SUANZI_HOME"])
        self._log = open(log, "wb")  # noqa: SIM115, closed by end()
        self.process = subprocess.Popen([PROGRAM, *arguments], env=env, stdout=self._log, stderr=self._log)
        self.log = log
        try:
            wait(lambda: self.address() or self.process.poll() is not None, START_S, "an address is told")
            assert self.address(), self.said()
        except AssertionError:
            self.end()
            raise

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def address(self) -> str | None:
        words = (word for line in self.said().splitlines() for word in [line.strip()] if word.startswith("http://"))
        return next(("/".join(word.split("/")[:3]) for word in words), None)

    def api(self) -> Api:
        return Api(str(self.address()), (self.home / "token").read_text().strip())

    def end(self) -> None:
        end(self.process)
        self._log.close()
        assert SECRET not in self.said()


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait(true: Any, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
