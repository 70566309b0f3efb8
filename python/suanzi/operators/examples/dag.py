"""The example of an operator as a DAG: a table of people, what the operator's inputs need, and the operator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from suanzi.operators.examples.params import FIT, NEED_FILES, PARAMS, REQUIRED_ROWS, SKLEARN, X
from suanzi.operators.generated.names import CLASS_OF
from suanzi.sdk.operator import Operator

ROWS = 120
DATA, EXAMPLE = "data", "example"


@dataclass
class Step:
    """One operator of the example; `edges` are (source, output position, input position)."""

    id: str
    algo_name: str
    params: dict[str, Any]
    edges: list[tuple[str, int, int]] = field(default_factory=list)


def example(op: Operator[Any, Any]) -> list[Step]:
    """The steps in the order they run; the operator itself is the last, `example`."""
    params = params_of(op)
    class_name = CLASS_OF.get(op.algo_name, "")
    rows = REQUIRED_ROWS.get(class_name or op.algo_name, ROWS)
    steps: list[Step] = []
    last = Step(EXAMPLE, op.algo_name, params)
    for position, spec in enumerate(op.inputs):
        kind = spec.port_type
        if kind in ("data", "any"):
            _add(steps, Step(DATA, "sample_dataset", {"name": "people", "rows": rows}))
            last.edges.append((DATA, 0, position))
        elif kind == "estimator":
            if not (spec.required or spec.variadic):
                continue
            _add(steps, _estimator("estimator", op, class_name))
            last.edges.append(("estimator", 0, position))
            if spec.variadic:
                _add(steps, _estimator("another", op, class_name))
                last.edges.append(("another", 0, position + 1))
        elif spec.required or kind == "transform":
            _add(steps, Step(DATA, "sample_dataset", {"name": "people", "rows": rows}))
            # A model behind a step is trained on what the step makes.
            behind = any(other.port_type == "transform" for other in op.inputs) and kind == "model"
            if behind:
                _made(steps, "transform")
            source, output = _made(steps, kind, "standardize" if behind else None)
            last.edges.append((source, output, position))
    return [*steps, last]


def params_of(op: Operator[Any, Any]) -> dict[str, Any]:
    """The example's parameters."""
    if op.algo_name not in CLASS_OF:
        return dict(NEED_FILES.get(op.algo_name) or PARAMS[op.algo_name])
    class_name = CLASS_OF[op.algo_name]
    names = {spec.name for spec in op.params}
    found: dict[str, Any] = {}
    if "column" in names:
        found["column"] = "city"
    if "x_cols" in names:
        found["x_cols"] = X
    if "y_col" in names:
        regression = any(spec.port_type == "model" for spec in op.outputs) and "pre_value" not in names
        found["y_col"] = "amount" if regression else "bad"
    if "y_cols" in names:
        classes = class_name in ("ClassifierChain", "MultiOutputClassifier")
        found["y_cols"] = ["bad", "guess"] if classes else ["amount", "share"]
    return {**found, **SKLEARN.get(class_name, {})}


def _estimator(name: str, op: Operator[Any, Any], class_name: str) -> Step:
    regression = class_name.endswith("Regressor") or class_name == "RegressorChain"
    if name == "another":
        return Step(name, "estimator", {"algorithm": "ridge" if regression else "naive_bayes"})
    return Step(name, "estimator", {"algorithm": "decision_tree", "task": "regression" if regression else "auto"})


def _made(steps: list[Step], kind: str, source: str | None = None) -> tuple[str, int]:
    """A step that gives what an input of this type takes."""
    if kind == "transform":
        _add(steps, Step("standardize", "standardize", {"columns": X}, [(DATA, 0, 0)]))
        return "standardize", 1
    _add(steps, Step("train", "logistic_regression", FIT, [(source or DATA, 0, 0)]))
    if kind == "model":
        return "train", 0
    if kind == "model_ref":
        _add(steps, Step("register", "register_model", {"name": "example"}, [("train", 0, 0)]))
        return "register", 0
    raise LookupError(f"no example gives a {kind}")


def _add(steps: list[Step], step: Step) -> None:
    if all(known.id != step.id for known in steps):
        steps.append(step)


def as_yaml(name: str, steps: list[Step]) -> str:
    """The example as a file that `suanzi run` takes."""
    lines = ["dag:", f" name: {name}", f" operator_list: [{', '.join(step.id for step in steps)}]"]
    targets: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        for source, output, position in step.edges:
            edge = {"target": step.id, "source_index": output, "target_index": position}
            targets.setdefault(source, []).append(edge)
    if targets:
        lines.append(" operator_rels:")
        lines += [f"  {source}: {_flow(edges)}" for source, edges in targets.items()]
    else:
        lines.append(" operator_rels: {}")
    lines.append(" operator_details:")
    for step in steps:
        lines += [f"  {step.id}:", f"   algo_name: {step.algo_name}"]
        if step.params:
            lines.append("   params:")
            lines += [f"    {key}: {_flow(value)}" for key, value in step.params.items()]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
