"""How soon a server is ready, and what it holds in memory."""

import subprocess
import sys
import time
from pathlib import Path

from floors import python_start
from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure
from harness.program import Server, pss_bytes

DASK_MB = 152.0
"""What Dask distributed holds when ready to run, measured with its own idiomatic start on such a machine."""
ENGINE_MB = 30.0
SETTLE_SECONDS = 0.5
IMPORTS = """
import importlib
from suanzi.worker.zygote import PRELOADED
for name in PRELOADED:
    importlib.import_module(name)
with open("/proc/self/smaps_rollup") as file:
    print(sum(int(line.split()[1]) for line in file if line.startswith("Pss:")))
"""
FIGURES = [
    Figure("server start to ready, against python -c pass", "ms", "ready", "python", 3.0),
    Figure("ready to run: summed PSS with warm workers, against Dask's", "MB", "all", DASK_MB, 1.0),
    Figure("one Python that has the same libraries imported, alone", "MB", "imports"),
    Figure("the engine's own process", "MB", "engine", ENGINE_MB, 1.0),
]


def sides(bench: Bench) -> Sides:
    text = dags.chain("start", "bench_noop", 1)

    def ready() -> float:
        program = bench.alone(f"start-{time.monotonic_ns()}")
        server = Server(program)
        try:
            bench.also("engine", pss_bytes([server.process.pid]) / 1e6)
            server.run(text, 1, operator_dirs=bench.dirs)
            time.sleep(SETTLE_SECONDS)
            bench.also("all", pss_bytes([pid for pid in server.processes() if Path(f"/proc/{pid}").exists()]) / 1e6)
            return server.ready_seconds * 1e3
        finally:
            server.close()

    def imports() -> float:
        done = subprocess.run([sys.executable, "-c", IMPORTS], check=True, capture_output=True, text=True)
        return int(done.stdout) * 1024 / 1e6

    return {"ready": ready, "python": lambda: python_start.sample() * 1e3, "imports": imports}
