"""Reads a bound DAG as JSON on standard input and writes the script: `suanzi export --python FILE` calls it."""

from __future__ import annotations

import json
import sys

from suanzi.export.compose import Unknown, script

if __name__ == "__main__":
    try:
        sys.stdout.write(script(json.load(sys.stdin)))
    except Unknown as error:
        print(error, file=sys.stderr)
        sys.exit(2)
