"""Folders for files an operator makes: the worker removes them once the output has been stored."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "suanzi-scratch-"


def scratch_folder() -> Path:
    """A new folder of its own for a `file` output."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def discard(path: str | os.PathLike[str]) -> None:
    """Removes the scratch folder that holds `path`; other folders are left alone."""
    folder = Path(path).parent
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
