"""Answers one request: a JSON object on standard input; on standard output an answer or, for `export`, the file itself.

    {"do": "look", "path": …, "format": …}
    {"do": "import", "path": …, "format": …, "out": …, "columns": [{"name": …, "type": …}]}
    {"do": "export", "path": …, "format": "csv" | "parquet" | "jsonl"}
    {"do": "sample", "kind": …, "out": …}

The answer is `{"ok": …}` or `{"error": {"message": …, "hint": …}}`. `export` says its error on standard error.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

MAX_DATA_BYTES = 3 << 30
"""Memory of its own that a request may take. Mapped tables don't count."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What standard output gets, for all but `export`."""
    from suanzi.tables.copying import write_arrow
    from suanzi.tables.look import look
    from suanzi.tables.samples import write_sample
    from suanzi.tables.source import open_source

    what = request.get("do")
    if what == "look":
        return look(open_source(Path(request["path"]), request["format"]))
    if what == "import":
        source = open_source(Path(request["path"]), request["format"], request.get("columns"))
        return write_arrow(source, Path(request["out"]))
    if what == "sample":
        return write_sample(request["kind"], Path(request["out"]))
    raise ValueError(f"unknown request {what!r}")


def main() -> int:
    """Exit code 0 with an answer, also a refusal; 1 for a broken export."""
    from suanzi.tables.refusal import RefusalError

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or hard > MAX_DATA_BYTES:
        resource.setrlimit(resource.RLIMIT_DATA, (MAX_DATA_BYTES, hard))
    request = json.load(sys.stdin)
    export = request.get("do") == "export"
    try:
        if export:
            from suanzi.tables.copying import write_stream
            from suanzi.tables.source import open_source

            write_stream(open_source(Path(request["path"]), "arrow"), request["format"], sys.stdout.buffer)
            return 0
        text = {"ok": answer(request)}
    except RefusalError as refusal:
        text = {"error": {"message": refusal.message, "hint": refusal.hint}}
    except MemoryError:
        message = f"the file needs more than {MAX_DATA_BYTES >> 30} GiB of memory"
        text = {"error": {"message": message, "hint": "split it, or write it in smaller row groups"}}
    except BrokenPipeError:
        return 1
    except OSError as error:
        text = {"error": {"message": f"the file can't be written or read: {error.strerror or error}", "hint": None}}
    if export:
        print(text["error"]["message"], file=sys.stderr)
        return 1
    json.dump(text, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
