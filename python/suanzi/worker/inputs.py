"""Reads a task's inputs: tables memory-mapped, models unpickled anew each time, the rest JSON."""

from __future__ import annotations

import json
import os
import pickle
from collections import OrderedDict
from typing import Any

import pyarrow as pa

TABLE_CACHE_BYTES = 256 << 20
TABLE_CACHE_ENTRIES = 128
PICKLED = frozenset({"model", "transform", "estimator"})


class TableCache:
    """Opened Arrow files by path, least recently used first. They are read-only maps: nobody can change them."""

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[str, int, int, int], tuple[pa.Table, int]] = OrderedDict()
        self._bytes = 0

    def read(self, path: str) -> pa.Table:
        stat = os.stat(path)
        key = (path, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        found = self._tables.get(key)
        if found is not None:
            self._tables.move_to_end(key)
            return found[0]
        with pa.memory_map(path) as source:
            table = pa.ipc.open_file(source).read_all()
        self._tables[key] = (table, stat.st_size)
        self._bytes += stat.st_size
        while self._bytes > TABLE_CACHE_BYTES or len(self._tables) > TABLE_CACHE_ENTRIES:
            self._bytes -= self._tables.popitem(last=False)[1][1]
        return table


class InputReader:
    """Turns the inputs of task frames into values."""

    def __init__(self) -> None:
        self.tables = TableCache()

    def read(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """By input name; several values under one name (a variadic input) become a list in port order."""
        values: dict[str, Any] = {}
        names = [item["name"] for item in inputs]
        for item in inputs:
            value = self._value(item)
            if names.count(item["name"]) > 1:
                values.setdefault(item["name"], []).append(value)
            else:
                values[item["name"]] = value
        return values

    def _value(self, item: dict[str, Any]) -> Any:
        kind = item["type"]
        path = item.get("path")
        if kind == "file":
            return path
        if kind == "data":
            return self.tables.read(path) if path is not None else _table_of(item["inline"])
        data = item["inline"] if path is None else _bytes_of(path)
        return pickle.loads(data) if kind in PICKLED else json.loads(data)


def _table_of(data: bytes) -> pa.Table:
    return pa.ipc.open_file(pa.BufferReader(data)).read_all()


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
