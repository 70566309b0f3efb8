"""Parameters: how a type hint declares one, what the manifest says of it, and whether a value fits.

Declared once: validation here and in Rust, the form on the canvas and the negative tests all derive from it.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from suanzi.sdk.errors import OperatorDeclarationError, ParameterError
from suanzi.sdk.names import listed, nearest

ITEM_KINDS = ("integer", "number", "boolean", "string", "column", "map")
"""What a list's items can be checked as; others pass as they are."""
MAX_VALUE_CHARS = 80
"""A bad value is quoted up to this length."""


@dataclass(frozen=True)
class Kind:
    """A parameter kind that Python has no type for; see `Column` and its neighbours."""

    name: str


Column = Annotated[str, Kind("column")]
"""The name of a column of the input table."""
Columns = Annotated[list[str], Kind("columns")]
"""Names of columns of the input table."""
Code = Annotated[str, Kind("code")]
"""Source code, edited in place."""
Dataset = Annotated[str, Kind("dataset")]
"""The id of a registered dataset; the file is `current().file(parameter name)`."""
PathName = Annotated[str, Kind("path")]
"""A file to read; the file is `current().file(parameter name, value)`."""


@dataclass(frozen=True)
class Param:
    """Constraints and texts of a parameter: `factor: Annotated[float, Param(gt=0, label_en="Factor")] = 2.0`."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_items: int | None = None
    advanced: bool = False
    legacy: bool = False
    """Of older versions: accepted and ignored with a note."""
    label_en: str = ""
    label_zh: str = ""
    help_en: str = ""
    help_zh: str = ""


@dataclass(frozen=True)
class ParamSpec:
    """One declared parameter; `to_json` is its manifest entry."""

    name: str
    kind: str
    required: bool = False
    nullable: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    items: str | None = None
    about: Param = field(default_factory=Param)

    def to_json(self) -> dict[str, Any]:
        about = self.about
        entry: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "required": self.required,
            "nullable": self.nullable,
            "default": None if self.required else self.default,
        }
        bounds = {
            "minimum": about.ge,
            "maximum": about.le,
            "exclusive_minimum": about.gt,
            "exclusive_maximum": about.lt,
            "min_items": about.min_items,
            "items": self.items,
        }
        entry.update({key: value for key, value in bounds.items() if value is not None})
        if self.choices:
            entry["choices"] = list(self.choices)
        entry["advanced"] = about.advanced
        entry["legacy"] = about.legacy
        if about.legacy:
            entry["ignored"] = True
        for text in ("label_en", "label_zh", "help_en", "help_zh"):
            entry[text] = getattr(about, text)
        return entry

    def check(self, value: Any) -> Any:
        """The value as the function gets it, or a `ParameterError`."""
        if self.about.legacy:
            return value
        if value is None:
            if self.nullable:
                return None
            raise self._refusal(value, "must not be null")
        if _among(value, self.choices):
            return value
        if self.kind == "choice":
            meant = nearest(value, self.choices) if isinstance(value, str) else None
            raise self._refusal(value, f"must be one of {listed(map(_quoted, self.choices))}", meant)
        try:
            return self._convert(value)
        except _Unfit as unfit:
            also = f" or one of {listed(map(_quoted, self.choices))}" if self.choices else ""
            raise self._refusal(value, f"must be {unfit}{also}") from None

    def _refusal(self, value: Any, rule: str, meant: str | None = None) -> ParameterError:
        hint = f"did you mean '{meant}'?" if meant else None
        return ParameterError(f"parameter '{self.name}' is {_quoted(value)}; it {rule}", hint)

    def _convert(self, value: Any) -> Any:
        kind = self.kind
        if kind in ("integer", "number"):
            return self._in_range(_as_integer(value) if kind == "integer" else _as_number(value))
        if kind == "columns":
            return self._enough([_as_column(v) for v in (value if isinstance(value, (list, tuple)) else [value])], 1)
        if kind == "list":
            if not isinstance(value, (list, tuple)):
                raise _Unfit("a list")
            return self._enough([_convert_item(self.items, v) for v in value], 0)
        return _CONVERTERS[kind](value)

    def _in_range(self, number: Any) -> Any:
        about = self.about
        bounds = (
            (about.ge, "at least", number >= about.ge if about.ge is not None else True),
            (about.gt, "greater than", number > about.gt if about.gt is not None else True),
            (about.le, "at most", number <= about.le if about.le is not None else True),
            (about.lt, "less than", number < about.lt if about.lt is not None else True),
        )
        if not all(fits for _, _, fits in bounds):
            rule = " and ".join(f"{word} {bound:g}" for bound, word, _ in bounds if bound is not None)
            raise _Unfit(f"{'an integer' if self.kind == 'integer' else 'a number'} {rule}")
        return number

    def _enough(self, values: list[Any], least: int) -> list[Any]:
        least = least if self.about.min_items is None else self.about.min_items
        if len(values) < least:
            raise _Unfit(f"a list of at least {least} item{'s' if least > 1 else ''}")
        return values


class _Unfit(Exception):
    """What the value must be; `ParamSpec.check` makes the sentence."""


def _among(value: Any, choices: tuple[Any, ...]) -> bool:
    return any(type(choice) is type(value) and choice == value for choice in choices)


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        text = f"'{value}'"
    elif value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    else:
        text = repr(value)
    return text if len(text) <= MAX_VALUE_CHARS else text[: MAX_VALUE_CHARS - 1] + "…"


def _as_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Unfit("an integer")
    if isinstance(value, float) and not value.is_integer():
        raise _Unfit("an integer")
    return int(value)


def _as_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Unfit("a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Unfit("a finite number")
    return number


def _as_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Unfit("true or false")
    return value


def _as_string(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unfit("a text")
    return value


def _as_column(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise _Unfit("the name of a column")
    return value


def _as_dataset(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value == "":
        raise _Unfit("a dataset id")
    return str(value)


def _as_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Unfit("a map")
    return dict(value)


_CONVERTERS: dict[str, Any] = {
    "integer": _as_integer,
    "number": _as_number,
    "boolean": _as_boolean,
    "string": _as_string,
    "column": _as_column,
    "code": _as_string,
    "dataset": _as_dataset,
    "path": _as_string,
    "map": _as_map,
    "any": lambda value: value,
}


def _convert_item(items: str | None, value: Any) -> Any:
    try:
        return _CONVERTERS[items or "any"](value)
    except _Unfit as unfit:
        raise _Unfit(f"a list whose items are each {unfit}") from None


def validate(specs: tuple[ParamSpec, ...], params: Mapping[str, Any], unknown: str) -> tuple[dict[str, Any], list[str]]:
    """Parameters with defaults filled in, and notes on those that are ignored; all faults in one `ParameterError`."""
    by_name = {spec.name: spec for spec in specs}
    unheeded: list[str] = []
    faults: list[ParameterError] = []
    for name in params:
        if name in by_name:
            continue
        if unknown == "ignore":
            unheeded.append(name)
            continue
        meant = nearest(name, by_name)
        hint = f"did you mean '{meant}'?" if meant else f"it takes: {listed(by_name)}"
        faults.append(ParameterError(f"parameter '{name}' is unknown to this operator", hint))
    values: dict[str, Any] = {}
    for spec in specs:
        if spec.name not in params:
            if spec.required:
                faults.append(ParameterError(f"parameter '{spec.name}' is missing", "it has no default"))
            elif not spec.about.legacy:
                values[spec.name] = spec.default
            continue
        value = params[spec.name]
        if spec.about.legacy:
            if value is not None:
                unheeded.append(spec.name)
            continue
        try:
            values[spec.name] = spec.check(value)
        except ParameterError as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        hints = [f.hint for f in faults if f.hint]
        raise ParameterError("; ".join(f.message for f in faults), "; ".join(hints) or None)
    return values, [f"parameters of older versions, ignored: {', '.join(unheeded)}"] if unheeded else []


def param_of(function: str, name: str, hint: Any, default: Any, *, has_default: bool) -> ParamSpec:
    """Reads a keyword-only parameter's type hint."""

    def refuse(problem: str, remedy: str) -> OperatorDeclarationError:
        return OperatorDeclarationError(function, f"parameter '{name}'", problem, remedy)

    about, reading = Param(), _Reading()
    for found in _read(hint, reading):
        if isinstance(found, Param):
            about = found
    if reading.unknown is not None:
        raise refuse(
            f"its type {reading.unknown!r} is not one a parameter can have",
            "Use int, float, bool, str, Literal, list[…], dict, Any, Column, Columns, Code, Dataset or PathName",
        )
    kinds = reading.kinds
    if kinds == ["integer", "number"] or kinds == ["number", "integer"]:
        kinds = ["number"]
    if len(kinds) > 1:
        raise refuse(f"its type mixes {' and '.join(kinds)}", "Choose one of them, or Any")
    kind = kinds[0] if kinds else "choice"
    if kind == "choice" and not reading.choices:
        raise refuse("its type allows nothing but null", "Give it a type besides None")
    if (about.ge, about.gt, about.le, about.lt) != (None,) * 4 and kind not in ("integer", "number"):
        raise refuse(f"ge, gt, le and lt are for numbers; this is a {kind}", "Remove them, or make it a number")
    if about.min_items is not None and kind not in ("list", "columns"):
        raise refuse(f"min_items is for lists; this is a {kind}", "Remove it, or make it a list")
    if about.legacy and not has_default:
        raise refuse("a legacy parameter can't be required", "Give it the default None")
    nullable = reading.nullable or about.legacy or kind == "any"
    spec = ParamSpec(
        name=name,
        kind=kind,
        required=not has_default,
        nullable=nullable,
        default=default if has_default else None,
        choices=tuple(reading.choices),
        items=reading.items,
        about=about,
    )
    if has_default and not about.legacy:
        if default is None and not nullable:
            raise refuse("its default is None but its type is not optional", "Write `… | None`, or another default")
        try:
            object.__setattr__(spec, "default", spec.check(default))
        except ParameterError as fault:
            raise refuse(f"its default does not fit: {fault.message}", "Change the default or the constraint") from None
    return spec


@dataclass
class _Reading:
    kinds: list[str] = field(default_factory=list)
    choices: list[Any] = field(default_factory=list)
    nullable: bool = False
    items: str | None = None
    unknown: Any = None

    def add(self, kind: str) -> None:
        if kind not in self.kinds:
            self.kinds.append(kind)


_PLAIN = {int: "integer", float: "number", bool: "boolean", str: "string", list: "list", dict: "map"}


def _read(hint: Any, into: _Reading) -> list[Any]:
    """Adds what `hint` says to `into`; returns its annotations."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *extras = get_args(hint)
        named = next((extra for extra in extras if isinstance(extra, Kind)), None)
        if named is None:
            return [*_read(inner, into), *extras]
        into.add(named.name)
        return extras
    if origin in (Union, types.UnionType):
        return [extra for member in get_args(hint) for extra in _read(member, into)]
    if origin is Literal:
        into.nullable |= None in get_args(hint)
        into.choices.extend(choice for choice in get_args(hint) if choice is not None)
    elif hint is None or hint is type(None):
        into.nullable = True
    elif hint is Any or hint is object:
        into.add("any")
    elif hint in _PLAIN:
        into.add(_PLAIN[hint])
    elif origin in (list, tuple):
        into.add("list")
        members = [arg for arg in get_args(hint) if arg is not Ellipsis]
        item = _Reading()
        _read(members[0] if members else Any, item)
        plain = len(item.kinds) == 1 and not item.choices and item.kinds[0] in ITEM_KINDS
        into.items = item.kinds[0] if plain else "any"
    elif origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        into.add("map")
    else:
        into.unknown = hint
    return []
