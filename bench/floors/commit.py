"""Commits that are on the disk when they are told."""

import sqlite3
import tempfile
import time
from pathlib import Path


def sample(directory: Path, commits: int = 50, rows: int = 1) -> float:
    """Seconds of one SQLite commit of `rows` rows in WAL mode with synchronous=FULL."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        db = sqlite3.connect(f"{place}/floor.db", isolation_level=None)
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        db.execute("create table t (k integer primary key, v text)")
        began = time.perf_counter()
        for _ in range(commits):
            db.execute("begin immediate")
            db.executemany("insert into t (v) values (?)", [("x" * 60,)] * rows)
            db.execute("commit")
        took = time.perf_counter() - began
        db.close()
        return took / commits
