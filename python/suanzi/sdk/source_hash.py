"""The hash of a package's sources: results are cached under it, so it must change whenever the code does.

The Rust side of the same contract is `crates/operator/src/source.rs`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

SOURCE_ENDINGS = (".py", ".so")
SKIPPED_NAMES = ("__pycache__", "node_modules")
MAX_SOURCE_FILES = 10_000
MAX_SOURCE_BYTES = 256 * 1024 * 1024


def source_files(root: Path) -> list[tuple[bytes, Path]]:
    """Relative path (UTF-8, `/`) and place of every source file below `root`, in the byte order of the former."""
    found: list[tuple[bytes, Path]] = []
    for folder, folders, files in os.walk(root, followlinks=False):
        here = Path(folder)
        folders[:] = [name for name in folders if not _skipped(name) and not (here / name).is_symlink()]
        for name in files:
            path = here / name
            if name.endswith(SOURCE_ENDINGS) and not _skipped(name) and path.is_file():
                found.append((path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"), path))
    if len(found) > MAX_SOURCE_FILES:
        raise ValueError(f"{root} holds {len(found):,} source files; the limit is {MAX_SOURCE_FILES:,}")
    return sorted(found)


def hash_sources(root: Path) -> str:
    """SHA-256 (hex) over every source file: length of path, path, length of content, content; lengths u64 LE."""
    digest = hashlib.sha256()
    total = 0
    for relative, path in source_files(root):
        content = path.read_bytes()
        total += len(content)
        if total > MAX_SOURCE_BYTES:
            raise ValueError(f"{root} holds more than {MAX_SOURCE_BYTES:,} bytes of sources")
        digest.update(len(relative).to_bytes(8, "little"))
        digest.update(relative)
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()


def _skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_NAMES
