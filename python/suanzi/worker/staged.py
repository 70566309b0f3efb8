"""A task in stages, where a pool spreads the pieces of its table: cut, each piece, all together.

The first stage is the task itself, whose result is the plan. The pool sends the task again with a `stage`: for each
piece `{"t": "piece", "plan", "index"}`, whose result is its outcome, and at last `{"t": "gather", "plan", "outcomes",
"cpu_us", "peak_bytes", "workers"}`, whose result is the operator's. See `suanzi.pool.spreading`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from suanzi.sdk.context import Context
from suanzi.worker.piece import summary
from suanzi.worker.pieces import Outcome, Plan, clear, gathered, run_piece
from suanzi.worker.protocol import Frame

if TYPE_CHECKING:
    from suanzi.worker.task import TaskRunner


class SpreadPieces:
    """What pieces used that were worked on elsewhere."""

    def __init__(self, stage: Frame) -> None:
        self.cpu_us: int = stage["cpu_us"]
        self.peak_bytes: int = stage["peak_bytes"]


def run_stage(
    stage: Frame, operator: Any, inputs: dict[str, Any], params: dict[str, Any], context: Context, runner: TaskRunner
) -> Any:
    """A piece's outcome as a frame can hold it, or the operator's outputs."""
    plan = Plan.from_json(stage["plan"])
    if stage["t"] == "piece":
        return asdict(run_piece(operator, inputs, params, context, plan, plan.pieces[stage["index"]]))
    runner.pieces = SpreadPieces(stage)
    context.note(summary(plan.pieces, stage["workers"], stage["peak_bytes"]))
    return gathered(operator, params, context, plan, [Outcome(**outcome) for outcome in stage["outcomes"]])


def finish_stage(stage: Frame, operator: Any, context: Context) -> None:
    """Once the operator's outputs are written, the pieces' files go."""
    clear(context.stem, Plan.from_json(stage["plan"]), operator)
