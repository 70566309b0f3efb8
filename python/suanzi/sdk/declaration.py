"""Reads a function's signature: which inputs, outputs and parameters its operator has."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from suanzi.sdk.errors import OperatorDeclarationError
from suanzi.sdk.params import ParamSpec, param_of
from suanzi.sdk.ports import Port, port_of

UNSAID = Port()


@dataclass(frozen=True)
class InputSpec:
    """One input; `library` is the kind of frame the function wants for tables."""

    name: str
    port_type: str
    library: str
    required: bool = True
    variadic: bool = False
    star: bool = False
    """Declared as `*name`: values are passed by position."""
    about: Port = UNSAID

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.port_type,
            "required": self.required,
            "variadic": self.variadic,
            "model_stands_for_table": self.about.model_stands_for_table,
            "doc_en": self.about.help_en,
            "doc_zh": self.about.help_zh,
        }


@dataclass(frozen=True)
class OutputSpec:
    """One output; `trained_on` is the position of the input a model is trained on."""

    name: str
    port_type: str
    trained_on: int | None = None
    about: Port = UNSAID

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": self.name, "type": self.port_type}
        if self.trained_on is not None:
            entry["trained_on"] = self.trained_on
        entry["doc_en"] = self.about.help_en
        entry["doc_zh"] = self.about.help_zh
        return entry


@dataclass(frozen=True)
class Declaration:
    """What a signature declares."""

    inputs: tuple[InputSpec, ...]
    outputs: tuple[OutputSpec, ...]
    params: tuple[ParamSpec, ...]
    several: bool
    """The function returns a tuple, named tuple or dataclass, one value per output."""


def read_signature(function: Callable[..., Any]) -> Declaration:
    """Positional parameters are inputs, keyword-only ones are parameters, the return annotation gives the outputs."""
    name = getattr(function, "__qualname__", repr(function))
    try:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise OperatorDeclarationError(
            name, None, f"its type hints can't be read ({error})", "Import the names they use in the module itself"
        ) from error
    inputs: list[InputSpec] = []
    params: list[ParamSpec] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            raise OperatorDeclarationError(
                name, f"'**{parameter.name}'", "an operator's parameters must be named", "Write each one after `*`"
            )
        if parameter.name not in hints:
            raise OperatorDeclarationError(
                name,
                f"'{parameter.name}'",
                "it has no type hint, so it can't be told whether it is an input or what values it takes",
                "Write `data: Table` for an input before `*`, or `count: int = 10` for a parameter after `*`",
            )
        hint = hints[parameter.name]
        has_default = parameter.default is not parameter.empty
        if parameter.kind is parameter.KEYWORD_ONLY:
            if _input_port(hint) is not None and not _is_any(hint):
                raise OperatorDeclarationError(
                    name, f"'{parameter.name}'", "it is an input but stands after `*`", "Move it before `*`"
                )
            params.append(param_of(name, parameter.name, hint, parameter.default, has_default=has_default))
            continue
        inputs.append(_input(name, parameter, hint, has_default))
    _check_order(name, inputs)
    outputs, several = _outputs(name, hints.get("return", inspect.Parameter.empty), inputs)
    return Declaration(tuple(inputs), tuple(outputs), tuple(params), several)


def _is_any(hint: Any) -> bool:
    inner, _ = _unwrap(hint)
    return inner is Any


def _unwrap(hint: Any) -> tuple[Any, Port]:
    """A hint without its annotations, and the `Port` among them."""
    about = UNSAID
    while get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        about = next((extra for extra in extras if isinstance(extra, Port)), about)
    return hint, about


@dataclass(frozen=True)
class _Found:
    port_type: str
    library: str
    optional: bool
    many: bool
    about: Port


def _input_port(hint: Any) -> _Found | None:
    hint, about = _unwrap(hint)
    optional = many = False
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        optional = len(members) < len(get_args(hint))
        if len(members) != 1:
            return None
        hint, inner = _unwrap(members[0])
        about = inner if about == UNSAID else about
    if get_origin(hint) is list:
        many = True
        hint, inner = _unwrap(get_args(hint)[0])
        about = inner if about == UNSAID else about
    port = port_of(hint)
    return None if port is None else _Found(port[0], port[1], optional, many, about)


def _input(function: str, parameter: inspect.Parameter, hint: Any, has_default: bool) -> InputSpec:
    found = _input_port(hint)
    if found is None:
        raise OperatorDeclarationError(
            function,
            f"'{parameter.name}'",
            f"{hint!r} is no port type, so it can't be an input",
            "Use Table, Model, Transform, Metrics, Report, File (or list[…] of one); if it is a parameter, "
            "move it after `*`",
        )
    star = parameter.kind is parameter.VAR_POSITIONAL
    if has_default and parameter.default is not None:
        raise OperatorDeclarationError(
            function, f"'{parameter.name}'", "an input's default can only be None", "Write `= None`, or no default"
        )
    if found.optional and not has_default:
        raise OperatorDeclarationError(
            function, f"'{parameter.name}'", "an optional input needs the default None", "Write `= None` behind it"
        )
    if has_default and not found.optional:
        raise OperatorDeclarationError(
            function, f"'{parameter.name}'", "its default is None but its type is not optional", "Write `… | None`"
        )
    variadic = star or found.many
    required = not (has_default or star)
    return InputSpec(parameter.name, found.port_type, found.library, required, variadic, star, found.about)


def _check_order(function: str, inputs: list[InputSpec]) -> None:
    for spec in inputs[:-1]:
        if spec.variadic:
            raise OperatorDeclarationError(
                function, f"'{spec.name}'", "only the last input can take any number of values", "Move it to the end"
            )


def _outputs(function: str, hint: Any, inputs: list[InputSpec]) -> tuple[list[OutputSpec], bool]:
    if hint is inspect.Parameter.empty:
        raise OperatorDeclarationError(
            function, "its result", "it has no type hint", "Write `-> Table`, or `-> None` if it has no output"
        )
    hint, about = _unwrap(hint)
    if hint is type(None) or hint is None:
        return [], False
    several = _members(function, hint)
    if several is not None:
        specs = [_output(function, name, member, inputs) for name, member in several]
        names = [spec.name for spec in specs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise OperatorDeclarationError(
                function,
                "its result",
                f"two outputs are called '{twice}'",
                "Return a NamedTuple with a field per output, or name them: Annotated[Table, Port('train')]",
            )
        return specs, True
    return [_output(function, None, Annotated[hint, about], inputs)], False


def _members(function: str, hint: Any) -> list[tuple[str | None, Any]] | None:
    """Fields of a NamedTuple or dataclass, or members of a tuple type; `None` for a single output."""
    if (
        isinstance(hint, type)
        and (dataclasses.is_dataclass(hint) or hasattr(hint, "_fields"))
        and port_of(hint) is None
    ):
        hints = typing.get_type_hints(hint, include_extras=True)
        return list(hints.items())
    if get_origin(hint) is tuple:
        members = get_args(hint)
        if Ellipsis in members:
            raise OperatorDeclarationError(
                function, "its result", "the number of outputs must be fixed", "Write `-> tuple[Table, Metrics]`"
            )
        return [(None, member) for member in members]
    return None


def _output(function: str, name: str | None, hint: Any, inputs: list[InputSpec]) -> OutputSpec:
    inner, about = _unwrap(hint)
    port = port_of(inner)
    if port is None:
        raise OperatorDeclarationError(
            function,
            f"output '{name}'" if name else "its result",
            f"{inner!r} is no port type",
            "Use Table, Model, Transform, Metrics, Report, File, or a tuple or NamedTuple of them",
        )
    trained_on = _trained_on(function, port[0], about, inputs)
    return OutputSpec(about.name or name or port[0], port[0], trained_on, about)


def _trained_on(function: str, port_type: str, about: Port, inputs: list[InputSpec]) -> int | None:
    if about.trained_on is not None:
        for position, spec in enumerate(inputs):
            if spec.name == about.trained_on:
                return position
        raise OperatorDeclarationError(
            function, "its result", f"trained_on='{about.trained_on}' names no input", "Use an input's name"
        )
    tables = [position for position, spec in enumerate(inputs) if spec.port_type == "data" and not spec.variadic]
    return tables[0] if port_type == "model" and len(tables) == 1 else None
