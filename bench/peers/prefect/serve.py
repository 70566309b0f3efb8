"""Starts Prefect's server on loopback, and stays; says `ready` when flows can run."""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def main() -> int:
    url = os.environ["PREFECT_API_URL"]
    prefect = Path(sys.executable).parent / "prefect"
    port = url.rsplit(":", 1)[1].split("/")[0]
    server = subprocess.Popen([prefect, "server", "start", "--host", "127.0.0.1", "--port", port])
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5)
            print("\nready", flush=True)
            break
        except OSError:
            time.sleep(0.2)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
