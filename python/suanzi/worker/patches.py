"""Notices when code replaced functions or classes of Python and the libraries (monkey patches)."""

from __future__ import annotations

import builtins
import inspect
import sys
from types import ModuleType
from typing import Any

from suanzi.worker import dict_versions

WATCHED = (
    "builtins",
    "collections",
    "copy",
    "datetime",
    "functools",
    "io",
    "itertools",
    "json",
    "math",
    "os",
    "os.path",
    "pathlib",
    "pickle",
    "random",
    "re",
    "time",
    "numpy",
    "numpy.linalg",
    "numpy.random",
    "pandas",
    "pandas.api.types",
    "pyarrow",
    "pyarrow.csv",
    "pyarrow.ipc",
    "pyarrow.parquet",
    "sklearn",
    "sklearn.base",
    "sklearn.cluster",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "suanzi.sdk.context",
    "suanzi.sdk.operator",
)
HARMLESS = frozenset(
    {"__warningregistry__", "__slotnames__", "__annotations__", "__annotations_cache__", "__doc__", "__path__"}
)
"""Set by Python itself as code runs; `__slotnames__` when an object of the class is pickled."""
HARMLESS_STARTS = ("_abc_", "_sklearn_", "__abstract")


class PatchWatch:
    """The attributes of watched modules, and of the classes they export, compared by identity where they were set."""

    def __init__(self) -> None:
        self.modules = _watched()
        owners: dict[int, tuple[str, Any]] = {}
        for name, module in self.modules.items():
            owners[id(module)] = (name, module)
            for attribute, value in vars(module).items():
                if inspect.isclass(value) and not attribute.startswith("_"):
                    owners[id(value)] = (f"{name}.{attribute}", value)
        self.snapshots = [(name, owner, dict(vars(owner))) for name, owner in owners.values()]
        self.versions = dict_versions.watch([owner for _, owner, _ in self.snapshots])
        self.builtins = dict(vars(builtins))
        self._patched_builtin: str | None = None

    def renewed(self) -> PatchWatch:
        """As if it was made now. Where versions are known, what nobody wrote to since is kept: copying it would touch
        the counters of all that it holds, and so take memory that forked processes share."""
        if self.versions is None or self.modules != _watched():
            return PatchWatch()
        for index in self.versions.changed():
            name, owner, _ = self.snapshots[index]
            self.snapshots[index] = (name, owner, dict(vars(owner)))
        self.versions.accept()
        self.builtins = dict(vars(builtins))
        return self

    def restore_builtins(self) -> None:
        """Right after an operator's code: the worker's own needs them to say how it ended."""
        if vars(builtins) != self.builtins:
            vars(builtins).update(self.builtins)
            added = vars(builtins).keys() - self.builtins.keys() - {"_"}
            self._patched_builtin = next(iter(sorted(added)), "a function")
            for name in added:
                del vars(builtins)[name]

    def changed(self) -> str | None:
        """What was replaced, added or removed, or None."""
        if self._patched_builtin is not None:
            return f"builtins: {self._patched_builtin} was changed"
        for name, module in self.modules.items():
            if sys.modules.get(name) is not module:
                return f"the module {name} was replaced"
        written = range(len(self.snapshots)) if self.versions is None else self.versions.changed()
        for index in written:
            name, owner, before = self.snapshots[index]
            if not _same(vars(owner), before):
                what = _difference(vars(owner), before)
                if what is not None:
                    return f"{name}.{what} was changed"
                self.snapshots[index] = (name, owner, dict(vars(owner)))
        if written and self.versions is not None:
            self.versions.accept()
        return None


_early: PatchWatch | None = None


def watch_early() -> None:
    """For a process that will fork: what its children compare with is read once, here."""
    global _early
    _early = PatchWatch()


def watch_now() -> PatchWatch:
    """From this moment on."""
    return PatchWatch() if _early is None else _early.renewed()


def _watched() -> dict[str, ModuleType]:
    return {name: sys.modules[name] for name in WATCHED if name in sys.modules}


def _same(now: Any, before: dict[str, Any]) -> bool:
    try:
        return bool(now == before)
    except Exception:
        return False  # a replaced value that can't be compared


def _difference(now: Any, before: dict[str, Any]) -> str | None:
    missing = object()
    for key in now.keys() | before.keys():
        value = now.get(key, missing)
        if value is before.get(key, missing) or key in HARMLESS or key.startswith(HARMLESS_STARTS):
            continue
        if key not in before and isinstance(value, ModuleType):
            continue  # a submodule was imported
        return str(key)
    return None
