"""The operators `sk_…`, one for each estimator of scikit-learn that has none made by hand.

They are made when they are asked for, as `kinds.sk_extra_trees_classifier`; `__operators__` makes them all, for the
manifest.
"""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from suanzi.operators.generated.constraints import Parameter, parameters
from suanzi.operators.generated.docstrings import parameter_help, summary
from suanzi.operators.generated.names import CLASS_OF, CLASSES
from suanzi.operators.generated.running import make, run
from suanzi.operators.generated.shapes import NOT_WRITTEN, EstimatorInput, Shape, estimator_inputs, load, shape_of
from suanzi.operators.train.parameters import Features, Label, PositiveLabel
from suanzi.sdk import Column, Columns, Estimator, Param, Table
from suanzi.sdk.operator import Operator

SeveralLabels = Annotated[
    Columns,
    Param(label_en="Labels", label_zh="标签列", help_en="The columns to predict.", help_zh="要预测的多个列。"),
]
OneColumn = Annotated[
    Column,
    Param(label_en="Column", label_zh="列", help_en="The column to work on.", help_zh="要处理的列。"),
]
Separator = Annotated[
    str,
    Param(
        label_en="Separator",
        label_zh="分隔符",
        help_en="Between the labels of a cell.",
        help_zh="单元格内多个标签之间的分隔符。",
    ),
]

_made: dict[str, Operator[Any, Any]] = {}


def __getattr__(name: str) -> Operator[Any, Any]:
    if name not in CLASS_OF:
        raise AttributeError(f"module '{__name__}' has no operator '{name}'")
    if name not in _made:
        _made[name] = _operator(name)
    return _made[name]


def __operators__() -> list[Operator[Any, Any]]:
    """All of them that the installed scikit-learn has."""
    found = []
    for name in sorted(CLASS_OF):
        try:
            found.append(__getattr__(name))
        except AttributeError:
            continue  # a class of another version of scikit-learn
    return found


def _operator(name: str) -> Operator[Any, Any]:
    class_name = CLASS_OF[name]
    module, name_zh = CLASSES[class_name]
    cls = load(class_name)
    shape = shape_of(cls)
    inputs = estimator_inputs(cls)
    hidden = {one.name for one in inputs} | set(NOT_WRITTEN)
    declared = parameters(cls, hidden, parameter_help(cls))
    return Operator(
        _function(name, cls, shape, inputs, declared),
        name_en=_spaced(class_name),
        name_zh=name_zh,
        category=shape.category,
        doc_en=f"{_full_stop(summary(cls))} {shape.does_en} (scikit-learn's sklearn.{module}.{class_name}.)",
        doc_zh=f"{name_zh}。{shape.does_zh}（scikit-learn 的 sklearn.{module}.{class_name}。）",
        role="select_columns" if shape.name == "selector" else None,
        random=any(parameter.name == "random_state" for parameter in declared),
    )


def _function(name: str, cls: type, shape: Shape, inputs: list[EstimatorInput], declared: list[Parameter]) -> Any:
    def function(data: Any, *estimators: Any, **values: Any) -> Any:
        given = {one.name: value for one, value in zip(inputs, estimators, strict=False)}
        return run(shape.name, make(cls, declared, values, given), data, values, name)

    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = summary(cls)
    slots = _slots(cls, shape, inputs, declared)
    function.__signature__ = inspect.Signature(slots)  # type: ignore[attr-defined]
    function.__annotations__ = {slot.name: slot.annotation for slot in slots} | {"return": shape.outputs}
    return function


def _slots(cls: type, shape: Shape, inputs: list[EstimatorInput], declared: list[Parameter]) -> list[inspect.Parameter]:
    port, parameter, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY, inspect._empty
    slots = [inspect.Parameter("data", port, annotation=Table)]
    for one in inputs:
        hint: Any = list[Estimator] if one.several else Estimator
        # What follows an input that need not be connected can't be required by its declaration: `make` refuses it.
        needed = one.required and all(earlier.default is empty for earlier in slots)
        slots.append(
            inspect.Parameter(
                one.name, port, annotation=hint if needed else hint | None, default=empty if needed else None
            )
        )
    columns: list[tuple[str, Any, Any]] = []
    if shape.name in ("text", "label"):
        columns.append(("column", OneColumn, empty))
        if cls.__name__ == "MultiLabelBinarizer":
            columns.append(("separator", Separator, ","))
    else:
        columns.append(("x_cols", Features, None))
    if shape.labels == "one":
        columns.append(("y_col", Label, empty))
    if shape.labels == "several":
        columns.append(("y_cols", SeveralLabels, empty))
    if shape.name == "classifier":
        columns.append(("pre_value", PositiveLabel, None))
    slots += [inspect.Parameter(n, parameter, annotation=hint, default=default) for n, hint, default in columns]
    slots += [
        inspect.Parameter(p.name, parameter, annotation=p.hint, default=empty if p.required else p.default)
        for p in declared
    ]
    return slots


def _spaced(class_name: str) -> str:
    from suanzi.operators.generated.names import WORDS

    return WORDS.sub(" ", class_name)


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else text + "."
