"""Writes what an operator returned: tables as Arrow files, fitted objects as pickles, the rest as JSON.

JSON has no NaN and no infinity: every non-finite number becomes null.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
from typing import Any

import pyarrow as pa

from suanzi.sdk.fitted import model_manifest
from suanzi.sdk.scratch import discard
from suanzi.worker.code import CodeLoader
from suanzi.worker.inputs import PICKLED
from suanzi.worker.pieced_table import PiecedTable

INLINE_BYTES = 16 << 10
"""JSON up to this size travels in the result frame."""
MAX_MANIFEST_COLUMNS = 10_000


class OutputError(Exception):
    """What the operator returned doesn't fit its declared ports."""


class OutputWriter:
    """Writes one attempt's outputs; every file's name starts with the attempt's prefix."""

    def __init__(self, task: dict[str, Any], code: CodeLoader, trained_on: list[str] | None) -> None:
        """`trained_on`: columns of the first table among the inputs, for the manifests of models."""
        self.task = task
        self.trained_on = trained_on
        self.code = code
        self.stem = os.path.join(task["out_dir"], task["out_prefix"])

    def write(self, values: Any) -> list[dict[str, Any]]:
        """`values`: (port name, port type, value) for each declared output; a None for an optional one is left out."""
        ports = {port["name"]: (index, port["type"]) for index, port in enumerate(self.task["outputs"])}
        outputs: dict[int, dict[str, Any]] = {}
        given = set()
        for name, _type, value in values:
            if name not in ports:
                raise OutputError(f"the operator returned an output '{name}' it does not declare")
            if name in given:
                raise OutputError(f"the operator returned output '{name}' twice")
            given.add(name)
            index, declared = ports[name]
            if value is not None or declared == "any":
                outputs[index] = {"port": index, **self._write(name, declared, value)}
        if missing := [name for name in ports if name not in given]:
            raise OutputError(f"the operator returned nothing for output '{missing[0]}'")
        return [outputs[index] for index in sorted(outputs)]

    def _write(self, name: str, declared: str, value: Any) -> dict[str, Any]:
        if declared == "data":
            return self._table(name, value)
        if declared in PICKLED:
            return self._pickle(name, declared, value)
        if declared == "file":
            return self._file(name, value)
        if declared != "any":
            return self._json(name, declared, json_bytes(name, value))
        if isinstance(value, pa.Table) or _is_frame(value):
            return self._table(name, value)
        try:
            data = json_bytes(name, value)
        except OutputError:
            return self._pickle(name, "model", value)
        return self._json(name, "any", data)

    def _table(self, name: str, value: Any) -> dict[str, Any]:
        path = f"{self.stem}{name}.arrow"
        if isinstance(value, PiecedTable):
            value.write(path + ".tmp")
            return self._written(path, value.schema, value.rows)
        if _is_frame(value):
            value = pa.Table.from_pandas(value, preserve_index=False)
        if not isinstance(value, pa.Table):
            raise OutputError(f"output '{name}' must be a table, not {type(value).__name__}")
        table = value.combine_chunks()
        with pa.OSFile(path + ".tmp", "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        return self._written(path, table.schema, table.num_rows)

    def _written(self, path: str, schema: pa.Schema, rows: int) -> dict[str, Any]:
        columns = [{"name": f.name, "type": str(f.type), "nullable": f.nullable} for f in schema]
        manifest = {"rows": rows, "columns": columns[:MAX_MANIFEST_COLUMNS]}
        return {"type": "data", "rows": rows, "manifest": json.dumps(manifest), **_publish(path)}

    def _pickle(self, name: str, kind: str, value: Any) -> dict[str, Any]:
        data = self._pickled(name, value)
        path = f"{self.stem}{name}.pkl"
        with open(path + ".tmp", "wb") as file:
            file.write(data)
        manifest = json_bytes(name, model_manifest(value, self.trained_on)).decode()
        return {"type": kind, "rows": None, "manifest": manifest, **_publish(path)}

    def _pickled(self, name: str, value: Any) -> bytes:
        """Classes of an `--operators` directory, or without a name to import, travel by value."""
        own = self.code.user_modules()
        if not own:
            try:
                return pickle.dumps(value, protocol=5)
            except (pickle.PicklingError, AttributeError, TypeError):
                pass  # a class or function without an importable name; by value, it works
        import cloudpickle

        for module in own:
            cloudpickle.register_pickle_by_value(module)
        try:
            data: bytes = cloudpickle.dumps(value, protocol=5)
            return data
        except Exception as error:
            raise OutputError(f"output '{name}' ({type(value).__name__}) can't be pickled: {error}") from error
        finally:
            for module in own:
                cloudpickle.unregister_pickle_by_value(module)

    def _json(self, name: str, kind: str, data: bytes) -> dict[str, Any]:
        # The engine registers and deploys a model by what is said of it.
        manifest = data.decode() if kind in ("model_ref", "endpoint") else "{}"
        if len(data) <= INLINE_BYTES:
            return {"type": kind, "rows": None, "manifest": manifest, "inline": data, "bytes": len(data)}
        path = f"{self.stem}{name}.json"
        with open(path + ".tmp", "wb") as file:
            file.write(data)
        return {"type": kind, "rows": None, "manifest": manifest, **_publish(path)}

    def _file(self, name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, str | os.PathLike) or not os.path.isfile(value):
            raise OutputError(f"output '{name}' must be the path of a file, not {value!r:.200}")
        source = os.fspath(value)
        path = f"{self.stem}{name}{os.path.splitext(source)[1]}"
        shutil.copyfile(source, path + ".tmp")
        discard(source)
        manifest = {"name": os.path.basename(source)}
        return {"type": "file", "rows": None, "manifest": json.dumps(manifest), **_publish(path)}


def _publish(path: str) -> dict[str, Any]:
    """Renames the finished temporary file: a reader never sees half an output."""
    os.rename(path + ".tmp", path)
    return {"path": path, "bytes": os.stat(path).st_size}


def _is_frame(value: Any) -> bool:
    return type(value).__name__ == "DataFrame" and type(value).__module__.partition(".")[0] == "pandas"


def json_bytes(name: str, value: Any) -> bytes:
    """The value as JSON. Raises OutputError naming the output."""
    try:
        try:
            text = json.dumps(value, allow_nan=False, default=_plain, ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            text = json.dumps(_finite(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise OutputError(f"output '{name}' can't be written as JSON: {error}") from error


def _plain(value: Any) -> Any:
    """numpy and pandas values as plain ones."""
    for method in ("tolist", "isoformat"):
        convert = getattr(value, method, None)
        if convert is not None:
            return convert()
    raise TypeError(f"a {type(value).__name__} is no JSON value")


def _finite(value: Any, depth: int = 0) -> Any:
    if depth > 200:
        raise ValueError("it is nested too deeply, or contains itself")
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item, depth + 1) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return _finite(_plain(value), depth + 1)
