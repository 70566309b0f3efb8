"""Starts a real Ray cluster of two nodes on loopback, runs a command with it, and ends every process of it.

Usage: run.py RAY COMMAND... Where the system allows it all of this happens in a network namespace of its own, since
some of Ray's ports listen on all addresses. The command finds the cluster by SUANZI_RAY_URL and SUANZI_RAY_TOKEN_FILE.
When it makes the file that SUANZI_RAY_RESTART names, every process of the cluster is killed at once, another cluster is
started at the same address, which knows nothing of the first, and the file is removed. SUANZI_RAY_NODE_ONE is what Ray
keeps of its first node on the disk. Standard library only.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clusters.alone import adopt_orphans, end_descendants, free_port, own_network, run_beside

NODE_CPUS = 2
START_SECONDS = 120


class Cluster:
    def __init__(self, ray, folder):
        self.ray, self.folder = ray, folder
        self.token = secrets.token_hex(16)
        self.token_file = folder / "token"
        self.token_file.write_text(self.token)
        self.gcs, self.dashboard = free_port(), free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
            # `python` of a job's entrypoint is found there.
            "PATH": f"{Path(ray).parent}:{os.environ['PATH']}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": self.token,
        }
        # As on a cluster: nothing of this checkout is there.
        self.environment.pop("PYTHONPATH", None)

    def node(self, name, *options):
        """A node with a resource by its name."""
        command = [self.ray, "start", f"--num-cpus={NODE_CPUS}", f"--resources={json.dumps({name: 1})}"]
        command += ["--node-ip-address=127.0.0.1", "--disable-usage-stats", "--object-store-memory=100000000", *options]
        # Of its own, as on a host: a node removes the package that another unpacked at the same place.
        command.append(f"--temp-dir={self.folder / name}")
        with open(self.folder / f"{name}.out", "wb") as log:
            status = subprocess.run(
                command,
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=START_SECONDS,
            ).returncode
        if status != 0:
            raise SystemExit(f"ray did not start:\n{(self.folder / f'{name}.out').read_text()}")

    def start(self):
        head = ["--head", f"--port={self.gcs}", "--dashboard-host=127.0.0.1", f"--dashboard-port={self.dashboard}"]
        self.node("one", *head, "--include-dashboard=true")
        self.node("two", f"--address=127.0.0.1:{self.gcs}")
        deadline = time.monotonic() + START_SECONDS
        while self.alive() < 2:
            if time.monotonic() > deadline:
                raise SystemExit("the cluster has not two nodes")
            time.sleep(0.2)

    def alive(self):
        request = urllib.request.Request(
            f"{self.url}/nodes?view=summary", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                nodes = json.load(answer)["data"]["summary"]
        except (urllib.error.URLError, OSError, ValueError):
            return 0
        return sum(node["raylet"].get("state") == "ALIVE" for node in nodes)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.dashboard}"


def main():
    ray = os.path.abspath(sys.argv[1])
    if not own_network():
        print("note: no network namespace can be had here; some of Ray's ports listen on all addresses")
    adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="sz-ray-", dir="/tmp"))  # short: Ray's sockets lie in it
    try:
        began = time.monotonic()
        cluster = Cluster(ray, folder)
        cluster.start()
        print(f"a Ray cluster of 2 nodes is up after {time.monotonic() - began:.0f} s", flush=True)
        restart = folder / "restart"
        environment = {
            **os.environ,
            "SUANZI_RAY_URL": cluster.url,
            "SUANZI_RAY_TOKEN_FILE": str(cluster.token_file),
            "SUANZI_RAY_RESTART": str(restart),
            "SUANZI_RAY_NODE_ONE": str(folder / "one"),
        }
        status = run_beside(sys.argv[2:], environment, restart, cluster.start)
    finally:
        end_descendants()
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
