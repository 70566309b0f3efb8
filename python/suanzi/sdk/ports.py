"""The types that travel between operators, as type hints of a function's inputs and return value.

To a type checker `Table` is a pandas DataFrame and `Metrics` a dict; at run time they are empty classes that only name
a port type, so that declaring an operator imports no heavy library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

PORT_TYPES = (
    "data",
    "model",
    "transform",
    "estimator",
    "metrics",
    "report",
    "file",
    "model_ref",
    "endpoint",
    "any",
)


@dataclass(frozen=True)
class Port:
    """Says more about a port: `Annotated[Table, Port(help_en="…", help_zh="…")]`.

    `name` is for single outputs (a function's result has no name of its own). `model_stands_for_table` lets a model
    arrive at a data input; it then stands for the table it was trained on. `trained_on` names, for a model output, the
    input it is trained on; a kind with one data input needs no mention of it.
    """

    name: str | None = None
    help_en: str = ""
    help_zh: str = ""
    model_stands_for_table: bool = False
    trained_on: str | None = None


if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    Table = pd.DataFrame
    ArrowTable = pa.Table

    Model = Any
    Transform = Any
    Estimator = Any
    AnyValue = Any
    Metrics = dict[str, Any]
    Report = dict[str, Any]
    ModelRef = dict[str, Any]
    Endpoint = dict[str, Any]
    File = Path
else:

    class _PortType:
        port_type = "any"

        def __init__(self) -> None:
            raise TypeError(f"{type(self).__name__} only names a port type; make a value of the real type instead")

    class Table(_PortType):
        """A table; the function gets and returns a pandas DataFrame."""

        port_type = "data"

    class ArrowTable(_PortType):
        """A table; the function gets and returns a pyarrow Table."""

        port_type = "data"
        library = "pyarrow"

    class Model(_PortType):
        """A trained model: anything with `predict`."""

        port_type = "model"

    class Transform(_PortType):
        """A fitted preprocessor: anything with `transform(frame) -> frame`."""

        port_type = "transform"

    class Estimator(_PortType):
        """An estimator that is not fitted yet."""

        port_type = "estimator"

    class Metrics(_PortType):
        """Figures, as a dict that JSON can hold."""

        port_type = "metrics"

    class Report(_PortType):
        """Something to read, as a dict that JSON can hold."""

        port_type = "report"

    class File(_PortType):
        """A file, as a path."""

        port_type = "file"

    class ModelRef(_PortType):
        """A registered model version, as a dict."""

        port_type = "model_ref"

    class Endpoint(_PortType):
        """A deployed service, as a dict."""

        port_type = "endpoint"

    class AnyValue(_PortType):
        """Whatever arrives: tables as DataFrames, other values as they are."""

        port_type = "any"


FRAME_LIBRARIES = {
    ("pandas", "DataFrame"): "pandas",
    ("pyarrow", "Table"): "pyarrow",
    ("polars", "DataFrame"): "polars",
}


def port_of(hint: object) -> tuple[str, str] | None:
    """`(port type, table library)` of a type hint, or `None` if it names no port.

    The library is `""` for ports that hold no table. `object` takes any value as it comes, tables unconverted.
    Real frame classes are known by name, without importing them.
    """
    declared = getattr(hint, "port_type", None)
    if isinstance(hint, type) and isinstance(declared, str):
        return declared, getattr(hint, "library", "pandas") if declared in ("data", "any") else ""
    if hint is Any:
        return "any", "pandas"
    if hint is object:
        return "any", "pyarrow"
    if isinstance(hint, type):
        library = FRAME_LIBRARIES.get((hint.__module__.split(".")[0], hint.__name__))
        if library is not None:
            return "data", library
    return None
