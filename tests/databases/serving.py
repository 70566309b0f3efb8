"""`suanzi serve` on each server of SUANZI_TEST_DATABASES: datasets, DAGs, runs, models and schedules by requests.

The same requests on SQLite must be answered the same, but for what differs from home to home.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))

from addresses import Database, addresses  # noqa: E402
from program import Server, furnish  # noqa: E402

# Ids, times, sizes and measurements are of one home and one run.
DIFFER = ("_ms", "_us", "_s", "bytes", "_id", "id", "path", "worker", "artifact", "before", "after")
SHOWN = 10
LISTS = ("/dags", "/runs", "/datasets", "/models", "/schedules")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suanzi", type=Path, default=ROOT / "target/debug/suanzi")
    options = parser.parse_args()
    wanted = story(options.suanzi, "")
    for base in addresses():
        with Database(base) as database:
            found = story(options.suanzi, database.url)
            for name, answer in wanted.items():
                if found[name] != answer:
                    print(f"{database.kind}: {name} is answered otherwise than on SQLite")
                    for at, here, there in different(answer, found[name])[:SHOWN]:
                        print(f"  {at}: on SQLite {here:.200}, here {there:.200}")
                    return 1
            runs = int(database.one("SELECT count(*) FROM runs"))
            if runs < 4:
                print(f"{database.kind}: its tables have {runs} runs")
                return 1
        print(f"{database.kind}: {len(wanted)} answers of `suanzi serve` are those it gives on SQLite")
    return 0


def story(program: Path, url: str) -> dict[str, Any]:
    """What a server says that has been given some work."""
    os.environ["SUANZI_DATABASE_URL"] = url
    server = Server(program)
    try:
        world = furnish(server.api)
        told = {path: plain(server.api.json("GET", path)) for path in LISTS}
        for number, run in enumerate(world["runs"]):
            for part in ("", "/tasks", "/report"):
                told[f"run {number}{part}"] = plain(server.api.json("GET", f"/runs/{run}{part}"))
        before, after = world["runs"][:2]
        told["diff"] = plain(server.api.json("GET", f"/diff/{before}/{after}"))
        dag = world["dag"]
        for part in ("", "/versions"):
            told[f"dag{part}"] = plain(server.api.json("GET", f"/dags/{dag}{part}"))
        said = server.said()
        if not server.lives() or "panicked" in said:
            raise SystemExit(f"the server on {url.split(':')[0] or 'sqlite'} is ill: {said[-2_000:]}")
        return told
    finally:
        server.end()


def plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items() if not key.endswith(DIFFER)}
    if isinstance(answer, list):
        return [plain(item) for item in answer]
    return answer


def different(wanted: Any, found: Any, at: str = "") -> list[tuple[str, str, str]]:
    """Places, with what each side has there."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = [*wanted, *(key for key in found if key not in wanted)]
        return [d for key in keys for d in different(wanted.get(key), found.get(key), f"{at}.{key}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        return [d for number, (here, there) in pairs for d in different(here, there, f"{at}[{number}]")]
    return [] if wanted == found else [(at, json.dumps(wanted), json.dumps(found))]


if __name__ == "__main__":
    sys.exit(main())
