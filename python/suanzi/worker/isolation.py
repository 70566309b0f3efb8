"""Keeps one task's doings from the next on a warm worker: puts back what can be put back, says when it is spoilt.

What is compared: environment, working directory, umask, import path, signals, timers, warnings, locale, options of
numpy, pandas and scikit-learn, resource limits, threads, and the functions and classes of the libraries (`patches.py`).
Modules of the user's own are dropped and imported anew for each task (`code.py`). Not seen: native threads, in-place
changes deep inside a library's objects.
"""

from __future__ import annotations

import _signal  # signal's own functions look up an enum for each answer
import copy
import decimal
import gc
import locale
import os
import resource
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from suanzi.worker.patches import watch_now
from suanzi.worker.process import end_children

LIMITS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_STACK,
)
SIGNALS = tuple(int(number) for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})


class Baseline:
    """The state of the process before any task, and the way back to it."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Callable[[], Any], Any, Callable[[Any], None]]] = []
        """name, how to read it, what it was, how to put it back"""
        self.patches = watch_now()
        self.limits = [resource.getrlimit(which) for which in LIMITS]
        self.umask = os.umask(0o077)
        os.umask(self.umask)
        self._watch("environment", _environment, _set_environment)
        self._watch("working directory", _directory, os.chdir)
        self._watch("import path", lambda: list(sys.path), _set_list(sys.path))
        self._watch("import hooks", lambda: (list(sys.meta_path), list(sys.path_hooks)), _set_hooks)
        self._watch("signal handlers", _handlers, _set_handlers)
        self._watch(
            "signal mask",
            lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
            lambda mask: signal.pthread_sigmask(signal.SIG_SETMASK, mask),
        )
        self._watch("warning filters", lambda: list(warnings.filters), _set_warnings)
        self._watch("warning display", lambda: warnings.showwarning, _attribute(warnings, "showwarning"))
        self._watch("locale", _locale, _set_locale)
        self._watch("numpy errors", np.geterr, lambda old: np.seterr(**old))
        self._watch("numpy print options", np.get_printoptions, lambda old: np.set_printoptions(**old))
        if (sklearn := sys.modules.get("sklearn")) is not None:
            self._watch("scikit-learn options", sklearn.get_config, lambda old: sklearn.set_config(**old))
        self._watch("pandas options", _pandas_options, _set_pandas_options, copy.deepcopy)
        self._watch("decimal context", lambda: repr(decimal.getcontext()), _set_decimal(decimal.getcontext().copy()))
        self._watch("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit)
        self._watch("switch interval", sys.getswitchinterval, sys.setswitchinterval)
        self._watch("trace function", sys.gettrace, sys.settrace)
        self._watch("profile function", sys.getprofile, sys.setprofile)
        self._watch("exception hook", lambda: sys.excepthook, _attribute(sys, "excepthook"))
        self._watch("garbage collection", lambda: (gc.isenabled(), gc.get_threshold()), _set_gc)
        self._watch("socket timeout", socket.getdefaulttimeout, socket.setdefaulttimeout)

    def _watch(
        self, name: str, read: Callable[[], Any], restore: Callable[[Any], Any], keep: Callable[[Any], Any] = copy.copy
    ) -> None:
        self.parts.append((name, read, keep(read()), restore))

    def restore(self) -> str | None:
        """After code that may do anything. Returns why the process must not be used again, or None."""
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.umask(self.umask)
        for name, read, before, restore in self.parts:
            try:
                if read() != before:
                    restore(copy.copy(before))
                    if read() != before:
                        return f"the {name} can't be put back"
            except Exception as error:
                return f"the {name} can't be put back: {error}"
        if any(resource.getrlimit(which) != limit for which, limit in zip(LIMITS, self.limits, strict=True)):
            return "a resource limit was changed"
        return self.patches.changed()


def end_leftovers() -> str | None:
    """After any code: ends child processes. Returns a reason when threads are left, which can't be ended."""
    end_children()
    if threading.active_count() > 1:
        names = ", ".join(t.name for t in threading.enumerate() if t is not threading.main_thread())
        return f"threads were left running: {names:.200}"
    return None


def _directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "(removed)"


def _environment() -> dict[bytes, bytes]:
    """As it is kept: `os.environ` decodes each name and value anew."""
    return dict(cast(Any, os.environ)._data)


def _set_environment(before: dict[bytes, bytes]) -> None:
    os.environb.clear()
    os.environb.update(before)


def _set_list(target: list[Any]) -> Callable[[list[Any]], None]:
    def restore(before: list[Any]) -> None:
        sys.path = target
        target[:] = before

    return restore


def _set_hooks(before: tuple[list[Any], list[Any]]) -> None:
    sys.meta_path[:] = before[0]
    sys.path_hooks[:] = before[1]


def _handlers() -> list[Any]:
    return [_signal.getsignal(number) for number in SIGNALS]


def _set_handlers(before: list[Any]) -> None:
    for number, handler in zip(SIGNALS, before, strict=True):
        if handler is not None and _signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _set_warnings(before: list[Any]) -> None:
    warnings.resetwarnings()
    cast(list[Any], warnings.filters)[:] = before
    # Modules remember which warnings they gave, by the version of the filters; resetwarnings() has raised it.


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


def _set_locale(before: str) -> None:
    locale.setlocale(locale.LC_ALL, before)


def _attribute(owner: Any, name: str) -> Callable[[Any], None]:
    return lambda before: setattr(owner, name, before)


def _set_decimal(before: decimal.Context) -> Callable[[str], None]:
    return lambda _text: decimal.setcontext(before.copy())


def _set_gc(before: tuple[bool, tuple[int, int, int]]) -> None:
    (gc.enable if before[0] else gc.disable)()
    gc.set_threshold(*before[1])


def _pandas_options() -> dict[str, Any]:
    from pandas._config import config

    return cast(dict[str, Any], config._global_config)


def _set_pandas_options(before: dict[str, Any]) -> None:
    import pandas as pd

    for name, value in _flat(before):
        if pd.get_option(name) != value:
            pd.set_option(name, value)


def _flat(options: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in options.items():
        name = f"{prefix}{key}"
        found.extend(_flat(value, f"{name}.") if isinstance(value, dict) else [(name, value)])
    return found
