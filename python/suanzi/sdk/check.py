"""Runs `check_operator` on all operators of a package or folder. `python -m suanzi.sdk.check --help`.

A package says by `__examples__(op, operators)` which inputs and parameters make sense for each operator; a module of a
folder by `EXAMPLES = {"name": {"params": {…}, "inputs": {…}}}`. Others are tried on a small table.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suanzi.sdk import discovery
from suanzi.sdk.contract import ContractFault, check_operator
from suanzi.sdk.names import nearest
from suanzi.sdk.operator import Operator

NOT_RUN = "not_run"


@dataclass
class Verdict:
    """What became of one operator."""

    algo_name: str
    status: str
    """`passed`, `failed`, or `not_run`: its declaration is in order, but it was given nothing to run on."""
    faults: list[ContractFault] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        faults = [{"code": fault.code, "message": fault.message} for fault in self.faults]
        return {
            "algo_name": self.algo_name,
            "status": self.status,
            "faults": faults,
            "seconds": round(self.seconds, 3),
        }


def verdicts(found: discovery.Found, names: list[str], examples: Any = None) -> Iterator[Verdict]:
    """One after the other, so that a caller can show them as they come."""
    for name in names:
        op = found.operators[name]
        start = time.perf_counter()
        status, faults = _judged(op, found, examples)
        yield Verdict(name, status, faults, time.perf_counter() - start)


def _judged(op: Operator[Any, Any], found: discovery.Found, examples: Any) -> tuple[str, list[ContractFault]]:
    missing = [module for module in op.requires if importlib.util.find_spec(module) is None]
    if missing:
        return NOT_RUN, [ContractFault(NOT_RUN, f"it needs {', '.join(missing)}, which is not installed")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            inputs, params = _example(op, found, examples)
            faults = check_operator(op, inputs, params, odd_tables=True)
        except Exception as error:
            return "failed", [ContractFault("example", f"its example fails: {type(error).__name__}: {error}")]
    if faults and all(fault.code == NOT_RUN for fault in faults):
        return NOT_RUN, faults
    return ("failed", faults) if faults else ("passed", [])


def _example(op: Operator[Any, Any], found: discovery.Found, examples: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if examples is not None:
        return examples(op, found.operators) or ({}, {})
    module = sys.modules.get(op.function.__module__)
    given = getattr(module, "EXAMPLES", {}).get(op.algo_name, {})
    return dict(given.get("inputs", {})), dict(given.get("params", {}))


def main(arguments: list[str] | None = None) -> int:
    """Exit 0: none failed; 1: some did, or a file can't be imported; 2: there is no such operator."""
    parser = argparse.ArgumentParser(prog="suanzi operators check", description=(__doc__ or "").splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--package", help="an installed package, for example suanzi.operators")
    what.add_argument("--dir", type=Path, help="a folder of modules")
    parser.add_argument("--json", action="store_true", help="one JSON object per operator")
    parser.add_argument("names", nargs="*", help="only these")
    options = parser.parse_args(arguments)
    found = discovery.of_package(options.package) if options.package else discovery.of_directory(options.dir)
    examples = getattr(sys.modules.get(options.package or ""), "__examples__", None)
    for name in options.names:
        if name not in found.operators:
            meant = nearest(name, found.operators)
            print(f"error: there is no operator '{name}'", file=sys.stderr)
            print(f"hint: did you mean '{meant}'?" if meant else "hint: `suanzi operators` lists them", file=sys.stderr)
            return 2
    counts = {"passed": 0, "failed": 0, NOT_RUN: 0}
    for verdict in verdicts(found, options.names or sorted(found.operators), examples):
        counts[verdict.status] += 1
        print(json.dumps(verdict.to_json(), ensure_ascii=False) if options.json else _line(verdict), flush=True)
    for fault in found.faults:
        print(f"error: {fault.file}:{fault.line or 1}: {fault.message}", file=sys.stderr)
    if not options.json:
        print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts[NOT_RUN]} not run")
    return 1 if counts["failed"] or found.faults else 0


def _line(verdict: Verdict) -> str:
    head = f"{verdict.status.replace('_', ' '):8} {verdict.algo_name}"
    return "\n".join([head, *(f"         {fault}" for fault in verdict.faults)])


if __name__ == "__main__":
    sys.exit(main())
