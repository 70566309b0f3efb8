"""Tells from an operator's sources that it never imports scikit-learn, or anything that might.

Imports are read, not run. What can't be told is answered with "it may": then the operator gets a worker that has it.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suanzi.sdk.operator import Operator

LIGHT = frozenset({"numpy", "pandas", "pyarrow", "duckdb", "jieba", "requests", "yaml"}) | sys.stdlib_module_names
"""Top-level modules that don't import it."""
OWN = "suanzi"
SDK = "suanzi.sdk"
"""Imported by each worker; what of it imports scikit-learn has to do with models, which ports tell of."""
FITTED = frozenset({"model", "transform", "estimator", "model_ref", "endpoint"})
"""Ports whose values are objects of libraries. (What comes by a port of type `any` seldom is.)"""
IMPORT_BY_NAME = frozenset({"import_module", "__import__", "exec", "eval"})


def may_import_sklearn(operator: Operator[Any, Any], root: Path) -> bool:
    """`False` only where neither ports nor sources leave a way. `root`: the folder that holds its sources."""
    types = [port.port_type for port in operator.inputs] + [port.port_type for port in operator.outputs]
    if not FITTED.isdisjoint(types):
        return True
    if operator.requirements or operator.requires or any(param.kind == "code" for param in operator.params):
        return True
    return _reaches(operator.function.__module__, root.resolve())


@functools.cache
def _reaches(module: str, root: Path) -> bool:
    waiting, seen = [module], {module}
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if path is None or not (path.is_relative_to(root) or name.partition(".")[0] == OWN):
            return True
        found = _imports(path, name)
        if found is None:
            return True
        for one in found:
            top = one.partition(".")[0]
            if top in LIGHT or one == SDK or one.startswith(SDK + ".") or one in seen:
                continue
            seen.add(one)
            waiting.append(one)
    return False


@functools.cache
def _imports(path: Path, module: str) -> tuple[str, ...] | None:
    """Names of modules that the source imports anywhere; `None` where they can't be told."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (OSError, SyntaxError, ValueError):
        return None
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names: list[str] = []
    for node in _taken(tree):
        if isinstance(node, ast.Name) and node.id in IMPORT_BY_NAME:
            return None
        if isinstance(node, ast.Attribute) and node.attr in IMPORT_BY_NAME - {"eval"}:  # a DataFrame has an `eval`
            return None
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            if base is None:
                return None
            names.append(base)
            # What is imported from a package may be a module.
            names.extend(inner for alias in node.names if _is_module(inner := f"{base}.{alias.name}"))
    return tuple(names)


def _taken(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _absolute(node: ast.ImportFrom, package: str) -> str | None:
    if node.level == 0:
        return node.module
    parts = package.split(".")
    if not package or node.level > len(parts):
        return None
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def _is_module(name: str) -> bool:
    return name.partition(".")[0] not in LIGHT and _source(name) is not None


@functools.cache
def _source(name: str) -> Path | None:
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, AttributeError, ValueError):
            return None
        file = spec.origin if spec is not None else None
    return Path(file).resolve() if file is not None and file.endswith(".py") else None
