"""Finds the operators of a package, of a folder, or of the installed distributions, by importing them."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from suanzi.sdk.operator import Operator

ENTRY_POINT_GROUP = "suanzi.operators"


@dataclass
class ImportFault:
    """A file that could not be read as operators; the others still are."""

    file: str
    line: int | None
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "message": self.message}


@dataclass
class Found:
    """Operators by name, and what went wrong on the way."""

    operators: dict[str, Operator[Any, Any]] = field(default_factory=dict)
    faults: list[ImportFault] = field(default_factory=list)

    def add_module(self, module: ModuleType) -> None:
        """Takes the operators that `module` itself declares, and those that its `__operators__()` makes."""
        made = getattr(module, "__operators__", None)
        for value in [*vars(module).values(), *(made() if callable(made) else ())]:
            if not isinstance(value, Operator) or value.function.__module__ != module.__name__:
                continue
            other = self.operators.setdefault(value.algo_name, value)
            if other is not value:
                line = value.function.__code__.co_firstlineno
                message = f"operator '{value.algo_name}' is also declared in {other.function.__module__}"
                self.faults.append(ImportFault(str(getattr(module, "__file__", "")), line, message))

    def add_tree(self, name: str, below: Path) -> None:
        """Imports a module and, if it is a package, everything in it."""
        module = self._import(name, below)
        if module is None:
            return
        self.add_module(module)
        for child in _children(module):
            self.add_tree(f"{name}.{child}", below)

    def _import(self, name: str, below: Path) -> ModuleType | None:
        try:
            module = importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.faults.append(_fault(error, name, below))
            return None
        file = getattr(module, "__file__", None)
        if file is not None and below not in Path(file).resolve().parents:
            self.faults.append(
                ImportFault(str(below / name), None, f"the name '{name}' belongs to {file}; rename the file")
            )
            return None
        return module


def of_package(name: str) -> Found:
    """Operators of an installed package, for example `suanzi.operators`."""
    found = Found()
    found.add_tree(name, package_root(name))
    return found


def package_root(name: str) -> Path:
    """The folder whose sources decide what the package's operators do: that of its top-level package."""
    top = name.split(".")[0]
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package '{top}' is installed for this Python")
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def of_directory(directory: Path) -> Found:
    """Operators of each top-level module and package of a folder."""
    root = directory.resolve()
    found = Found()
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    for name in _top_level(root):
        found.add_tree(name, root)
    return found


def entry_point_packages() -> list[tuple[str, str]]:
    """`(distribution, package)` of every installed distribution that offers operators."""
    points = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    return sorted({(point.dist.name if point.dist else point.name, point.value) for point in points})


def _top_level(root: Path) -> Iterator[str]:
    for path in sorted(root.iterdir()):
        name = path.stem if path.suffix == ".py" else path.name
        if path.name.startswith(("_", ".", "test_")) or name == "conftest" or not name.isidentifier():
            continue
        if (path.suffix == ".py" and path.is_file()) or (path / "__init__.py").is_file():
            yield name


def _children(module: ModuleType) -> list[str]:
    places = getattr(module, "__path__", None)
    if places is None:
        return []
    names = [info.name for info in pkgutil.iter_modules(places)]
    return sorted(name for name in names if not name.startswith(("_", "test_")) and name != "conftest")


def _fault(error: BaseException, name: str, below: Path) -> ImportFault:
    file, line = str(below / Path(*name.split("."))), None
    if isinstance(error, SyntaxError) and error.filename:
        return ImportFault(error.filename, error.lineno, f"SyntaxError: {error.msg}")
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_absolute() and below in Path(frame.filename).resolve().parents:
            file, line = frame.filename, frame.lineno
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError):
        message += " (if it comes with an operator's `requirements`, import it inside the function)"
    return ImportFault(file, line, message)
