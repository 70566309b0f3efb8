"""The operators that ship with Suanzi: a folder per category, a file per operator; `seed` holds the mission's six."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def __examples__(op: Any, operators: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Inputs and parameters that make sense for an operator, for `suanzi operators check`."""
    from suanzi.operators.examples import dag, params, running

    if op.algo_name in params.NEED_FILES:
        return None
    return running.inputs_of(op, operators), dag.params_of(op)
