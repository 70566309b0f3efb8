"""Compares Suanzi with other systems: installs each into an environment of its own, runs the same workloads, reports.

`make bench-peers` measures all; ONLY=luigi one, without the report; QUICK=1 fewer samples of less.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent
# This folder's own names stay out of the way: a system's folder is called as the system.
sys.path[:] = [str(BENCH), *(entry for entry in sys.path if entry != str(HERE))]

import report  # noqa: E402
from harness import credit  # noqa: E402
from harness.bench import ROOT, Bench, measure  # noqa: E402
from harness.program import Program  # noqa: E402

from peers import compared, install, written  # noqa: E402
from peers.compared import Outcome  # noqa: E402
from peers.systems import COUNTS, SYSTEMS, WORKLOADS, System, named  # noqa: E402
from peers.written import Sampled  # noqa: E402

SECONDS = 20.0
"""A workload takes no other sample after that."""
LIMIT_SECONDS = 400
"""A workload that isn't done then has failed."""
INCLUDED = "a request to a warm `suanzi serve`, to the word that the run's end is durable."
KEEPS = "all: run, attempts, values, logs, in SQLite with `synchronous=FULL`"
WITH_POOL = ("light40", "noop1000", "chain1000")
"""Suanzi's own workloads that are set against a pool."""
POOL_INCLUDED = (
    "calls to a warm pool of processes, two for each processor, without any scheduler; sampled in turns with Suanzi."
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ["suanzi", *(system.name for system in SYSTEMS)]
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/release/suanzi", help="the program to compare")
    parser.add_argument("--only", action="append", choices=names, metavar="SYSTEM", help=f"one of {', '.join(names)}")
    parser.add_argument("--results", type=Path, default=BENCH / "results", help="where peers.json goes")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs/benchmarks-peers.md", help="where the report goes")
    parser.add_argument("--again", action="store_true", help="with --only: into the last report, beside its others")
    args = parser.parse_args()
    last = args.results / "peers.json"
    if args.again and not (args.only and last.is_file()):
        parser.error(f"--again needs --only and the {last} of an earlier run")
    quick = bool(os.environ.get("QUICK"))
    samples = 3 if quick else 5
    began = time.monotonic()
    systems = [named(name) for name in args.only or names if name != "suanzi"]
    with tempfile.TemporaryDirectory(prefix="suanzi-peers-") as name:
        directory = Path(name)
        bench = Bench(Program(args.suanzi.resolve(), directory / "home", Path(sys.executable)), directory, quick)
        os.environ["PEERS_CREDIT"] = str(credit.data(bench))
        own = ours(bench) if not args.again or "suanzi" in args.only else []
        others = [theirs(system, quick, samples) for system in systems]
        if not args.only:
            own = [both(*pair) for pair in zip(own, ours(bench), strict=True)]
    sampled = [*own, *others]
    how = taken(args.suanzi, quick, began)
    if args.again:
        for one in sampled:
            one.again = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M}"
        how, earlier = written.read_json(last)
        sampled = written.replaced(earlier, sampled)
    elif args.only:
        # What wasn't measured now stays out of the files that speak of all.
        written.write_json(args.results / "peers-only.json", how, sampled)
        return faults(sampled)
    written.write_json(last, how, sampled)
    counts = System("", "", None, "", "").counts(quick)
    args.docs.write_text(written.markdown(sampled, SYSTEMS, how, samples, SECONDS, counts))
    print(f"\nwrote {last} and {args.docs}")
    return faults(sampled)


def ours(bench: Bench) -> list[Sampled]:
    """Suanzi by its own benchmarks' workloads, and the pool that these are set against."""
    binary = bench.program.binary
    found = Sampled("suanzi", "Suanzi", INCLUDED, KEEPS, None, os.getloadavg()[0])
    pool = Sampled("pool", "`multiprocessing.Pool`", POOL_INCLUDED, "nothing", None, found.load)
    if not binary.is_file():
        found.fault = "there is no release program to compare with; `make build` makes it"
        return [found]
    done = subprocess.run([binary, "--version"], capture_output=True, text=True)
    found.version = done.stdout.strip().removeprefix("suanzi ")
    print("Suanzi", flush=True)
    sys.path.append(str(BENCH / "operators"))
    counts = System("", "", None, "", "").counts(bench.quick)
    try:
        for name in WORKLOADS:
            samples, fault = own_samples(bench, name)
            tasks = 40 if name == "trigger" else COUNTS[name] if name != "handoff" else counts[name]
            scale = tasks * 1e-6 if name in compared.PER_TASK else 1e-3
            # The unit of the workload's first figure is that of the comparison.
            sides = {found.name: samples.get("suanzi") or samples.get("default") or samples.get("p50") or []}
            sides[pool.name] = samples.get("pool", [])
            for one in (found, pool):
                if one is found or name in WITH_POOL:
                    one.outcomes.append(Outcome(name, tasks, [value * scale for value in sides[one.name]], fault))
            told(found.outcomes[-1])
    finally:
        bench.stop_server()
    return [found, pool]


def both(first: Sampled, second: Sampled) -> Sampled:
    """Samples from before and from after the other systems, as one."""
    for one, again in zip(first.outcomes, second.outcomes, strict=True):
        one.seconds += again.seconds
        one.fault = one.fault or again.fault
    return first


def own_samples(bench: Bench, name: str) -> tuple[dict[str, list[float]], str | None]:
    measured = measure(importlib.import_module(f"workloads.{name}"), bench)
    return measured.samples, measured.fault


def theirs(system: System, quick: bool, samples: int) -> Sampled:
    """Installs a system and runs its workloads. What goes wrong is told in its place, and the others go on."""
    found = Sampled(system.name, system.title, system.included, system.keeps, None, 0.0)
    try:
        interpreter = install.python(system)
    except install.NotInstalledError as error:
        found.fault = f"it can't be installed here: {without_paths(str(error))}"
        print(f"{system.title}: {found.fault}", flush=True)
        return found
    found.version = install.version(system, interpreter)
    found.load = os.getloadavg()[0]
    print(f"{system.title} {found.version or ''}".rstrip(), flush=True)
    counts = system.counts(quick)
    order = {
        "system": system.name,
        "python": str(interpreter),
        "workloads": system.workloads(),
        "counts": counts,
        "samples": samples,
        "seconds": SECONDS,
        "limit": LIMIT_SECONDS,
        "credit": os.environ["PEERS_CREDIT"],
    }
    lines, fault = session(order)
    if fault is not None and not lines:
        found.fault = without_paths(fault)
        print(f"{'':4}{found.fault}", flush=True)
        return found
    found.outcomes = compared.judged(lines, counts, order["workloads"])
    for one in found.outcomes:
        one.fault = None if one.fault is None else without_paths(one.fault)
        told(one)
    return found


def session(order: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The lines of a session, told as they come, and why it ended early."""
    with tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, str(HERE / "session.py"), json.dumps(order)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        lines = []
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith('{"workload": '):
                    lines.append(json.loads(line))
        except BaseException:
            process.terminate()  # it ends what it started
            process.wait()
            raise
        status = process.wait()
        said.seek(0)
        text = said.read().strip()
    if text:
        print(text, file=sys.stderr, flush=True)
    return lines, None if status == 0 else f"it did not start: {compared.last(text)}"


def told(one: Outcome) -> None:
    figures = one.figures
    unit = compared.unit(one.workload)
    said = f"{written.number(figures.median)} {unit}, {figures.runs} samples" if figures else one.fault
    print(f"{'':4}{one.workload:<12}{said}", flush=True)


def without_paths(text: str) -> str:
    return text.replace(f"{ROOT}/", "").replace(str(Path.home()), "~")


def faults(sampled: list[Sampled]) -> int:
    """1 where a system that could be installed gave a wrong value or none."""
    return int(any(outcome.fault for one in sampled for outcome in one.outcomes))


def taken(binary: Path, quick: bool, began: float) -> str:
    """When and how the figures were taken, for the report."""
    load = os.getloadavg()[2]
    busy = load >= (os.cpu_count() or 1) * 1.5
    program = ""
    if binary.is_file():
        built = datetime.datetime.fromtimestamp(binary.stat().st_mtime, datetime.UTC)
        program = f"The program was built {built:%Y-%m-%d %H:%M} UTC. "
    return (
        f"{program}Workloads of {report.revision(ROOT)}, {datetime.datetime.now(datetime.UTC).date()}"
        f"{', a quick run (QUICK=1)' if quick else ''}, {time.monotonic() - began:.0f} s in all with installation; "
        f"load average over a quarter of an hour {load:.1f}."
        + (" **The machine was busy with other things: take the figures as rough.**" if busy else "")
    )


if __name__ == "__main__":
    sys.exit(main())
