"""Serving, one row a request: Suanzi, FastAPI with scikit-learn, `mlflow models serve`, the same estimator behind each.

`make bench-serving`. Closed loops in turns for the throughput, then open ones at half of it for the latency; one client
for all. Writes docs/benchmarks-serving.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import http.client
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "bench"))

from harness.credit import LABEL, X_COLS  # noqa: E402

CONNECTIONS = 16
TIMES_FASTER = 20.0
TIMES_SLOWER = 5.0
READY_SECONDS = 120.0
WAITING = (
    "Where other programs share the processors, a request waits there for whole milliseconds, against tens of "
    "microseconds of work: only a machine of its own shows this figure."
)
PORTS = {"suanzi": 18931, "fastapi": 18932, "mlflow": 18933}
NAMES = {"suanzi": "Suanzi", "fastapi": "FastAPI + scikit-learn", "mlflow": "mlflow models serve"}


@dataclass
class Served:
    """A server under way, and what was measured of it."""

    port: int
    path: str
    headers: list[str]
    closed: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)

    def median(self, key: str, loops: str = "closed") -> float:
        """Over the turns."""
        return statistics.median(turn[key] for turn in getattr(self, loops))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/release/suanzi", help="the program to measure")
    parser.add_argument("--python", type=Path, required=True, help="an interpreter with fastapi, uvicorn and mlflow")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of a turn")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs/benchmarks-serving.md")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="suanzi-serving-"))
    try:
        load = folder / "load"
        subprocess.run(["rustc", "-O", "--edition", "2024", "-o", load, HERE / "load.rs"], check=True)
        home = train(args.suanzi, folder)
        with ExitStack() as stack:
            servers = {
                "suanzi": stack.enter_context(suanzi(args.suanzi, home)),
                "fastapi": stack.enter_context(fastapi(args.python, folder)),
                "mlflow": stack.enter_context(mlflow(args.python, folder)),
            }
            runtime = same_answers(servers, folder)
            measure(load, servers, folder, args.turns, args.seconds)
        report(servers, args, runtime)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def environment(home: Path) -> dict[str, str]:
    known = {key: value for key, value in os.environ.items() if key != "SUANZI_DATABASE_URL"}
    return {**known, "SUANZI_HOME": str(home), "SUANZI_PYTHON": sys.executable}


def train(binary: Path, folder: Path) -> Path:
    """Registers and deploys the credit GBDT; leaves its estimator as model.joblib and one row as body.json."""
    home, table = folder / "home", folder / "credit.csv"
    making = [sys.executable, "-m", "suanzi.demo_data", table, "--rows", "30000", "--seed", "0"]
    subprocess.run(making, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pipeline = folder / "served.yaml"
    pipeline.write_text(
        f"""dag:
 name: served
 operator_list: [read, train, register, deploy, export]
 operator_rels:
  read: [{{target: train, source_index: 0, target_index: 0}}]
  train:
   - {{target: register, source_index: 0, target_index: 0}}
   - {{target: export, source_index: 0, target_index: 0}}
  register: [{{target: deploy, source_index: 0, target_index: 0}}]
 operator_details:
  read: {{algo_name: algo_local_read_file, params: {{data_id: 40}}}}
  train:
   algo_name: algo_local_model_gbdt
   params: {{x_cols: {json.dumps(X_COLS)}, y_col: {LABEL}, pre_value: 1, n_estimators: 100, max_depth: 3}}
  register: {{algo_name: register_model, params: {{name: credit}}}}
  deploy: {{algo_name: deploy_service, params: {{name: credit}}}}
  export: {{algo_name: model_export, params: {{format: joblib}}}}
"""
    )
    command = [binary, "run", pipeline, "--dataset", f"40={table}", "--quiet"]
    subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    exported = next(home.glob("artifacts/**/*.joblib"))
    shutil.copyfile(exported, folder / "model.joblib")
    with table.open(newline="") as file:
        first = next(csv.DictReader(file))
    row = {name: int(first[name]) for name in X_COLS}
    (folder / "body.json").write_text(json.dumps({"dataframe_records": [row]}))
    return home


@contextmanager
def process(command: list[Any], env: dict[str, str], port: int, ready: str) -> Iterator[None]:
    """A server, ended by its process group."""
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            wait(lambda: answers(port, ready), child, log)
            yield
        finally:
            os.killpg(child.pid, 15)
            child.wait(timeout=30)


def wait(is_ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Any) -> None:
    end = time.monotonic() + READY_SECONDS
    while not is_ready():
        if child.poll() is not None or time.monotonic() > end:
            log.seek(0)
            raise SystemExit(f"a server doesn't answer:\n{log.read().decode(errors='replace')[-2000:]}")
        time.sleep(0.2)


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def suanzi(binary: Path, home: Path) -> Iterator[Served]:
    port = PORTS["suanzi"]
    # The first request waits until the model is loaded.
    with process([binary, "serve", "--port", str(port)], environment(home), port, "/readyz"):
        token = (home / "token").read_text().strip()
        yield Served(port, "/services/credit/invocations", [f"Authorization: Bearer {token}"])


@contextmanager
def fastapi(python: Path, folder: Path) -> Iterator[Served]:
    env = {**os.environ, "MODEL": str(folder / "model.joblib"), "PYTHONPATH": str(HERE)}
    port = PORTS["fastapi"]
    command = [python, "-m", "uvicorn", "fastapi_app:app", "--port", str(port), "--no-access-log"]
    with process(command, env, port, "/docs"):
        yield Served(port, "/invocations", [])


@contextmanager
def mlflow(python: Path, folder: Path) -> Iterator[Served]:
    saved = folder / "mlflow-model"
    saving = (
        "import sys, joblib, mlflow.sklearn; "
        "mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format='cloudpickle')"
    )
    command: list[Any] = [python, "-W", "ignore", "-c", saving, folder / "model.joblib", saved]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    port = PORTS["mlflow"]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [python.parent / "mlflow", "models", "serve", "-m", saved, "--env-manager", "local", "-p", str(port)]
    with process(command, env, port, "/ping"):
        yield Served(port, "/invocations", [])


def same_answers(servers: dict[str, Served], folder: Path) -> str:
    """All say the same of the row, or there is nothing to compare. Gives what computes Suanzi's answers."""
    said = {}
    for name, served in servers.items():
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        headers = {"Content-Type": "application/json", **dict(line.split(": ", 1) for line in served.headers)}
        connection.request("POST", served.path, (folder / "body.json").read_bytes(), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{name} answers {answer.status}: {body.decode(errors='replace')[:1000]}")
        said[name] = json.loads(body)["predictions"][0]
    label, score = said["suanzi"]["predict_result"], said["suanzi"]["predict_score"]
    if said["mlflow"] != label or said["fastapi"]["predict_result"] != label:
        raise SystemExit(f"the servers answer differently: {said}")
    if abs(said["fastapi"]["predict_score"] - score) > 1e-5:
        raise SystemExit(f"the servers answer differently: {said}")
    served = servers["suanzi"]
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/api/v1/services/credit", headers=dict(line.split(": ", 1) for line in served.headers))
    view = json.loads(connection.getresponse().read())
    return f"{view['runtime']} ({view['runtime_note']})"


def measure(load: Path, servers: dict[str, Served], folder: Path, turns: int, seconds: float) -> None:
    def ask(served: Served, rate: float) -> dict[str, Any]:
        fixed = [load, str(served.port), served.path, folder / "body.json", str(CONNECTIONS), str(seconds), str(rate)]
        done = subprocess.run([*fixed, *served.headers], check=True, capture_output=True, text=True)
        turn: dict[str, Any] = json.loads(done.stdout)
        if turn["failed"] or not turn["answered"]:
            raise SystemExit(f"requests failed: {turn}")
        return turn

    for turn in range(turns + 1):
        for name, served in servers.items():
            found = ask(served, 0)
            print(f"closed {turn} {name:8} {found}", flush=True)
            if turn:
                served.closed.append(found)
    for turn in range(turns):
        for name, served in servers.items():
            found = ask(served, served.median("per_second") / 2)
            print(f"open {turn} {name:8} {found}", flush=True)
            served.opened.append(found)


def report(servers: dict[str, Served], args: argparse.Namespace, runtime: str) -> None:
    ours = servers["suanzi"]
    lines = [
        "# Serving, measured",
        "",
        "One row a request, the credit GBDT (100 trees of depth 3, 23 columns) behind three servers. Written by "
        "`make bench-serving`; don't edit.",
        "",
        f"{machine(args)} {busy()}",
        "",
        f"Suanzi computes by {runtime}.",
        "",
        f"| server | answers a second, {CONNECTIONS} connections, closed loop: median (min – max) | Suanzi is faster "
        "by | p50 at half that load | p99 | p99 / p50 |",
        "|---|---|---|---|---|---|",
    ]
    for name, served in servers.items():
        rates = [turn["per_second"] for turn in served.closed]
        faster = "" if served is ours else f"{ours.median('per_second') / served.median('per_second'):.1f} ×"
        p50, p99 = served.median("p50_us", "opened"), served.median("p99_us", "opened")
        lines.append(
            f"| {NAMES[name]} | {statistics.median(rates):,.0f} ({min(rates):,.0f} – {max(rates):,.0f}) | {faster} "
            f"| {p50 / 1000:.2f} ms | {p99 / 1000:.2f} ms | {p99 / p50:.1f} |"
        )
    lines += ["", *verdicts(servers), "", *how(servers, args)]
    args.docs.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def busy() -> str:
    load = os.getloadavg()[2]
    said = f"Load average over a quarter of an hour {load:.1f}."
    # The servers and the client alone make three.
    if load < 4:
        return said
    return f"{said} **The machine was busy with other things: take the figures as rough, latencies most.**"


def verdicts(servers: dict[str, Served]) -> Iterator[str]:
    ours = servers["suanzi"]
    for name in ("fastapi", "mlflow"):
        ratio = ours.median("per_second") / servers[name].median("per_second")
        met = "met" if ratio >= TIMES_FASTER else "**missed**"
        yield f"- At least {TIMES_FASTER:.0f} × {NAMES[name]}: {met} ({ratio:.1f} ×)."
    p50, p99 = ours.median("p50_us", "opened"), ours.median("p99_us", "opened")
    met = "met" if p99 <= TIMES_SLOWER * p50 else "**missed**"
    yield f"- p99 at most {TIMES_SLOWER:.0f} × the p50 at half load: {met} ({p99 / p50:.1f} ×). {WAITING}"


def how(servers: dict[str, Served], args: argparse.Namespace) -> Iterator[str]:
    ours = servers["suanzi"]
    cpu = statistics.median(turn["client_cpu_s"] for turn in ours.closed)
    answered = ours.median("answered")
    yield "How it is measured:"
    yield ""
    yield (
        f"- {args.turns} turns of {args.seconds:g} s after one that isn't counted, the servers in turns, all of them "
        "up the whole time. Figures are medians over the turns. Before, all must say the same of the row."
    )
    yield (
        "- One client for all, [`bench/serving/load.rs`](../bench/serving/load.rs): a thread a connection, kept open. "
        f"It runs on the same processors: with Suanzi it takes {cpu / answered * 1e6:.0f} µs of processor time a "
        "request (warm-up included), which bounds the rate that can be seen here."
    )
    yield (
        "- At half load requests are due at fixed times; one that is late because its connection still waits counts "
        "from when it was due."
    )
    yield (
        "- Each server is one process that answers on one thread: `suanzi serve`, `uvicorn` with uvloop, and what "
        "`mlflow models serve --env-manager local` starts. Suanzi checks its token, the others check nothing."
    )


def machine(args: argparse.Namespace) -> str:
    with open("/proc/cpuinfo") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    asking = "from importlib.metadata import version as v; print(*(f'{n} {v(n)}' for n in %r), sep=', ')"
    theirs = asking % (("fastapi", "uvicorn", "mlflow", "scikit-learn", "pandas"),)
    ours = asking % (("onnxruntime", "scikit-learn", "pandas"),)

    def versions(python: Any, code: str) -> str:
        return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()

    day = datetime.datetime.now(datetime.UTC).date()
    version = subprocess.run([args.suanzi, "--version"], capture_output=True, text=True).stdout.strip()
    return (
        f"{os.cpu_count()} processors ({model}), Python {platform.python_version()}, {day}; {version} with "
        f"{versions(sys.executable, ours)}; the others with {versions(args.python, theirs)}."
    )


if __name__ == "__main__":
    sys.exit(main())
