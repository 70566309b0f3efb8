"""A reference platform for the HTTP executor: keeps code packages, runs each task as a process, and gives out what it wrote.

Standard library only; nothing of Suanzi is imported here. Usage: platform.py DIRECTORY PYTHON [TOKEN_FILE [ADDRESS]].
The first line on standard output is the port; every request goes to DIRECTORY/access.log.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAX_PIECE_BYTES = 512 << 10
MAX_BODY_BYTES = 128 << 20
MAX_WAIT_SECONDS = 5.0
# What tasks need where artifacts lie in a store of objects: its credentials are the platform's own.
STORE = ("AWS_", "SUANZI_COPIES", "SUANZI_ARTIFACTS_WAIT")
INSTRUCTIONS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Task:
    """One process and its three files: task, events, log."""

    def __init__(self, folder, code, python):
        self.folder = folder
        # On one host with the engine, it computes with the same instructions.
        passed = [name for name in os.environ if name in ("PATH", *INSTRUCTIONS) or name.startswith(STORE)]
        environment = {name: os.environ[name] for name in passed}
        environment |= {"PYTHONPATH": str(code), "PYTHONUNBUFFERED": "1"}
        command = [python, "-m", "suanzi.worker.remote", str(folder / "task"), str(folder / "events")]
        with open(folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.stopping = False

    def stop(self, grace):
        if self.stopping or self.process.poll() is not None:
            return
        self.stopping = True
        self._signal(signal.SIGTERM)
        timer = threading.Timer(grace, self._signal, [signal.SIGKILL])
        timer.daemon = True
        timer.start()

    def _signal(self, number):
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass

    def size(self, name):
        try:
            return (self.folder / name).stat().st_size
        except FileNotFoundError:
            return 0

    def status(self):
        code = self.process.poll()  # first: what is written after it isn't missed by the sizes below
        return {
            "state": "running" if code is None else "ended",
            "worker": f"pid {self.process.pid}",
            "exit_status": code if code is not None and code >= 0 else None,
            "signal": -code if code is not None and code < 0 else None,
            "out_of_memory": False,
            "log_bytes": self.size("log"),
            "event_bytes": self.size("events"),
        }


class Platform:
    def __init__(self, root, python, token):
        self.root, self.python, self.token = root, python, token
        self.tasks = {}
        self.lock = threading.Lock()
        for name in ("code", "tasks"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def put_code(self, name, body):
        target = self.root / "code" / name
        if target.exists():
            return
        part = self.root / "code" / f".{name}.{threading.get_ident()}"
        archive = part.with_name(f"{part.name}.tar")
        archive.write_bytes(body)
        with tarfile.open(archive) as tar:
            # Pythons before 3.11.4 may not have it; what is unpacked is run anyway.
            tar.extractall(part, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        archive.unlink()
        try:
            part.rename(target)
        except OSError:  # another request was first
            shutil.rmtree(part)

    def put_task(self, name, body, code):
        with self.lock:
            if name in self.tasks:
                return
            folder = self.root / "tasks" / name
            folder.mkdir()
            (folder / "task").write_bytes(body)
            self.tasks[name] = Task(folder, code, self.python)

    def forget(self, name):
        with self.lock:
            task = self.tasks.pop(name, None)
        if task is not None:
            task.stop(0)
            task.process.wait()
            shutil.rmtree(task.folder, ignore_errors=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform = None

    def answer(self, status, body=b""):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        with open(self.platform.root / "access.log", "a") as log:
            log.write(f"{self.command} {self.path} {args[1] if len(args) > 1 else ''}\n")

    def handle_any(self):
        platform = self.platform
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            return self.answer(413, b"too large")
        body = self.rfile.read(length)
        if platform.token and self.headers.get("Authorization") != f"Bearer {platform.token}":
            return self.answer(401, b"a bearer token is needed")
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        match = re.fullmatch(r"/v1/(platform|code|tasks)(?:/([0-9a-f-]{1,100}))?(?:/(log|events|stop))?", url.path)
        if not match:
            return self.answer(404)
        kind, name, part = match.groups()
        if kind == "platform":
            return self.answer(200, {"contract": 1})
        if kind == "code" and self.command == "PUT" and name:
            platform.put_code(name, body)
            return self.answer(201)
        if self.command == "PUT" and name:
            code = platform.root / "code" / query.get("code", "-")
            if not re.fullmatch(r"[0-9a-f]{64}", query.get("code", "")) or not code.is_dir():
                return self.answer(404, b"this code package isn't here")
            platform.put_task(name, body, code)
            return self.answer(201)
        task = platform.tasks.get(name)
        if task is None:
            return self.answer(404, b"no such task")
        if part in ("log", "events"):
            with open(task.folder / part, "rb") as file:
                file.seek(int(query.get("offset", 0)))
                return self.answer(200, file.read(MAX_PIECE_BYTES))
        if part == "stop" and self.command == "POST":
            task.stop(int(query.get("grace_ms", 0)) / 1000)
            return self.answer(202)
        if self.command == "DELETE":
            platform.forget(name)
            return self.answer(204)
        return self.answer(200, self.wait(task, query))

    def wait(self, task, query):
        until = time.monotonic() + min(int(query.get("wait_ms", 0)) / 1000, MAX_WAIT_SECONDS)
        while True:
            status = task.status()
            news = status["log_bytes"] > int(query.get("log", 0)) or status["event_bytes"] > int(query.get("events", 0))
            if status["state"] == "ended" or news or time.monotonic() >= until:
                return status
            time.sleep(0.01)

    do_GET = do_PUT = do_POST = do_DELETE = handle_any


def main():
    root, python = Path(sys.argv[1]).resolve(), sys.argv[2]
    token = Path(sys.argv[3]).read_text().strip() if len(sys.argv) > 3 else None
    Handler.platform = Platform(root, python, token)
    address = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it is gone
    for name in list(Handler.platform.tasks):
        Handler.platform.forget(name)


main()
