"""Names of operators and of their parameters, from the manifest that lies beside them: nothing is imported for it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """The standard operators by `algo_name`; those of other packages are told by the name they have in the DAG."""
    manifest = json.loads((files("suanzi.operators") / "manifest.json").read_text(encoding="utf-8"))
    return {one["algo_name"]: one for one in manifest["operators"]}
