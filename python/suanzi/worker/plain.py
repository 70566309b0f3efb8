"""Which modules of a user's may stay imported from one task to the next: those that a fresh import would make again.

That holds for a file whose import only defines things (`is_plain`: imports, functions, classes, constants that can't
be changed; nothing is called, read or computed but declarations of operators), as long as no task changed what it
defines (`Kept`). All others are imported anew for each task.
"""

from __future__ import annotations

import ast
import operator
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from suanzi.sdk.operator import Operator

DECLARES = frozenset({"suanzi", "suanzi.sdk"})
"""Modules whose functions may be called by the import: they declare operators, ports and parameters."""
DECORATORS = frozenset({"staticmethod", "classmethod", "property"})
FROM_LIBRARIES = {"dataclasses": frozenset({"dataclass"}), "typing": frozenset({"final", "overload"})}
READ_LATE = frozenset({"declared", "partition", "_defaults", "_seeded"})
"""What an operator works out at first use, from its function alone."""
SET_BY_PYTHON = frozenset({"__slotnames__"})


def is_plain(tree: ast.Module) -> bool:
    """Whether importing the source gives the same each time, and nothing that could be changed in place."""
    reader = _Reader()
    for statement in tree.body:
        reader.imports(statement)
    return all(reader.statement(one) for one in tree.body)


class _Reader:
    def __init__(self) -> None:
        self.modules: set[str] = set()
        """Names by which the module knows suanzi itself."""
        self.callable: set[str] = set()
        self.decorators: set[str] = set(DECORATORS)

    def imports(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import):
            for one in statement.names:
                if one.name in DECLARES:
                    self.modules.add(one.asname or one.name.partition(".")[0])
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0:
            for one in statement.names:
                if statement.module in DECLARES:
                    self.callable.add(one.asname or one.name)
                elif one.name in FROM_LIBRARIES.get(statement.module or "", ()):
                    self.decorators.add(one.asname or one.name)

    def statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.Import() | ast.Pass():
                return True
            case ast.ImportFrom(names=names):
                return all(one.name != "*" for one in names)
            case ast.Expr(value=ast.Constant()):
                return True  # a docstring
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self.function(node)
            case ast.ClassDef(bases=bases, keywords=[], decorator_list=decorators, body=body):
                return (
                    all(self.names(base) for base in bases)
                    and all(self.decorator(one) for one in decorators)
                    and all(self.statement(one) for one in body)
                )
            case ast.Assign(targets=targets, value=value):
                return all(isinstance(one, ast.Name) for one in targets) and self.constant(value)
            case ast.AnnAssign(target=ast.Name(), value=value, annotation=annotation):
                return self.hint(annotation) and (value is None or self.constant(value))
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
                return all(isinstance(one, ast.Import | ast.ImportFrom) for one in body)
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), orelse=[]):
                return True  # not taken by an import
        return False

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        takes = node.args
        every = [*takes.posonlyargs, *takes.args, *takes.kwonlyargs, takes.vararg, takes.kwarg]
        hints = [one.annotation for one in every if one is not None and one.annotation is not None]
        hints += [node.returns] if node.returns is not None else []
        return (
            all(self.decorator(one) for one in node.decorator_list)
            and all(self.constant(one) for one in (*takes.defaults, *takes.kw_defaults) if one is not None)
            and all(self.hint(one) for one in hints)
        )

    def decorator(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self.decorators:
            return True
        if isinstance(node, ast.Call):
            known = self.declares(node.func) or (isinstance(node.func, ast.Name) and node.func.id in self.decorators)
            return known and self.arguments(node)
        return self.declares(node)

    def declares(self, node: ast.expr) -> bool:
        """Whether it is a function or class of suanzi's."""
        if isinstance(node, ast.Attribute):
            return self.names(node) and _root(node) in self.modules
        return isinstance(node, ast.Name) and node.id in self.callable

    def arguments(self, node: ast.Call) -> bool:
        values = [*node.args, *(one.value for one in node.keywords)]
        return all(self.constant(one) or self.fresh(one) for one in values)

    def fresh(self, node: ast.expr) -> bool:
        """A dict or list written in the call itself: known to nobody else."""
        if isinstance(node, ast.Dict):
            return all(one is not None and self.constant(one) for one in (*node.keys, *node.values))
        return isinstance(node, ast.List) and all(self.constant(one) for one in node.elts)

    def constant(self, node: ast.expr) -> bool:
        """Worked out from what is written there, and unchangeable."""
        match node:
            case ast.Constant() | ast.Name():
                return True
            case ast.Tuple(elts=elements):
                return all(self.constant(one) for one in elements)
        return _is_number(node)

    def names(self, node: ast.expr) -> bool:
        """A name, or an attribute of one."""
        return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and self.names(node.value))

    def hint(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant():
                return True
            case ast.Subscript(value=value, slice=within):
                return self.names(value) and self.hint(within)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return all(self.hint(one) for one in elements)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.hint(left) and self.hint(right)
            case ast.Starred(value=value):
                return self.hint(value)
            case ast.Call():
                return self.declares(node.func) and self.arguments(node)
        return self.names(node) or self.constant(node)


def _is_number(node: ast.expr) -> bool:
    """Such as `-1`, `2**16` or `1 << 20`; of names, a sum could be a list."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


class _Attributes(NamedTuple):
    owner: Any
    names: tuple[str, ...]
    values: tuple[Any, ...]
    known: frozenset[str]
    """Its names, and those that are not compared."""


class Kept:
    """Plain modules as their import left them, and whether they still are."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self.modules = modules
        self._seen: set[int] = set()
        self._functions: list[tuple[FunctionType, tuple[Any, ...]]] = []
        self._attributes: list[_Attributes] = []
        self.comparable = all(self._add(module) for module in modules.values())
        """Whether nothing in them is of a kind whose changes can't be seen."""

    def unchanged(self) -> bool:
        """Whether everything that they define is what it was."""
        try:
            return all(_of_function(one) == before for one, before in self._functions) and all(
                _same(vars(before.owner), before) for before in self._attributes
            )
        except Exception:
            return False  # something is gone, or a value that can't be compared was put there

    def _add(self, value: Any) -> bool:
        if id(value) in self._seen:
            return True
        self._seen.add(id(value))
        if isinstance(value, ModuleType):
            return value.__name__ not in self.modules or self._attributes_of(value, frozenset())
        if isinstance(value, Operator):
            return self._attributes_of(value, READ_LATE)
        if isinstance(value, FunctionType):
            if value.__module__ in self.modules:
                self._functions.append((value, _of_function(value)))
            return True
        if isinstance(value, staticmethod | classmethod):
            return self._add(value.__func__)
        if isinstance(value, property):
            return all(self._add(one) for one in (value.fget, value.fset, value.fdel))
        if isinstance(value, type) and value.__module__ in self.modules:
            # A class of classes may keep anything: an Enum its members, an ABC those that registered.
            return type(value) is type and self._attributes_of(value, SET_BY_PYTHON)
        return True

    def _attributes_of(self, owner: Any, but: frozenset[str]) -> bool:
        kept = {name: value for name, value in vars(owner).items() if name not in but}
        self._attributes.append(_Attributes(owner, tuple(kept), tuple(kept.values()), but | kept.keys()))
        return all(self._add(value) for name, value in kept.items() if name != "__builtins__")


def _of_function(function: FunctionType) -> tuple[Any, ...]:
    return function.__code__, function.__defaults__, dict(function.__kwdefaults__ or {}), dict(function.__dict__)


def _same(now: Any, before: _Attributes) -> bool:
    """Raises KeyError where one is gone."""
    if not all(map(operator.is_, map(now.__getitem__, before.names), before.values)):
        return False
    return len(now) == len(before.names) or bool(now.keys() <= before.known)
