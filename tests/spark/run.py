"""Starts a real Spark with two executors of their own on loopback, runs a command with it, and ends all its processes.

Usage: run.py PYTHON COMMAND... with the interpreter that has PySpark. Where the system allows it all of this happens
in a network namespace of its own. The command finds Spark Connect by SUANZI_SPARK_URL, SUANZI_SPARK_TOKEN_FILE and
SUANZI_SPARK_PYTHON. When it makes the file that SUANZI_SPARK_RESTART names, every process of Spark is killed, another
is started at the same address, which knows nothing of the first, and the file is removed. Standard library only.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clusters.alone import adopt_orphans, end_descendants, free_port, own_network, run_beside

EXECUTORS, EXECUTOR_CORES, EXECUTOR_MEMORY_MB = 2, 1, 512
OVERHEAD_MB = 128
START_SECONDS = 180


class Spark:
    def __init__(self, python, folder):
        self.python, self.folder, self.port = python, folder, free_port()
        self.token = secrets.token_hex(16)
        self.token_file = folder / "token"
        self.token_file.write_text(self.token)
        where = "import os, pyspark; print(os.path.dirname(pyspark.__file__))"
        self.home = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
        self.log = folder / "server.out"

    @property
    def url(self):
        # By name: a client sends its token without TLS to nobody else.
        return f"sc://localhost:{self.port}"

    def start(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
        # As on a cluster: nothing of this checkout is there.
        kept.pop("PYTHONPATH", None)
        environment = {
            **kept,
            "SPARK_HOME": self.home,
            "PYSPARK_PYTHON": self.python,
            "SPARK_CONNECT_AUTHENTICATE_TOKEN": self.token,
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        settings = {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": self.port,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "700m",
            "spark.executor.memory": f"{EXECUTOR_MEMORY_MB}m",
            "spark.local.dir": str(self.folder / "local"),
            "spark.sql.shuffle.partitions": 4,
            "spark.ui.enabled": "false",
        }
        command = [
            f"{self.home}/bin/spark-submit",
            "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer",
        ]
        command += ["--master", f"local-cluster[{EXECUTORS},{EXECUTOR_CORES},{EXECUTOR_MEMORY_MB + OVERHEAD_MB}]"]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        with open(self.log, "wb") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.listens():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"spark did not start:\n{self.log.read_text()[-5000:]}")
            time.sleep(0.2)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def main():
    python = os.path.abspath(sys.argv[1])
    if not own_network():
        print("note: no network namespace can be had here")
    adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="sz-spark-"))
    try:
        began = time.monotonic()
        spark = Spark(python, folder)
        spark.start()
        print(f"Spark Connect with {EXECUTORS} executors is up after {time.monotonic() - began:.0f} s", flush=True)
        restart = folder / "restart"
        environment = {
            **os.environ,
            "SUANZI_SPARK_RESTART": str(restart),
            "SUANZI_SPARK_URL": spark.url,
            "SUANZI_SPARK_TOKEN_FILE": str(spark.token_file),
            "SUANZI_SPARK_PYTHON": python,
        }
        status = run_beside(sys.argv[2:], environment, restart, spark.start)
    finally:
        end_descendants()
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
