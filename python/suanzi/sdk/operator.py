"""`@operator`: a function becomes an operator and stays a function."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from suanzi.sdk import params as parameters
from suanzi.sdk.context import Context, current, running
from suanzi.sdk.declaration import Declaration, InputSpec, OutputSpec, read_signature
from suanzi.sdk.errors import OperatorDeclarationError, OperatorError
from suanzi.sdk.partition import Cutting, Partition, cutting
from suanzi.sdk.requirements import checked
from suanzi.sdk.values import deliver, returned_values

if TYPE_CHECKING:
    from suanzi.sdk.tables import Layout

P = ParamSpec("P")
R = TypeVar("R")

CATEGORIES = ("source", "preprocess", "feature", "train", "predict", "evaluate", "deploy", "other")
ROLES = (
    "aggregate",
    "append_rows",
    "deduplicate",
    "join",
    "pass",
    "resample",
    "row_id",
    "row_order",
    "sample",
    "select_columns",
)
"""What the linter must know of a kind and can't tell from its ports; see docs/reference/roles.md."""
ALGO_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")

_later: ContextVar[bool] = ContextVar("suanzi_signatures_later", default=False)


@contextmanager
def signatures_later() -> Iterator[None]:
    """Operators declared in this block have their signatures read at first use, not at once.

    For a worker, which loads a file for one of its operators; mistakes in the others were told when it was found.
    """
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


class Operator(Generic[P, R]):
    """A declared operator. Calling it calls the function; `execute` is for the worker."""

    def __init__(
        self,
        function: Callable[P, R],
        *,
        algo_name: str | None = None,
        name_en: str = "",
        name_zh: str = "",
        category: str = "other",
        doc_en: str | None = None,
        doc_zh: str = "",
        deterministic: bool = True,
        random: bool = False,
        side_effects: bool = False,
        unknown_params: str = "refuse",
        executors: tuple[str, ...] = ("local",),
        requires: Mapping[str, str] | None = None,
        role: str | None = None,
        partition: str | Partition | None = None,
        requirements: Sequence[str] = (),
    ) -> None:
        name = getattr(function, "__name__", repr(function))
        self.function = function
        self.algo_name = algo_name or name
        if not ALGO_NAME.fullmatch(self.algo_name):
            raise OperatorDeclarationError(
                name, None, f"'{self.algo_name}' is no operator name", "Use letters, digits, `_`, `-` and `.`"
            )
        if category not in CATEGORIES:
            raise OperatorDeclarationError(name, None, f"'{category}' is no category", f"Use {', '.join(CATEGORIES)}")
        if unknown_params not in ("refuse", "ignore"):
            raise OperatorDeclarationError(
                name, None, f"unknown_params is '{unknown_params}'", "Use 'refuse' or 'ignore'"
            )
        if role is not None and role not in ROLES:
            raise OperatorDeclarationError(name, None, f"'{role}' is no role", f"Use {', '.join(ROLES)}, or none")
        self.name_en = name_en
        self.name_zh = name_zh
        self.category = category
        self.doc_en = doc_en if doc_en is not None else inspect.getdoc(function) or ""
        self.doc_zh = doc_zh
        self.deterministic = deterministic
        self.random = random
        self.side_effects = side_effects
        self.unknown_params = unknown_params
        self.executors = executors
        self.requires = dict(requires or {})
        self.role = role
        self.requirements = checked(name, requirements)
        self._partition = partition
        functools.update_wrapper(self, function)
        if not _later.get():
            _ = self.partition

    @functools.cached_property
    def declared(self) -> Declaration:
        """What the signature says. Raises OperatorDeclarationError where it is none of an operator."""
        return read_signature(self.function)

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """In the order of the function's positional parameters."""
        return self.declared.inputs

    @property
    def outputs(self) -> tuple[OutputSpec, ...]:
        """In the order in which they are returned."""
        return self.declared.outputs

    @property
    def params(self) -> tuple[parameters.ParamSpec, ...]:
        """The function's keyword-only parameters."""
        return self.declared.params

    @functools.cached_property
    def partition(self) -> Cutting | None:
        """How the operator works piece by piece, if it may. Raises OperatorDeclarationError."""
        name = getattr(self.function, "__name__", repr(self.function))
        return cutting(name, self._partition, self.declared, random=self.random, side_effects=self.side_effects)

    @functools.cached_property
    def _defaults(self) -> dict[str, Any]:
        return {
            parameter.name: parameter.default
            for parameter in inspect.signature(self.function).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is not parameter.empty
        }

    @functools.cached_property
    def _seeded(self) -> bool:
        return self.random and any(spec.name == "random_state" for spec in self.params)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._seeded and kwargs.get("random_state") is None:
            kwargs["random_state"] = current().random_state
        result = self.function(*args, **kwargs)
        if self.partition is None or self.partition.combine is None:
            return result
        given = {name: value for name, value in kwargs.items() if name in self.partition.combine_params}
        combined: R = self.partition.combined([result], {**self._defaults, **given})
        return combined

    def __repr__(self) -> str:
        return f"<operator {self.algo_name}>"

    def __reduce__(self) -> str:
        return self.function.__qualname__

    def spec(self) -> dict[str, Any]:
        """The manifest entry."""
        return {
            "algo_name": self.algo_name,
            "name_en": self.name_en or self.algo_name,
            "name_zh": self.name_zh or self.name_en or self.algo_name,
            "category": self.category,
            "doc_en": self.doc_en,
            "doc_zh": self.doc_zh,
            "module": self.function.__module__,
            "function": self.function.__qualname__,
            "inputs": [spec.to_json() for spec in self.inputs],
            "outputs": [spec.to_json() for spec in self.outputs],
            "params": [spec.to_json() for spec in self.params],
            "deterministic": self.deterministic,
            "random": self.random,
            "side_effects": self.side_effects,
            "unknown_params": self.unknown_params,
            "executors": list(self.executors),
            **({"requires": self._requirements()} if self.requires else {}),
            **({"requirements": list(self.requirements)} if self.requirements else {}),
            **({"role": self.role} if self.role else {}),
            **({"partition": self.partition.to_json()} if self.partition else {}),
        }

    def _requirements(self) -> list[dict[str, str]]:
        return [
            {"module": module, "install": f"pip install {package}"} for module, package in sorted(self.requires.items())
        ]

    def validate(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters with defaults filled in; a `ParameterError` names every fault."""
        return parameters.validate(self.params, params, self.unknown_params)[0]

    def execute(
        self, inputs: Mapping[str, Any], params: Mapping[str, Any], context: Context
    ) -> list[tuple[str, str, Any]]:
        """Runs it as a task: `(output name, port type, value)` per output.

        Tables come and go as `pyarrow.Table`; a variadic input is a list. The function can't change an input's buffers.
        """
        values = self.prepare(inputs, params, context)
        keep: list[Any] = []
        args = self._arguments(inputs, keep, None)
        with running(context):
            result = self(*args, **values)
            return returned_values(self.algo_name, self.outputs, result, several=self.declared.several)

    def prepare(self, inputs: Mapping[str, Any], params: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Refuses what the function must not be given; parameters with defaults filled in."""
        values, notes = parameters.validate(self.params, params, self.unknown_params)
        for note in notes:
            context.note(note)
        self._check_inputs(inputs)
        return values

    def execute_piece(
        self, inputs: Mapping[str, Any], params: Mapping[str, Any], context: Context, layout: Layout
    ) -> Any:
        """Runs the function where the table to cut is a piece of one of that layout.

        Without `combine` the piece's outputs, as `execute` gives them; else what the function returned, as it is.
        """
        assert self.partition is not None
        values = self.validate(params)
        keep: list[Any] = []
        args = self._arguments(inputs, keep, layout)
        with running(context):
            result = self.function(*args, **values)
            if self.partition.combine is not None:
                return result
            return returned_values(self.algo_name, self.outputs, result, several=self.declared.several)

    def combine_pieces(
        self, results: list[Any], params: Mapping[str, Any], context: Context
    ) -> list[tuple[str, str, Any]]:
        """The operator's outputs from what `execute_piece` gave for each piece; for operators with `combine`."""
        assert self.partition is not None
        values = self.validate(params)
        with running(context):
            result = self.partition.combined(results, values)
            return returned_values(self.algo_name, self.outputs, result, several=self.declared.several)

    def _arguments(self, inputs: Mapping[str, Any], keep: list[Any], layout: Layout | None) -> list[Any]:
        cut = None if self.partition is None else self.partition.input
        args: list[Any] = []
        for spec in self.inputs:
            args.extend(self._argument(spec, inputs.get(spec.name), keep, layout if spec.name == cut else None))
        return args

    def _check_inputs(self, inputs: Mapping[str, Any]) -> None:
        names = {spec.name for spec in self.inputs}
        for name in inputs:
            if name not in names:
                raise OperatorError(f"'{name}' is no input of {self.algo_name}")
        for spec in self.inputs:
            if spec.required and inputs.get(spec.name) in (None, []):
                raise OperatorError(f"input '{spec.name}' of {self.algo_name} is not connected", "draw an edge to it")

    def _argument(self, spec: InputSpec, value: Any, keep: list[Any], layout: Layout | None) -> list[Any]:
        if not spec.variadic:
            return [deliver(value, spec.library, keep, layout)]
        many = [] if value is None else value if isinstance(value, list) else [value]
        delivered = [deliver(one, spec.library, keep) for one in many]
        return delivered if spec.star else [delivered]


@overload
def operator(function: Callable[P, R], /) -> Operator[P, R]: ...


@overload
def operator(
    *,
    algo_name: str | None = None,
    name_en: str = "",
    name_zh: str = "",
    category: str = "other",
    doc_en: str | None = None,
    doc_zh: str = "",
    deterministic: bool = True,
    random: bool = False,
    side_effects: bool = False,
    unknown_params: str = "refuse",
    executors: tuple[str, ...] = ("local",),
    requires: Mapping[str, str] | None = None,
    role: str | None = None,
    partition: str | Partition | None = None,
    requirements: Sequence[str] = (),
) -> Callable[[Callable[P, R]], Operator[P, R]]: ...


def operator(function: Callable[..., Any] | None = None, /, **about: Any) -> Any:
    """Declares an operator. Inputs are the function's positional parameters, parameters its keyword-only ones.

    `algo_name` is the name in a DAG (default: the function's). `deterministic=False`: never cached unless asked.
    `random`: a null `random_state` becomes the run's seed. `side_effects`: it writes outside the store.
    `unknown_params`: "refuse", or "ignore" with a note in the log. `requires`: modules it can't do without that not
    every installation has, each with the package to install. `role`: one of `ROLES`, what the linter must know of it
    and can't tell from its ports. `partition`: "map" or a `Partition`, where the function may be given its first table
    in pieces. `requirements`: packages with versions (PEP 508) that it is run with, in an environment of its own;
    import them inside the function, since the file is also read where they aren't installed.
    """
    if function is not None:
        return Operator(function)
    return lambda decorated: Operator(decorated, **about)
