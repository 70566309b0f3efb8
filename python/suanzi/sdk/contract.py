"""`check_operator`: the contract an operator keeps, as a suite for those who write their own.

`faults = check_operator(my_operator, inputs={"data": frame}, params={…})` is empty for a good operator.
Without inputs a small table of numbers, texts and missing values stands in for each data input.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suanzi.sdk import odd_tables as odd
from suanzi.sdk.context import RANDOM_STATE_LIMIT, Context
from suanzi.sdk.errors import BadOutputError, OperatorError, ParameterError
from suanzi.sdk.operator import Operator
from suanzi.sdk.params import ParamSpec

if TYPE_CHECKING:
    import pyarrow as pa

OTHER_SEED = 12_345


@dataclass(frozen=True)
class ContractFault:
    """One broken clause: a stable code, and what was seen."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def check_operator(
    op: Operator[Any, Any],
    inputs: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    odd_tables: bool = False,
    wide: bool = False,
) -> list[ContractFault]:
    """Every fault found. `inputs` are as a run gives them, DataFrames also allowed; `params` as in a DAG.

    `odd_tables`: also with empty tables, one row, nulls only, unseen categories and so on, each of which it must take
    or refuse in words. `wide`: also with thousands of columns.
    """
    faults = _declaration(op)
    given = dict(params or {})
    faults += _bad_values(op, given)
    missing = [spec.name for spec in op.params if spec.required and spec.name not in given]
    values = _inputs(op, inputs)
    unknown = [spec.name for spec in op.inputs if spec.required and spec.name not in values]
    if missing or unknown:
        what = ", ".join([*missing, *unknown])
        return [*faults, ContractFault("not_run", f"it was not run: give {what} to check_operator")]
    faults += _runs(op, values, given)
    if odd_tables and not any(fault.code in ("raised", "refused", "bad_output") for fault in faults):
        faults += _odd(op, values, given, wide=wide)
    return faults


def _odd(op: Operator[Any, Any], inputs: dict[str, Any], params: dict[str, Any], *, wide: bool) -> list[ContractFault]:
    faults = []
    for name, value in inputs.items():
        many = isinstance(value, list)
        table = value[0] if many and value else value
        if not _is_table(table):
            continue
        cases = list(odd.odd_tables(table, params))
        if wide:
            cases.append(("thousands of columns", odd.wide_table(table), params))
        for what, changed, fitting in cases:
            fault = _odd_run(op, {**inputs, name: [changed] if many else changed}, fitting, changed)
            if fault is not None:
                faults.append(ContractFault(fault[0], f"{what} in input '{name}': {fault[1]}"))
    return faults


def _odd_run(
    op: Operator[Any, Any], inputs: dict[str, Any], params: dict[str, Any], table: pa.Table
) -> tuple[str, str] | None:
    import warnings

    try:
        _seed_global_generators(0)
        with redirect_stderr(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            op.execute(inputs, params, Context())
    except OperatorError as error:
        lacks = odd.generic(error.message, error.hint, table, params)
        return None if lacks is None else ("generic_refusal", f"{lacks}: {error.message}")
    except Exception as error:
        return "raised_on_odd_table", f"{type(error).__name__}: {error}"
    return None


def _is_table(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "pyarrow" and hasattr(value, "column_names")


def _declaration(op: Operator[Any, Any]) -> list[ContractFault]:
    faults = []
    for field in ("name_en", "name_zh"):
        if not getattr(op, field):
            faults.append(ContractFault("no_name", f"{field} is missing"))
    for spec in op.params:
        if spec.about.legacy:
            continue
        for language in ("en", "zh"):
            if not getattr(spec.about, f"label_{language}") and not getattr(spec.about, f"help_{language}"):
                faults.append(
                    ContractFault("no_text", f"parameter '{spec.name}' has no label_{language} or help_{language}")
                )
    if not op.doc_en:
        faults.append(ContractFault("no_doc", "it has neither doc_en nor a docstring"))
    return faults


def bad_values(spec: ParamSpec) -> list[Any]:
    """Values that the declaration forbids: each must be refused."""
    about, bad = spec.about, []
    if about.legacy or spec.kind == "any":
        return []
    wrong = {
        "integer": ["x", 1.5, True, [1]],
        "number": ["x", True, [1.0], float("nan"), float("inf")],
        "boolean": ["yes", 1, None],
        "string": [1, ["x"]],
        "code": [1, ["x"]],
        "path": [1, ["x"]],
        "column": [1.5, "", ["x"], True],
        "columns": [[1.5], [""], {"a": 1}],
        "list": ["x", 1],
        "map": [["x"], "x", 1],
        "dataset": [True, [40], ""],
        "choice": ["no such choice", 10**9, ["x"]],
    }[spec.kind]
    bad += [value for value in wrong if value is not None and value not in spec.choices]
    step = 1 if spec.kind == "integer" else 1e-3
    beyond = ((about.ge, -step), (about.gt, 0), (about.le, step), (about.lt, 0))
    bad += [bound + beside for bound, beside in beyond if bound is not None]
    if spec.kind in ("list", "columns") and (about.min_items or 0) > 0:
        bad.append([])
    if spec.kind == "columns" and about.min_items is None:
        bad.append([])
    if not spec.nullable:
        bad.append(None)
    return bad


def _bad_values(op: Operator[Any, Any], params: dict[str, Any]) -> list[ContractFault]:
    faults = []
    for spec in op.params:
        for value in bad_values(spec):
            try:
                op.validate({**params, spec.name: value})
            except ParameterError as error:
                if spec.name in error.message:
                    continue
            faults.append(ContractFault("bad_value_accepted", f"parameter '{spec.name}' takes {value!r}"))
    return faults


def sample_table() -> pa.Table:
    """Twelve rows: numbers, a column with gaps, texts, a label of two values."""
    import pyarrow as pa

    return pa.table(
        {
            "x": [float(i) for i in range(12)],
            "gaps": [None if i % 5 == 0 else i * 0.5 for i in range(12)],
            "text": ["b", "a", "c"] * 4,
            "count": [i * i for i in range(12)],
            "label": [i // 3 % 2 for i in range(12)],
        }
    )


def _inputs(op: Operator[Any, Any], inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    values = {name: _arrow(value) for name, value in (inputs or {}).items()}
    for spec in op.inputs:
        if spec.name not in values and spec.required and spec.port_type in ("data", "any"):
            values[spec.name] = [sample_table()] if spec.variadic else sample_table()
    return values


def _arrow(value: Any) -> Any:
    if isinstance(value, list):
        return [_arrow(one) for one in value]
    if type(value).__module__.split(".")[0] == "pandas":
        from suanzi.sdk.tables import to_table

        return to_table(value, "check_operator", "input")
    return value


def _runs(op: Operator[Any, Any], inputs: dict[str, Any], params: dict[str, Any]) -> list[ContractFault]:
    before = _fingerprint(inputs)
    faults: list[ContractFault] = []
    first = _run(op, inputs, params, Context(), faults)
    if _fingerprint(inputs) != before:
        faults.append(ContractFault("input_changed", "it changes its inputs in place"))
    if first is None:
        return faults
    for name, port_type, value in first:
        if port_type in ("model", "transform", "estimator"):
            try:
                pickle.loads(pickle.dumps(value))
            except Exception as error:
                faults.append(ContractFault("not_picklable", f"output '{name}' can't be stored: {error}"))
    second = _run(op, inputs, params, Context(), faults)
    if op.deterministic and second is not None and _fingerprint(first) != _fingerprint(second):
        faults.append(ContractFault("not_deterministic", "two runs differ; declare deterministic=False, or mend it"))
    if op.deterministic and not op.random:
        other = _run(op, inputs, params, Context(seed=OTHER_SEED), faults)
        if other is not None and _fingerprint(first) != _fingerprint(other):
            faults.append(ContractFault("seed_used", "it depends on the run's seed; declare random=True"))
    return faults


def _run(
    op: Operator[Any, Any],
    inputs: dict[str, Any],
    params: dict[str, Any],
    context: Context,
    faults: list[ContractFault],
) -> list[tuple[str, str, Any]] | None:
    try:
        _seed_global_generators(context.seed)
        with redirect_stderr(StringIO()):
            return op.execute(inputs, params, context)
    except BadOutputError as error:
        faults.append(ContractFault("bad_output", error.message))
    except OperatorError as error:
        if not error.hint:
            faults.append(ContractFault("no_hint", f"it refuses without a remedy: {error.message}"))
        faults.append(ContractFault("refused", error.message))
    except Exception as error:
        kind = "input_changed" if "read-only" in str(error) else "raised"
        faults.append(ContractFault(kind, f"{type(error).__name__}: {error}"))
    return None


def _seed_global_generators(seed: int) -> None:
    """A worker does the same before each task."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % RANDOM_STATE_LIMIT)


def _fingerprint(value: Any) -> Any:
    """Something that is equal for equal values: bytes of tables, files and pickles."""
    if isinstance(value, Mapping):
        return {key: _fingerprint(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fingerprint(one) for one in value]
    if isinstance(value, Path):
        return value.suffix, value.read_bytes()
    if type(value).__module__.split(".")[0] == "pyarrow":
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        return sink.getvalue().to_pybytes()
    try:
        return pickle.dumps(value)
    except Exception:
        return repr(type(value))
