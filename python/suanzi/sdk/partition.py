"""How an operator says that it may work on a large table piece by piece."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from suanzi.sdk.declaration import Declaration
from suanzi.sdk.errors import OperatorDeclarationError

MAP = "map"


@dataclass(frozen=True)
class Partition:
    """`@operator(partition=Partition(combine=total))`; `partition="map"` is `Partition()`.

    The function is given pieces of its first table, some of that table's rows in their order; other inputs come whole.
    Without `combine`, its tables are put below each other. With it, `combine(results, *, …)` is given the list of what
    the function returned, in the order of the rows, and returns what the operator does; its keyword-only arguments are
    parameters of the operator. `rows` is how many rows a piece has at most; without it, the executor decides.
    """

    combine: Callable[..., Any] | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Cutting:
    """A declared partition that fits its operator."""

    input: str
    """Name of the table that is cut."""
    rows: int | None
    combine: Callable[..., Any] | None
    combine_params: tuple[str, ...]
    """Parameters that `combine` is given."""

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"how": MAP if self.combine is None else "combine", "input": self.input}
        return entry if self.rows is None else {**entry, "rows": self.rows}

    def combined(self, results: Sequence[Any], params: dict[str, Any]) -> Any:
        """What the operator returns, from what the function returned for each piece."""
        assert self.combine is not None
        return self.combine(list(results), **{name: params[name] for name in self.combine_params})


def cutting(
    name: str,
    partition: str | Partition | None,
    declared: Declaration,
    *,
    random: bool,
    side_effects: bool,
) -> Cutting | None:
    """The checked declaration. Raises OperatorDeclarationError."""
    if partition is None:
        return None

    def wrong(what: str, hint: str) -> OperatorDeclarationError:
        return OperatorDeclarationError(name, "partition", what, hint)

    if partition == MAP:
        partition = Partition()
    if not isinstance(partition, Partition):
        raise wrong(f"it is {partition!r}", "Write partition='map', or partition=Partition(combine=…)")
    if partition.rows is not None and (not isinstance(partition.rows, int) or partition.rows < 1):
        raise wrong(f"rows is {partition.rows!r}", "Give a whole number from 1, or leave it out")
    if random:
        raise wrong("every piece would draw the same numbers", "Leave out random=True, or partition")
    if side_effects:
        raise wrong("each piece would have the side effects", "Leave out side_effects=True, or partition")
    table = next((spec for spec in declared.inputs if spec.port_type == "data"), None)
    if table is None:
        raise wrong("there is no table among the inputs that could be cut", "Add an input `data: Table`")
    if table.variadic or not table.required:
        what = "takes any number of tables" if table.variadic else "may be left open"
        raise wrong(f"the first table, '{table.name}', {what}", "Make it a single required table")
    if partition.combine is not None:
        return Cutting(table.name, partition.rows, partition.combine, _params_of(wrong, partition.combine, declared))
    odd = next((spec for spec in declared.outputs if spec.port_type != "data"), None)
    if odd is not None or not declared.outputs:
        what = f"output '{odd.name}' is no table" if odd is not None else "it has no output"
        raise wrong(f"{what}, so what the pieces give can't be put together", "Give Partition(combine=…)")
    return Cutting(table.name, partition.rows, None, ())


def _params_of(
    wrong: Callable[[str, str], OperatorDeclarationError], combine: Callable[..., Any], declared: Declaration
) -> tuple[str, ...]:
    if not callable(combine):
        raise wrong(f"combine is {combine!r}", "Give a function that takes the list of the pieces' results")
    shape = "Write `def combine(results: list, *, …)`, with parameters of the operator after `*`"
    if not declared.outputs:
        raise wrong("it has no output that combine could return", "Leave out partition")
    parameters = list(inspect.signature(combine).parameters.values())
    first, rest = parameters[:1], parameters[1:]
    if not first or first[0].kind not in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
        raise wrong("combine doesn't take the list of the pieces' results", shape)
    known = {spec.name for spec in declared.params}
    for parameter in rest:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise wrong(f"combine's '{parameter.name}' is not keyword-only", shape)
        if parameter.name not in known:
            raise wrong(f"combine's '{parameter.name}' is no parameter of the operator", shape)
    return tuple(parameter.name for parameter in rest)
