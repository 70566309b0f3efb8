"""A task in stages, where a pool spreads the pieces of its table or its jobs: plan, each part, all together.

The first stage is the task itself, whose result is the plan. The pool sends the task again with a `stage`: for each
piece `{"t": "piece", "plan", "index"}`, whose result is its outcome, and at last `{"t": "gather", "plan", "outcomes",
"cpu_us", "peak_bytes", "workers"}`, whose result is the operator's. See `suanzi.pool.spreading`. This is for pieces;
what a stage of jobs does is in `replay.py`, and its last may be a plan again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from suanzi.sdk.context import Context
from suanzi.worker.piece import summary
from suanzi.worker.pieces import Outcome, Plan, clear, gathered, run_piece
from suanzi.worker.protocol import Frame


class SpreadPieces:
    """What parts used that were worked on elsewhere."""

    def __init__(self, stage: Frame) -> None:
        self.cpu_us: int = stage["cpu_us"]
        self.peak_bytes: int = stage["peak_bytes"]


def is_of_jobs(stage: Frame) -> bool:
    """Whether it is of a task that has jobs done, not of one whose table is cut."""
    return "jobs" in stage["plan"]


def run_stage(
    stage: Frame, operator: Any, inputs: dict[str, Any], params: dict[str, Any], context: Context, parts: list[Any]
) -> Any:
    """A piece's outcome as a frame can hold it, or the operator's outputs."""
    plan = Plan.from_json(stage["plan"])
    if stage["t"] == "piece":
        return asdict(run_piece(operator, inputs, params, context, plan, plan.pieces[stage["index"]]))
    parts.append(SpreadPieces(stage))
    context.note(summary(plan.pieces, stage["workers"], stage["peak_bytes"]))
    return gathered(operator, params, context, plan, [Outcome(**outcome) for outcome in stage["outcomes"]])


def finish_stage(stage: Frame, operator: Any, context: Context) -> None:
    """Once the operator's outputs are written, the pieces' files go."""
    clear(context.stem, Plan.from_json(stage["plan"]), operator)
