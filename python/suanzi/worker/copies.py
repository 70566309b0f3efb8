"""The folder of copies of a store's objects: the least recently used go when there are too many bytes."""

from __future__ import annotations

import os
import time

SIZE = "SUANZI_COPIES_SIZE"
"""The most bytes of copies, such as 20GiB."""
DEFAULT_BYTES = 20 << 30
KEPT_SECONDS = 600.0
"""What was used within this time stays: a task may be about to open it."""
LOOK_SECONDS = 60.0
KEPT_ROWS = ".preview.arrow"
"""First rows of collected tables: of these there is no object."""
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}

_looked: dict[str, float] = {}


def used(path: str) -> None:
    """Notes that a copy is wanted. Its time of change stays: opened tables are known by it."""
    try:
        changed = os.stat(path).st_mtime_ns
        os.utime(path, ns=(time.time_ns(), changed))
    except OSError:
        return  # another user's, or gone: then it is only older than it could be


def make_room(root: str, *, now: float | None = None) -> int:
    """Removes copies if there are too many bytes, at most once a minute; how many went."""
    now = time.time() if now is None else now
    if now - _looked.get(root, 0.0) < LOOK_SECONDS:
        return 0
    _looked[root] = now
    files: list[tuple[float, int, str]] = []
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                found = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            if not name.endswith(KEPT_ROWS):
                last = max(found.st_atime, found.st_mtime)
                files.append((last, found.st_size, os.path.join(folder, name)))
    return _remove(files, limit_bytes(os.environ.get(SIZE)), now)


def _remove(files: list[tuple[float, int, str]], limit: int, now: float) -> int:
    total = sum(size for _, size, _ in files)
    removed = 0
    for last, size, path in sorted(files):
        if total <= limit or now - last < KEPT_SECONDS:
            break
        try:
            os.unlink(path)
        except OSError:
            continue
        total -= size
        removed += 1
    return removed


def limit_bytes(text: str | None) -> int:
    """`500MiB`, `20G`, `1000`; what isn't a size means the usual."""
    text = (text or "").strip().lower().removesuffix("b").removesuffix("i")
    unit = text[-1:] if text[-1:] in UNITS else ""
    try:
        return int(float(text.removesuffix(unit)) * UNITS[unit])
    except (ValueError, OverflowError):
        return DEFAULT_BYTES
