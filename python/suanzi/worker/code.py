"""Finds an operator's code through importlib, always from the sources as they are on disk now.

User code is imported anew for each task, so that its module-level state begins as in a fresh process; where an import
would make the same again, it is spared (`plain.py`). Compiled code is kept: the engine never sends one worker two
versions of a package, it starts a fresh worker. Our own operators stay imported.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from suanzi.sdk.operator import signatures_later
from suanzi.worker.dict_versions import version_of
from suanzi.worker.plain import Kept, is_plain

OWN_PACKAGE = "suanzi"
MAX_KEPT = 256
"""Operators' files that stay imported; those used longest ago go first."""


class LoadError(Exception):
    """The operator's module can't be imported or has no such operator. The cause is chained."""


class FreshLoader(SourceFileLoader):
    """Compiles the source itself, once per worker: a .pyc is trusted by time and size, and an edit can keep both."""

    compiled: dict[str, CodeType] = {}  # noqa: RUF012 (shared on purpose)
    plain: set[str] = set()  # noqa: RUF012

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code = self.compiled.get(path)
        if code is None:
            source = self.get_data(path)
            code = self.compiled[path] = self.source_to_code(source, path)
            if fullname.partition(".")[0] != OWN_PACKAGE and is_plain(ast.parse(source, path)):
                self.plain.add(path)
        return code


class FreshFinder:
    """A meta path finder that gives operators' own packages the FreshLoader and leaves the rest to the next finder."""

    def __init__(self) -> None:
        self.package: str | None = None
        """The running task's top-level package, when it was found without a directory."""
        self.directory: str | None = None
        """The running task's `--operators` directory."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root = fullname.partition(".")[0]
        ours = root in (self.package, OWN_PACKAGE)
        if not ours and self.directory is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return spec
        if ours or _is_below(spec.origin, self.directory):
            spec.loader = FreshLoader(spec.name, spec.origin)
        return spec


class CodeLoader:
    """Imports operators; what belongs to the user is gone from `sys.modules` when its task ends."""

    def __init__(self) -> None:
        sys.dont_write_bytecode = True
        self.finder = FreshFinder()
        sys.meta_path.insert(0, self.finder)
        self._own: dict[tuple[str, str], Any] = {}
        self._version = version_of(sys.modules)
        self._names: tuple[int, set[str]] = (-1, set())
        """What is imported between tasks, and the version of `sys.modules` at which it was read."""
        self._kept: dict[tuple[str | None, str], Kept] = {}
        """By directory and module of the operator."""
        self._current: Kept | None = None
        """What the running task's import made, if it may stay."""

    @contextmanager
    def active(self, directory: str | None, module: str) -> Iterator[None]:
        """Makes the task's code importable for a block: when it is loaded and while it runs, as it may import late."""
        package = module.partition(".")[0]
        if directory is None and package == OWN_PACKAGE:
            yield
            return
        self.finder.directory = directory
        self.finder.package = package if directory is None else None
        if directory is not None:
            sys.path.insert(0, directory)
        before = self._imported()
        kept = self._current = self._kept.pop((directory, module), None)
        if kept is not None:
            sys.modules.update(kept.modules)
        version = self._version()
        ended = False
        try:
            yield
            ended = True
        finally:
            if directory is not None and directory in sys.path:
                sys.path.remove(directory)
            as_before = kept is not None and self._version() == version
            if kept is not None and as_before:
                users = set(kept.modules)
            else:
                users = {name for name in sys.modules.keys() - before if self._is_users(name, sys.modules[name])}
            if ended:
                self._keep((directory, module), users)
            for name in users:
                del sys.modules[name]
            if as_before:
                self._names = (self._version(), before)
            self._current = None
            self.finder.directory = self.finder.package = None

    def _imported(self) -> set[str]:
        if self._version() != self._names[0]:
            self._names = (self._version(), set(sys.modules))
        return self._names[1]

    def _keep(self, key: tuple[str | None, str], users: set[str]) -> None:
        """For the next task, if the import alone made the modules that are there now, and the task changed none."""
        kept = self._current
        if kept is None or users != kept.modules.keys() or not kept.unchanged():
            return
        if all(sys.modules[name] is module for name, module in kept.modules.items()):
            self._kept[key] = kept
            if len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]

    def operator(self, directory: str | None, module: str, function: str) -> Any:
        """The operator object. Raises LoadError."""
        if directory is not None or module.partition(".")[0] != OWN_PACKAGE:
            operator = _load(module, function)
            if self._current is None:
                self._current = self._made_by_import()
            return operator
        found = self._own.get((module, function))
        if found is None:
            found = self._own[module, function] = _load(module, function)
        return found

    def _made_by_import(self) -> Kept | None:
        """The user's modules that are there now, if importing them again would make the same."""
        names = [n for n in sys.modules.keys() - self._names[1] if self._is_users(n, sys.modules[n])]
        modules = {name: sys.modules[name] for name in names}
        if not all(_file_of(module) in FreshLoader.plain for module in modules.values()):
            return None
        kept = Kept(modules)
        return kept if kept.comparable else None

    def user_modules(self) -> list[ModuleType]:
        """Modules that another process can't import by name: those of the active directory."""
        if self.finder.directory is None:
            return []
        return [m for m in list(sys.modules.values()) if _is_below(_file_of(m), self.finder.directory)]

    def _is_users(self, name: str, module: ModuleType) -> bool:
        if self.finder.package is not None and name.partition(".")[0] == self.finder.package:
            return True
        return _is_below(_file_of(module), self.finder.directory)


def _load(module: str, function: str) -> Any:
    try:
        with signatures_later():
            loaded = importlib.import_module(module)
    except BaseException as error:
        raise LoadError(f"{module} can't be imported: {type(error).__name__}: {error}") from error
    operator: Any = loaded
    for name in function.split("."):
        operator = getattr(operator, name, None)
    if not callable(getattr(operator, "execute", None)):
        raise LoadError(f"{module} has no operator named {function}")
    return operator


def _file_of(module: ModuleType) -> str | None:
    path = getattr(module, "__file__", None)
    if path is None:
        found = getattr(module, "__path__", None)  # a folder without __init__.py
        path = next(iter(found), None) if found is not None else None
    return path if isinstance(path, str) else None


def _is_below(path: str | None, directory: str | None) -> bool:
    return path is not None and directory is not None and path.startswith(directory.rstrip(os.sep) + os.sep)
