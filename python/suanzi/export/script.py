"""The script while it is put together: imports, helper functions, and a paragraph per operator."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

IMPORT_ORDER = ("import ", "from ")


@dataclass
class Input:
    """Where an input comes from: the variable, and what is known of it."""

    variable: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Step:
    """One operator as a template sees it."""

    id: str
    algo_name: str
    params: dict[str, Any]
    inputs: dict[str, list[Input]]
    files: dict[str, str]
    outputs: list[str]
    """Names of its output ports."""
    variable: str
    """A Python name made of its id."""
    origin: Mapping[str, Any]
    seed: int

    def table(self, name: str = "data") -> str:
        """The variable of an input's table (or other value)."""
        return self.inputs[name][0].variable

    def output(self, name: str) -> str:
        """The variable of an output; a single output bears the operator's own name."""
        return self.variable if len(self.outputs) == 1 else f"{self.variable}_{name}"

    def random_state(self) -> int:
        """The parameter, else the run's seed."""
        given = self.params.get("random_state")
        return self.seed if given is None else int(given)


@dataclass
class Script:
    """What has been written so far."""

    imports: set[str] = field(default_factory=set)
    helpers: dict[str, str] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Variable → what later steps must know of it, such as a model's columns."""

    def need(self, *imports: str) -> None:
        """Adds import statements."""
        self.imports.update(imports)

    def helper(self, source: str, *imports: str) -> None:
        """Adds a function once."""
        name = re.match(r"(?:def|class) (\w+)", source)
        self.helpers.setdefault(name.group(1) if name else source, source.strip() + "\n")
        self.need(*imports)

    def line(self, *texts: str) -> None:
        """Adds lines to the current paragraph."""
        self.body.extend(texts)

    def estimator(self, module: str, class_name: str, options: Mapping[str, Any]) -> str:
        """A constructor call with the arguments that differ from scikit-learn's defaults."""
        import importlib

        self.need(f"from {module} import {class_name}")
        signature = inspect.signature(getattr(importlib.import_module(module), class_name))
        said = []
        for name, value in options.items():
            declared = signature.parameters[name].default
            same = type(declared) is type(value) and declared == value
            if not (same or (declared is None and value is None)):
                said.append(f"{name}={literal(value)}")
        return f"{class_name}({', '.join(said)})"


def literal(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(literal(one) for one in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(one)}" for key, one in value.items()) + "}"
    return repr(value)


def variable_of(text: str, taken: set[str]) -> str:
    """An id as a Python name that nothing else has."""
    name = re.sub(r"\W+", "_", text).strip("_") or "step"
    if name[0].isdigit() or keyword.iskeyword(name) or name in RESERVED:
        name = f"step_{name}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


RESERVED = {"np", "pd", "pa", "csv", "parquet", "metrics", "SEED", "FILES", "sys", "json", "data_files", "report"}
