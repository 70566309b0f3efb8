"""Manifests: of packages and folders, files that do not import, and the hash of sources that Rust computes too."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suanzi.sdk.manifest import stale
from suanzi.sdk.source_hash import hash_sources

GOOD = """
import sys
from suanzi.sdk import operator, Table
from {helper} import factor
print("noise on stdout")

@operator(name_en="Double", name_zh="加倍", category="feature")
def {name}(data: Table) -> Table:
    return data * factor
"""


def manifest_of(folder: Path, *extra: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "suanzi.sdk.manifest", "--dir", str(folder), *extra]
    out = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    return json.loads(out.stdout)


def test_a_folder_with_good_and_bad_files(tmp_path: Path) -> None:
    (tmp_path / "_helper.py").write_text("factor = 2\n")
    (tmp_path / "good.py").write_text(GOOD.format(helper="_helper", name="double"))
    (tmp_path / "broken.py").write_text("x = 1\n\ny = = 2\n")
    (tmp_path / "raises.py").write_text("import os\n\nraise RuntimeError('not today')\n")
    (tmp_path / "exits.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "half.py").write_text("from suanzi.sdk import *\n\n@operator\ndef half(data: Table, n): ...\n")
    (tmp_path / "twice.py").write_text(GOOD.format(helper="_helper", name="double"))
    (tmp_path / "json.py").write_text("")
    (tmp_path / "test_me.py").write_text("raise SystemError\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "inner.py").write_text(GOOD.format(helper="_helper", name="inner"))
    found = manifest_of(tmp_path)
    assert found["manifest_version"] == 1
    named = [(op["algo_name"], op["module"], op["function"]) for op in found["operators"]]
    assert named == [("double", "good", "double"), ("inner", "pack.inner", "inner")]
    faults = {Path(e["file"]).stem: (e["line"], e["message"]) for e in found["errors"]}
    assert faults["broken"][0] == 3
    assert faults["raises"] == (3, "RuntimeError: not today")
    assert faults["exits"] == (2, "SystemExit: 3")
    assert "has no type hint" in faults["half"][1]
    assert "also declared in good" in faults["twice"][1]
    assert "rename" in faults["json"][1]
    assert len(faults) == 6
    assert found["source_hash"] == hash_sources(tmp_path)


def test_source_hash_of_known_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    (tmp_path / "b" / "c.py").write_bytes(b"")
    (tmp_path / "b.py").write_bytes(b"y")
    assert hash_sources(tmp_path) == "46aed4762b39ead1e6bc10503bef6445c17523d032fa4ad47dc883be6fd88de2"


@pytest.mark.parametrize(
    "ignored", ["notes.txt", ".hidden.py", "__pycache__/x.py", ".git/x.py", "node_modules/x.py", "a.pyc"]
)
def test_other_files_do_not_count(tmp_path: Path, ignored: str) -> None:
    (tmp_path / "a.py").write_text("1")
    before = hash_sources(tmp_path)
    path = tmp_path / ignored
    path.parent.mkdir(exist_ok=True)
    path.write_text("2")
    assert hash_sources(tmp_path) == before


def test_every_change_of_source_counts(tmp_path: Path) -> None:
    seen = set()
    file = tmp_path / "a.py"
    for step in (
        lambda: file.write_text("x = 1"),
        lambda: file.write_text("x = 2"),
        lambda: file.rename(tmp_path / "b.py"),
        lambda: (tmp_path / "c.so").write_bytes(b"\0"),
        lambda: (tmp_path / "deep" / "er").mkdir(parents=True),
        lambda: (tmp_path / "deep" / "er" / "d.py").write_text(""),
    ):
        step()
        seen.add(hash_sources(tmp_path))
    assert len(seen) == 5


def test_linked_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "a.py").write_text("1")
    before = hash_sources(tmp_path / "pack")
    (tmp_path / "pack" / "loop").symlink_to(tmp_path / "pack")
    assert hash_sources(tmp_path / "pack") == before


def test_stale_names_what_changed(tmp_path: Path) -> None:
    manifest = {"manifest_version": 1, "source_hash": "a", "operators": [{"algo_name": "x", "doc_en": "1"}]}
    path = tmp_path / "m.json"
    path.write_text(json.dumps(manifest))
    assert stale(manifest, path) is None
    assert "other sources" in (stale({**manifest, "source_hash": "b"}, path) or "")
    changed = {**manifest, "operators": [{"algo_name": "x", "doc_en": "2"}]}
    assert "x" in (stale(changed, path) or "")
    assert "can't be read" in (stale(manifest, tmp_path / "none") or "")
