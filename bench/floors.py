"""Floors measured in the same run: what the machine itself takes."""

import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path


def python_start() -> float:
    """Seconds of `python -c pass`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


def _echo(sock: socket.socket) -> None:
    while data := sock.recv(64):
        sock.sendall(data)


def socket_round_trip(n: int = 2000) -> float:
    """Microseconds of a blocking round trip over a Unix socket pair between two processes."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        _echo(theirs)
        os._exit(0)
    theirs.close()
    began = time.perf_counter()
    for _ in range(n):
        ours.sendall(b"x" * 32)
        ours.recv(64)
    took = time.perf_counter() - began
    ours.close()
    os.waitpid(child, 0)
    return took / n * 1e6


def full_commit(directory: Path, n: int = 200) -> float:
    """Microseconds of one SQLite commit in WAL mode with synchronous=FULL."""
    path = directory / "floor.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=full")
    db.execute("create table t (k integer primary key, v text)")
    began = time.perf_counter()
    for _ in range(n):
        db.execute("insert into t (v) values ('x')")
    took = time.perf_counter() - began
    db.close()
    return took / n * 1e6


def _noop(_: int) -> int:
    return 0


def pool_apply_async(n: int = 1000) -> float:
    """Microseconds a task of a warm `multiprocessing.Pool`, all submitted at once."""
    with multiprocessing.Pool(os.cpu_count() * 2) as pool:
        pool.map(_noop, range(16))
        began = time.perf_counter()
        for result in [pool.apply_async(_noop, (i,)) for i in range(n)]:
            result.get()
        return (time.perf_counter() - began) / n * 1e6


def pool_apply(n: int = 1000) -> float:
    """Microseconds a task of a warm `multiprocessing.Pool`, one after the other."""
    with multiprocessing.Pool(os.cpu_count() * 2) as pool:
        pool.map(_noop, range(16))
        began = time.perf_counter()
        for i in range(n):
            pool.apply(_noop, (i,))
        return (time.perf_counter() - began) / n * 1e6
