"""Runs an example in this process, as an engine would: operator by operator, each output to the inputs it is for."""

from __future__ import annotations

import atexit
import functools
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suanzi.operators.examples.dag import Step, example
from suanzi.sdk.context import Context
from suanzi.sdk.operator import Operator


def inputs_of(op: Operator[Any, Any], operators: Mapping[str, Operator[Any, Any]]) -> dict[str, Any]:
    """What the operator's inputs hold in its example."""
    steps = example(op)
    values: dict[str, list[Any]] = {}
    for step in steps[:-1]:
        values[step.id] = _outputs(step, operators[step.algo_name], values)
    return _connected(steps[-1], op, values)


def _outputs(step: Step, op: Operator[Any, Any], values: dict[str, list[Any]]) -> list[Any]:
    inputs = _connected(step, op, values)
    files = {}
    if step.algo_name == "register_model":
        file = _kept() / "model.pkl"
        file.write_bytes(pickle.dumps(inputs["model"]))
        files["model"] = str(file)
    return [value for _, _, value in op.execute(inputs, step.params, Context(input_files=files))]


@functools.cache
def _kept() -> Path:
    """Where an example's registered model is stored, as long as this process lives."""
    folder = tempfile.TemporaryDirectory(prefix="suanzi-example-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _connected(step: Step, op: Operator[Any, Any], values: dict[str, list[Any]]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for source, output, position in step.edges:
        spec = op.inputs[min(position, len(op.inputs) - 1)]
        value = values[source][output]
        if spec.variadic:
            inputs.setdefault(spec.name, []).append(value)
        else:
            inputs[spec.name] = value
    return inputs
