"""The DAGs of the benchmarks, written as text."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Edge = tuple[str, int, str, int]
"""From which operator and port, to which operator and port."""


def dag(name: str, operators: Mapping[str, tuple[str, Mapping[str, Any]]], edges: Iterable[Edge]) -> str:
    """`operators`: kind and parameters by id."""
    rels: dict[str, list[dict[str, Any]]] = {}
    for source, source_port, target, target_port in edges:
        rel = {"target": target, "source_index": source_port, "target_index": target_port}
        rels.setdefault(source, []).append(rel)
    details = {key: {"algo_name": kind, "params": dict(params)} for key, (kind, params) in operators.items()}
    body = {
        "name": name,
        "operator_list": list(operators),
        "operator_rels": rels,
        "operator_details": details,
    }
    return json.dumps({"dag": body})


def chain(name: str, kind: str, count: int) -> str:
    """`count` operators in a line."""
    ids = [f"t{number}" for number in range(count)]
    edges = [(source, 0, target, 0) for source, target in itertools.pairwise(ids)]
    return dag(name, {key: (kind, {}) for key in ids}, edges)


def independent(name: str, kind: str, count: int, join: str, params: Sequence[Mapping[str, Any]] = ()) -> str:
    """`count` operators and one of kind `join` that takes all their outputs."""
    ids = [f"t{number}" for number in range(count)]
    given = params or [{}] * count
    operators = {key: (kind, one) for key, one in zip(ids, given, strict=True)} | {"join": (join, {})}
    return dag(name, operators, [(key, 0, "join", position) for position, key in enumerate(ids)])


def layers(name: str, kind: str, depth: int, width: int) -> str:
    """`depth` rows of `width` operators, each fed by the one above it: a trace's ordinary shape."""
    ids = [[f"l{row}_{column}" for column in range(width)] for row in range(depth)]
    edges = [(a, 0, b, 0) for above, below in itertools.pairwise(ids) for a, b in zip(above, below, strict=True)]
    return dag(name, {key: (kind, {}) for row in ids for key in row}, edges)
