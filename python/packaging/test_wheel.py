"""A newcomer's installation: Python alone, the wheel, then no network. The first run must end within a minute.

Run by `make test-wheel`. Nothing but the new environment's own programs is on PATH: no compiler, Rust or Node can help.
"""

import ctypes
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "target/wheel-test"
FIRST_RUN_S = 60
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


def leave_the_network() -> None:
    """This process and those it starts see a network of their own, which holds nothing but the loopback."""
    flags = CLONE_NEWNET | (CLONE_NEWUSER if os.geteuid() else 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        sys.exit(f"no network namespace: {os.strerror(ctypes.get_errno())}; run as root or allow user namespaces")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1).close()
    except OSError:
        return
    sys.exit("the network is still there")


class Server:
    """`suanzi serve` of the installation, and requests with its token."""

    def __init__(self, env: dict[str, str]) -> None:
        self.home = Path(env["SUANZI_HOME"])
        command = [str(PLACE / "venv/bin/suanzi"), "serve", "--port", "0"]
        self.process = subprocess.Popen(command, env=env, cwd=PLACE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.address = line.split("/login")[0].strip()
        if not self.address.startswith("http://127.0.0.1:"):
            sys.exit(f"suanzi serve printed no address but {line!r}")

    def ask(self, method: str, path: str, body: object = None) -> tuple[str, bytes]:
        """Content type and body; an error of HTTP is raised."""
        request = urllib.request.Request(self.address + path, method=method)
        request.add_header("Authorization", "Bearer " + (self.home / "token").read_text().strip())
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=FIRST_RUN_S) as answer:
            return answer.headers.get_content_type(), answer.read()

    def first_run(self) -> str:
        """Takes the template that needs a sample dataset, runs it, and gives the run's state."""
        _, made = self.ask("POST", "/api/v1/templates/credit")
        _, begun = self.ask("POST", "/api/v1/runs", {"dag_id": json.loads(made)["dag_id"]})
        run_id = json.loads(begun)["run_id"]
        # The stream of its events ends with the run.
        self.ask("GET", f"/api/v1/runs/{run_id}/events")
        return json.loads(self.ask("GET", f"/api/v1/runs/{run_id}")[1])["status"]


def install() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    wheels = sorted((ROOT / "target/wheels").glob("*.whl"))
    if len(wheels) != 1:
        sys.exit("one wheel is expected in target/wheels: `make wheel` makes it")
    subprocess.run([sys.executable, "-m", "venv", str(PLACE / "venv")], check=True)
    pip = [str(PLACE / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    env = {**os.environ, "PATH": str(PLACE / "venv/bin")}
    subprocess.run([*pip, "--only-binary", ":all:", str(wheels[0])], check=True, env=env)


def main() -> None:
    install()
    installed = time.monotonic()
    leave_the_network()
    env = {"PATH": str(PLACE / "venv/bin"), "HOME": str(PLACE), "SUANZI_HOME": str(PLACE / "home"), "LANG": "C.UTF-8"}
    for tool in ("cargo", "rustc", "node", "npm", "cc", "gcc"):
        if shutil.which(tool, path=env["PATH"]):
            sys.exit(f"{tool} is on PATH, so this proves nothing")
    server = Server(env)
    try:
        kind, page = server.ask("GET", "/")
        if kind != "text/html" or b"/assets/" not in page:
            sys.exit(f"the canvas isn't in the wheel: {kind}, {page[:1000]!r}")
        state = server.first_run()
        took = time.monotonic() - installed
        print(f"first run: {state}, {took:.1f} s after the installation (at most {FIRST_RUN_S})")
        if state != "success" or took > FIRST_RUN_S:
            sys.exit(1)
    finally:
        server.process.terminate()
        server.process.wait(timeout=60)
    suanzi = str(PLACE / "venv/bin/suanzi")
    shutil.copy(ROOT / "examples/regression.yaml", PLACE / "pipeline.yaml")
    for args in (["doctor"], ["run", "pipeline.yaml", "--quiet"]):
        subprocess.run([suanzi, *args], check=True, env=env, cwd=PLACE, stdout=subprocess.DEVNULL)
    print("the command line: doctor and run are well")


if __name__ == "__main__":
    main()
