"""Schemathesis against the real program: no 5xx, no answer that isn't as described. `make test-api` runs it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from program import ROOT, Server, furnish

# A run of it takes about two minutes; one that hangs is ended.
MAX_S = 600
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SIGN_IN = "POST /api/v1/session"
# Not sent here, each with its reason. One that isn't a route any more fails.
LEFT_OUT = {
    "GET /api/v1/events": "never ends: server-sent events, tested in tests/tests/serve",
    "GET /api/v1/runs/{run_id}/events": "never ends for a run that goes on: server-sent events",
    "GET /api/v1/runs/{run_id}/tasks/{operator}/log/stream": "never ends for a task that goes on: server-sent events",
}
# Routes that have no good answer here, each with its reason.
ONLY_REFUSED = {
    "POST /api/v1/runs/{run_id}/resume": "a running engine has no interrupted run; tests/tests/serve kills one",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/debug/suanzi")
    parser.add_argument("--schemathesis", type=Path, default=Path(sys.executable).with_name("schemathesis"))
    parser.add_argument("--only", help="an operation such as 'GET /api/v1/runs'")
    options = parser.parse_args()
    server = Server(options.suanzi)
    try:
        with tempfile.TemporaryDirectory() as place:
            return tried(server, options, Path(place))
    finally:
        server.end()


def tried(server: Server, options: argparse.Namespace, place: Path) -> int:
    description = server.api.json("GET", "/openapi.json")
    routes = {f"{method.upper()} {path}" for path, item in description["paths"].items() for method in item}
    gone = (set(LEFT_OUT) | set(ONLY_REFUSED) | {SIGN_IN}) - routes
    if gone:
        print(f"no routes any more: {sorted(gone)}")
        return 1
    (place / "openapi.json").write_text(json.dumps(description))
    world = place / "world.json"
    world.write_text(json.dumps({**furnish(server.api), "origin": server.api.origin, "token": server.api.token}))
    print(f"{len(routes)} routes, {len(LEFT_OUT)} of them left out:")
    for route, why in LEFT_OUT.items():
        print(f"  {route}: {why}")
    # Failed attempts are throttled: signing in comes last, with few cases.
    rest = [word for route in (*LEFT_OUT, SIGN_IN) for word in ("--exclude-name", route)]
    passes = [[*rest, "--max-examples", "15"], ["--include-name", SIGN_IN, "--max-examples", "5"]]
    if options.only:
        passes = [["--include-name", options.only]]
    counts: dict[str, dict[str, int]] = {}
    failed = False
    for number, choice in enumerate(passes):
        told = place / f"counts-{number}.json"
        failed |= schemathesis(server, options.schemathesis, choice, world, told) != 0
        counts |= json.loads(told.read_text()) if told.exists() else {}
    if not server.lives():
        print(f"the server ended: {server.said()[-2_000:]}")
        return 1
    unproved = judged(counts, {options.only} if options.only else routes - set(LEFT_OUT))
    return int(failed or unproved)


def schemathesis(server: Server, program: Path, choice: list[str], world: Path, told: Path) -> int:
    here = Path(__file__).parent
    command = [
        program, "run", "openapi.json", "--url", server.api.origin,
        "--phases", "coverage,fuzzing", "--checks", CHECKS, "--generation-deterministic",
        "--generation-with-security-parameters", "false",
        "--warnings", "off",
        "--continue-on-failure", "--no-color", "--request-timeout", "60", *choice,
    ]  # fmt: skip
    env = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(here),
        "API_WORLD": str(world),
        "API_COUNTS": str(told),
    }
    return subprocess.run([str(word) for word in command], env=env, cwd=world.parent, timeout=MAX_S).returncode


def judged(counts: dict[str, dict[str, int]], routes: set[str]) -> bool:
    """Whether a route was never reached, or never gave a good answer."""
    silent = sorted(routes - set(counts))
    refused = sorted(
        route
        for route in routes & set(counts)
        if route not in ONLY_REFUSED and not any(status < "300" for status in counts[route])
    )
    total = sum(sum(by.values()) for by in counts.values())
    good = sum(n for by in counts.values() for status, n in by.items() if status < "300")
    print(f"{total} requests to {len(counts)} routes, {good} of them answered well")
    for text, routes_of in (("never called", silent), ("only ever refused", refused)):
        for route in routes_of:
            print(f"{text}: {route} {counts.get(route, {})}")
    return bool(silent or refused)


if __name__ == "__main__":
    sys.exit(main())
