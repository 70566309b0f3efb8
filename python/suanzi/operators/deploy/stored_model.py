"""How a registered version names the stored file of its model, and how that file is read again."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suanzi.sdk import OperatorError, current


def stored_model(input_name: str) -> dict[str, str] | None:
    """Path and SHA-256 of the file an input was read from; `None` where it came from memory (unit tests)."""
    path = current().input_files.get(input_name)
    return None if path is None else {"path": path, "sha256": _digest(Path(path))}


def load_model(ref: Mapping[str, Any]) -> Any:
    """The model of a registered version. Refuses a file that is gone or is not the one registered."""
    name = ref.get("name", "?")
    stored = ref.get("artifact")
    if not isinstance(stored, Mapping) or "path" not in stored:
        raise OperatorError(
            f"the version of model '{name}' does not say where it is stored",
            "register the model in a run, and connect register_model's output",
        )
    path = Path(stored["path"])
    if not path.is_file():
        raise OperatorError(
            f"the stored file of model '{name}' is gone: {path}", "run the training and register_model again"
        )
    if _digest(path) != stored.get("sha256"):
        raise OperatorError(
            f"the stored file of model '{name}' is not the one that was registered: {path}",
            "run the training and register_model again",
        )
    with path.open("rb") as file:
        return pickle.load(file)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
