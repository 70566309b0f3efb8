"""Whether an operator's sources show that it never imports scikit-learn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

OPERATOR = """
from suanzi.sdk import {types}, operator
{imports}

@operator(name_en="One", name_zh="一", category="other")
def {name}(data: Table) -> {types_out}:
    {body}
    return data
"""


def told(directory: Path, name: str) -> bool:
    """As the manifest of the folder says, made by a process of its own."""
    command = [sys.executable, "-m", "suanzi.sdk.manifest", "--dir", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    manifest = json.loads(done.stdout)
    assert not manifest["errors"], manifest["errors"]
    entry = next(one for one in manifest["operators"] if one["algo_name"] == name)
    return bool(entry.get("sklearn", True))


def written(directory: Path, imports: str = "", body: str = "pass", out: str = "Table") -> Path:
    types = "Table" if out == "Table" else f"Table, {out}"
    text = OPERATOR.format(name="one", types=types, types_out=out, imports=imports, body=body)
    (directory / "ops.py").write_text(text)
    return directory


@pytest.mark.parametrize(
    ("imports", "body"),
    [
        ("import math\nimport numpy as np\nimport pandas as pd", "pass"),
        ("from pyarrow import compute", "import json"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sklearn", "pass"),
        ("import beside", "pass"),
        ("from inner import light", "pass"),
    ],
)
def test_what_needs_nothing(tmp_path: Path, imports: str, body: str) -> None:
    (tmp_path / "beside.py").write_text("import csv\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("")
    (tmp_path / "inner" / "light.py").write_text("import ops\n")
    assert not told(written(tmp_path, imports, body), "one")


@pytest.mark.parametrize(
    ("imports", "body", "out"),
    [
        ("import sklearn", "pass", "Table"),
        ("", "from sklearn.linear_model import Ridge", "Table"),
        ("import scipy", "pass", "Table"),
        ("import beside", "pass", "Table"),
        ("from inner import heavy", "pass", "Table"),
        ("", "__import__('skl' + 'earn')", "Table"),
        ("import importlib", "importlib.import_module('math')", "Table"),
        ("import msgpack", "pass", "Table"),
        ("", "pass", "Model"),
    ],
)
def test_what_may_need_it(tmp_path: Path, imports: str, body: str, out: str) -> None:
    (tmp_path / "beside.py").write_text("def later():\n    import sklearn\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("")
    (tmp_path / "inner" / "heavy.py").write_text("from sklearn import base\n")
    assert told(written(tmp_path, imports, body, out), "one")
