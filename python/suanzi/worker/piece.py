"""A part of a task: a piece of its table, or one of its jobs; and how its end is told. Imports no heavy library: a
pool's driver reads it too."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Piece:
    """Some rows of the table, one after the other. Counted from 0."""

    index: int
    count: int
    """Of all pieces."""
    start: int
    rows: int

    def __str__(self) -> str:
        return f"piece {self.index + 1:,} of {self.count:,} (rows {self.start + 1:,} to {self.start + self.rows:,})"


@dataclass(frozen=True)
class Job:
    """One of those that an operator has done side by side (`Context.map`). Counted from 0."""

    index: int
    count: int
    """Of all jobs of the round."""
    what: str

    def __str__(self) -> str:
        return f"{self.index + 1:,} of {self.count:,} {self.what}"


def parts(plan: dict[str, Any]) -> list[Piece] | list[Job]:
    """What the first stage of a task found that can be done side by side: see `pieces.Plan` and `replay.Paused`."""
    if "jobs" in plan:
        return [Job(index, plan["jobs"], plan["what"]) for index in range(plan["jobs"])]
    return cut(plan["rows"], plan["of_piece"])


def cut(rows: int, of_piece: int) -> list[Piece]:
    """So many rows in pieces of at most `of_piece`."""
    starts = range(0, rows, of_piece)
    return [Piece(i, len(starts), start, min(of_piece, rows - start)) for i, start in enumerate(starts)]


def ended(status: int) -> dict[str, Any]:
    """The failure of a piece whose process ended without an outcome; `status` is negative for a signal."""
    if status == -signal.SIGKILL:
        return {
            "kind": "out_of_memory",
            "message": "its process was killed",
            "hint": "often the kernel's out-of-memory killer: give it fewer cpu under resources, or smaller pieces",
            "traceback": None,
        }
    what = f"ended by signal {-status}" if status < 0 else f"exited with status {status}"
    hint = "return from the function instead of ending the process"
    return {"kind": "exited_without_result", "message": f"its process {what}", "hint": hint, "traceback": None}


def jobs_summary(count: int, what: str, workers: int, peak_bytes: int) -> str:
    """What the attempt's log says of its jobs."""
    return f"{count:,} {what}, {workers:,} at a time; the largest process had {peak_bytes >> 20:,} MiB in memory"


def summary(pieces: list[Piece], workers: int, peak_bytes: int) -> str:
    """What the attempt's log says of its pieces."""
    return (
        f"{len(pieces):,} pieces of up to {pieces[0].rows:,} rows, {workers:,} at a time; "
        f"the largest process had {peak_bytes >> 20:,} MiB in memory"
    )
