"""Values on their way into a function and out of it: converted, and checked against what was declared."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suanzi.sdk.errors import BadOutputError

if TYPE_CHECKING:
    from suanzi.sdk.declaration import OutputSpec
    from suanzi.sdk.tables import Layout

MAX_JSON_DEPTH = 64


def deliver(value: Any, library: str, keep: list[Any], layout: Layout | None = None) -> Any:
    """An input as the function wants it; see `tables.to_frame` for `keep` and `layout`."""
    if value is None or library in ("", "pyarrow") or not _is_arrow(value):
        return value
    from suanzi.sdk import tables

    return tables.to_polars(value) if library == "polars" else tables.to_frame(value, keep, layout)


def _is_arrow(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "pyarrow" and type(value).__name__ == "Table"


def returned_values(
    operator: str, outputs: Sequence[OutputSpec], result: Any, *, several: bool
) -> list[tuple[str, str, Any]]:
    """`(name, port type, value)` per declared output, or a `BadOutputError`."""
    if not outputs:
        if result is not None:
            raise BadOutputError(f"{operator} declares no output but returned {type(result).__name__}")
        return []
    values = _split(operator, outputs, result) if several else [result]
    return [(o.name, o.port_type, _checked(operator, o, v)) for o, v in zip(outputs, values, strict=True)]


def _split(operator: str, outputs: Sequence[OutputSpec], result: Any) -> list[Any]:
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        values = [getattr(result, f.name) for f in dataclasses.fields(result)]
    elif isinstance(result, (tuple, list)):
        values = list(result)
    else:
        values = []
    if len(values) != len(outputs):
        names = ", ".join(o.name for o in outputs)
        got = f"{len(values)} values" if values else type(result).__name__
        raise BadOutputError(f"{operator} must return {len(outputs)} values ({names}) but returned {got}")
    return values


def _checked(operator: str, output: OutputSpec, value: Any) -> Any:
    kind = output.port_type
    if kind == "data":
        from suanzi.sdk.tables import to_table

        return to_table(value, operator, output.name)
    if kind in ("metrics", "report", "model_ref", "endpoint"):
        if not isinstance(value, Mapping):
            raise _bad(operator, output, value, "a dict")
        return plain_json(value)
    if kind == "file":
        return _file(operator, output, value)
    if kind == "any":
        return _any(operator, output, value)
    needed = {"model": "predict", "transform": "transform", "estimator": "fit"}[kind]
    if value is None or isinstance(value, type) or not callable(getattr(value, needed, None)) or _is_table(value):
        raise _bad(operator, output, value, f"an object with a method {needed}()")
    return value


def _any(operator: str, output: OutputSpec, value: Any) -> Any:
    if _is_table(value):
        from suanzi.sdk.tables import to_table

        return to_table(value, operator, output.name)
    if value is None or isinstance(value, (Mapping, list, tuple, str, int, float, bool)):
        return plain_json(value)
    return value


def _is_table(value: Any) -> bool:
    return type(value).__module__.split(".")[0] in ("pandas", "pyarrow", "polars") and hasattr(value, "columns")


def _file(operator: str, output: OutputSpec, value: Any) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise _bad(operator, output, value, "the path of a file")
    path = Path(value)
    if not path.is_file():
        raise BadOutputError(f"output '{output.name}' of {operator} names the file {path}, which does not exist")
    return path


def _bad(operator: str, output: OutputSpec, value: Any, wanted: str) -> BadOutputError:
    got = "None" if value is None else type(value).__name__
    return BadOutputError(f"output '{output.name}' of {operator} must be {wanted}, but the function returned {got}")


def plain_json(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it: numpy scalars and arrays unpacked, NaN and infinities as null, keys as text."""
    if value is None or isinstance(value, (bool, str)):
        return value if type(value) in (bool, str, type(None)) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if depth > MAX_JSON_DEPTH:
        raise BadOutputError(f"a value is nested more than {MAX_JSON_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {str(key): plain_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return [plain_json(item, depth + 1) for item in items]
    if hasattr(value, "tolist"):
        return plain_json(value.tolist(), depth + 1)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise BadOutputError(f"a value of type {type(value).__name__} can't be written as JSON")
