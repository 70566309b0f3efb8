"""Finds an operator's code through importlib, always from the sources as they are on disk now.

The engine never sends one worker two versions of a package; it starts a fresh worker instead.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any


class LoadError(Exception):
    """The operator's module can't be imported or has no such operator. The cause is chained."""


class FreshLoader(SourceFileLoader):
    """Compiles the source itself: a .pyc is trusted by time and size, and an edit can keep both."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class FreshFinder:
    """A meta path finder that gives operators' own packages the FreshLoader and leaves the rest to the next finder."""

    def __init__(self) -> None:
        self.packages: set[str] = set()
        """Top-level packages named by tasks without a directory."""
        self.directory: str | None = None
        """The active `--operators` directory."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        ours = fullname.partition(".")[0] in self.packages
        if not ours and self.directory is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return spec
        if ours or _is_below(spec.origin, self.directory):
            spec.loader = FreshLoader(spec.name, spec.origin)
        return spec


class CodeLoader:
    """Modules of each `--operators` directory are kept apart, so that two directories may both have a `steps.py`."""

    def __init__(self) -> None:
        sys.dont_write_bytecode = True
        self.finder = FreshFinder()
        sys.meta_path.insert(0, self.finder)
        self._modules: dict[str, dict[str, ModuleType]] = {}
        self._operators: dict[tuple[str | None, str, str], Any] = {}

    @contextmanager
    def active(self, directory: str | None) -> Iterator[None]:
        """Makes `directory` importable for a block: when code is loaded and while it runs, as it may import late."""
        if directory is None:
            yield
            return
        kept = self._modules.setdefault(directory, {})
        hidden = {name: sys.modules[name] for name in kept if name in sys.modules}
        sys.modules.update(kept)
        before = set(sys.modules)
        self.finder.directory = directory
        sys.path.insert(0, directory)
        sys.path_importer_cache.pop(directory, None)
        try:
            yield
        finally:
            if directory in sys.path:
                sys.path.remove(directory)
            self.finder.directory = None
            for name in sys.modules.keys() - before:
                if _is_below(getattr(sys.modules[name], "__file__", None), directory):
                    kept[name] = sys.modules[name]
            for name in kept:
                sys.modules.pop(name, None)
            sys.modules.update(hidden)

    def operator(self, directory: str | None, module: str, function: str) -> Any:
        """The operator object. Raises LoadError."""
        key = (directory, module, function)
        found = self._operators.get(key)
        if found is None:
            found = self._operators[key] = self._load(directory, module, function)
        return found

    def _load(self, directory: str | None, module: str, function: str) -> Any:
        if directory is None:
            self.finder.packages.add(module.partition(".")[0])
        importlib.invalidate_caches()
        try:
            loaded = importlib.import_module(module)
        except BaseException as error:
            raise LoadError(f"{module} can't be imported: {type(error).__name__}: {error}") from error
        operator = getattr(loaded, function, None)
        if not callable(getattr(operator, "execute", None)):
            raise LoadError(f"{module} has no operator named {function}")
        return operator

    def user_modules(self, directory: str | None) -> list[ModuleType]:
        """Modules that another process can't import by name: those of the active directory."""
        if directory is None:
            return []
        return [m for m in list(sys.modules.values()) if _is_below(getattr(m, "__file__", None), directory)]


def _is_below(path: str | None, directory: str | None) -> bool:
    return path is not None and directory is not None and path.startswith(directory.rstrip(os.sep) + os.sep)
