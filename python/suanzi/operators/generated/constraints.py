"""A constructor's parameters as an operator's: kinds, bounds and choices from scikit-learn's own constraints."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Annotated, Any, Literal, Union

from suanzi.operators.generated.words import parameter_words
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import Param
from suanzi.sdk.errors import OperatorDeclarationError
from suanzi.sdk.params import param_of

SET_BY_US = {
    "n_jobs": "threads are the engine's to give",
    "pre_dispatch": "threads are the engine's to give",
    "verbose": "the log is the engine's",
    "verbose_interval": "the log is the engine's",
    "verbose_feature_names_out": "columns are named by us",
    "warm_start": "each run fits anew",
    "copy": "inputs are never changed",
    "copy_X": "inputs are never changed",
    "copy_x": "inputs are never changed",
    "memory": "results are kept by the engine",
    "callbacks": "functions can't be written in a DAG",
    "cache_size": "memory is the engine's to give",
    "dtype": "types are the table's",
    "input": "texts come from a column",
    "sparse": "tables are dense",
    "sparse_output": "tables are dense",
    "sparse_threshold": "tables are dense",
    "accept_sparse": "tables are dense",
}
"""Parameters that are no choice of the user's, and why."""
NO_VALUE = ("deprecated", "warn")
OTHER_DEFAULTS: dict[str, dict[str, Any]] = {
    "FeatureHasher": {"n_features": 1024},
    "HashingVectorizer": {"n_features": 1024},
}
"""Defaults that make sense for a table where the constructor's are for sparse matrices."""
TEXTS_AS_VALUES = ("pos_label", "fill_value", "constant")


@dataclass
class Parameter:
    """One parameter of a constructor: its type hint for the operator, and the default the form shows."""

    name: str
    hint: Any
    default: Any
    required: bool
    as_tuple: bool
    """The constructor wants a tuple where YAML has a list."""


@dataclass
class _Reading:
    kinds: set[str] = field(default_factory=set)
    choices: list[Any] = field(default_factory=list)
    nullable: bool = False
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    bounded: int = 0
    tuples: bool = False
    arrays: bool = False


def parameters(cls: type, inputs: set[str], help_of: Mapping[str, str]) -> list[Parameter]:
    """Parameters of the class except those that are ports, functions, or ours to set."""
    found = []
    constraints: Mapping[str, Any] = getattr(cls, "_parameter_constraints", None) or {}
    signature = inspect.signature(cls)
    for name, declared in signature.parameters.items():
        if name in inputs or name in SET_BY_US or declared.kind is declared.VAR_KEYWORD:
            continue
        default = OTHER_DEFAULTS.get(cls.__name__, {}).get(name, declared.default)
        made = _parameter(name, constraints.get(name, ["no_validation"]), default, help_of.get(name, ""))
        if made is not None:
            found.append(made)
    # What must be given comes first in the form.
    return sorted(found, key=lambda parameter: not parameter.required)


def _parameter(name: str, constraints: Any, default: Any, text: str) -> Parameter | None:
    if isinstance(default, str) and default in NO_VALUE:
        return None
    constraints = constraints if isinstance(constraints, list) else [constraints]
    if "random_state" in constraints or name == "random_state":
        return Parameter(name, RandomState, None, False, False)
    reading = _Reading()
    for constraint in constraints:
        _read(constraint, reading)
    required = default is inspect.Parameter.empty
    plain = None if required else _plain(default)
    missing_mark = isinstance(default, float) and math.isnan(default)
    hint = None if missing_mark else _hint(name, reading)
    if hint is None:
        return None
    shown = None if not required and plain is None else plain
    about = _about(name, reading, hint, text)
    nullable = reading.nullable or (shown is None and not required)
    full: Any = Annotated[_or_null(hint) if nullable else hint, about]
    if not required and not _fits(name, full, shown):
        # The default is none that can be written down: empty stands for it.
        shown, full = None, Annotated[_or_null(hint), about]
        if not _fits(name, full, shown):
            return None
    return Parameter(name, full, shown, required, reading.tuples and not reading.arrays)


def _or_null(hint: Any) -> Any:
    return hint if hint is Any else hint | None


def _fits(name: str, hint: Any, default: Any) -> bool:
    try:
        param_of("generated", name, hint, default, has_default=True)
    except OperatorDeclarationError:
        return False
    return True


def _read(constraint: Any, into: _Reading) -> None:
    from sklearn.utils import _param_validation as rules

    if constraint is None:
        into.nullable = True
    elif isinstance(constraint, rules.Interval):
        whole = constraint.type is Integral
        into.kinds.add("integer" if whole else "share" if constraint.type is rules.RealNotInt else "number")
        _bounds(constraint, into)
    elif isinstance(constraint, rules.StrOptions):
        deprecated = set(constraint.deprecated or ())
        into.choices += sorted(o for o in constraint.options if o not in deprecated and o not in NO_VALUE)
    elif isinstance(constraint, rules.Options):
        into.choices += sorted(o for o in constraint.options if isinstance(o, (int, float)) and math.isfinite(o))
    elif constraint == "boolean" or constraint is bool:
        into.kinds.add("boolean")
    elif constraint in (Integral, int) or constraint == "cv_object":
        into.kinds.add("integer")
        into.nullable |= constraint == "cv_object"
    elif constraint in (Real, float):
        into.kinds.add("number")
    elif constraint is str:
        into.kinds.add("string")
    elif constraint in (dict, Mapping) or (isinstance(constraint, type) and issubclass(constraint, Mapping)):
        into.kinds.add("map")
    elif constraint == "array-like" or constraint in (list, tuple):
        into.kinds.add("list")
        into.tuples |= constraint is tuple
        into.arrays |= constraint == "array-like" or constraint is list
    elif constraint == "no_validation":
        into.kinds.add("any")


def _bounds(interval: Any, into: _Reading) -> None:
    """The widest bounds of several intervals: scikit-learn checks the rest."""
    low = None if interval.left is None or interval.left == -math.inf else float(interval.left)
    high = None if interval.right is None or interval.right == math.inf else float(interval.right)
    left, right = interval.closed in ("left", "both"), interval.closed in ("right", "both")
    if into.bounded == 0:
        into.ge, into.gt = (low, None) if left else (None, low)
        into.le, into.lt = (high, None) if right else (None, high)
    else:
        known = into.ge if into.ge is not None else into.gt
        if low is None or known is None:
            into.ge = into.gt = None
        elif low < known or (low == known and left):
            into.ge, into.gt = (low, None) if left else (None, low)
        known = into.le if into.le is not None else into.lt
        if high is None or known is None:
            into.le = into.lt = None
        elif high > known or (high == known and right):
            into.le, into.lt = (high, None) if right else (None, high)
    into.bounded += 1


def _hint(name: str, reading: _Reading) -> Any:
    """The type hint, or `None` for what can't be written in a DAG."""
    kinds = set(reading.kinds)
    if "share" in kinds and "integer" in kinds:
        return Any  # 1 is a number of things, 1.0 all of them
    if "share" in kinds or kinds >= {"integer", "number"}:
        kinds = kinds - {"share", "integer"} | {"number"}
    if "map" in kinds and "list" in kinds:
        kinds = kinds - {"list"}
    types: dict[str, Any] = {
        "integer": int,
        "number": float,
        "boolean": bool,
        "string": str,
        "list": list,
        "map": dict[str, Any],
        "any": Any,
    }
    if (
        "any" in kinds
        or len(kinds) > 1
        or (kinds == {"boolean"} and any(not isinstance(c, str) for c in reading.choices))
    ):
        return Any
    members = [types[kind] for kind in kinds]
    if "string" not in kinds and reading.choices:
        members.append(Literal[tuple(dict.fromkeys(reading.choices))])
    if not members:
        return None
    return Union[tuple(members)]  # noqa: UP007 (how many there are is known at run time only)


def _about(name: str, reading: _Reading, hint: Any, text: str) -> Param:
    label_en, label_zh, help_zh, plain = parameter_words(name)
    bounds: dict[str, Any] = {}
    members = getattr(hint, "__args__", (hint,))
    if hint in (int, float) or int in members or float in members:
        bounds = {"ge": reading.ge, "gt": reading.gt, "le": reading.le, "lt": reading.lt}
    return Param(
        **bounds,
        advanced=not plain,
        label_en=label_en,
        label_zh=label_zh,
        help_en=text or label_en,
        help_zh=help_zh or text or label_zh,
    )


def _plain(value: Any) -> Any:
    """A default as JSON can hold it, else `None`."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, (tuple, list)):
        items = [_plain(item) for item in value]
        return None if any(item is None for item in items) else items
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float, str, dict)) else None
