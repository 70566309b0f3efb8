"""The roles that may be declared are those that the reference explains."""

from __future__ import annotations

import re
from pathlib import Path

from suanzi.sdk.operator import ROLES

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "roles.md"


def test_each_role_is_explained() -> None:
    declared = REFERENCE.read_text("utf-8").split("said in the declaration")[1]
    assert tuple(re.findall(r"^\| `(\w+)` \|", declared, re.MULTILINE)) == ROLES
