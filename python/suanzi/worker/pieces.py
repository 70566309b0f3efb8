"""Runs an operator on pieces of a large table, where it says that it may be: `@operator(partition=…)`.

Where a table is cut depends on the table and the declaration alone, never on where or by how many processes the pieces
are worked on. Here each piece is a fork of the worker that maps the same file; it ends with the piece, and with the
worker. Where tasks come from a pool on several machines, each piece is a task of its own there (`staged.py`).
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from suanzi.sdk.context import Context
from suanzi.sdk.errors import BadOutputError
from suanzi.sdk.jobs import KeptMetrics
from suanzi.sdk.tables import Layout
from suanzi.worker.failure import PieceError, failure_of
from suanzi.worker.memory import Memory
from suanzi.worker.piece import Piece, cut, ended, summary
from suanzi.worker.pieced_table import PiecedTable, write_piece
from suanzi.worker.process import fork_helper
from suanzi.worker.protocol import Frame
from suanzi.worker.threads import ThreadLimits

PIECE_ROWS = 1_000_000
PIECE_BYTES = 128 << 20
"""Of the table's own size in Arrow."""
MAX_WORKERS = 200
"""The engine takes more processes of one attempt for a fork bomb."""


@dataclass(frozen=True)
class Plan:
    """How a task's table is cut."""

    layout: Layout
    pieces: list[Piece]

    def to_json(self) -> dict[str, Any]:
        """For a frame."""
        return {
            "rows": sum(piece.rows for piece in self.pieces),
            "of_piece": self.pieces[0].rows,
            "exact": self.layout.exact,
            "gaps": sorted(self.layout.gaps),
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Plan:
        return cls(Layout(given["exact"], frozenset(given["gaps"])), cut(given["rows"], given["of_piece"]))


@dataclass
class Outcome:
    """What came of one piece, small enough to be read whole but for `result`, the name of a file."""

    failed: Frame | None = None
    """A failed frame without number, if it has."""
    tables: dict[str, str] | None = None
    """Without combine: files by output."""
    result: str | None = None
    """With combine: the file of what the function returned."""
    metrics: list[Any] | None = None
    """Name, value and step of each."""
    peak_bytes: int = 0


def planned(operator: Any, inputs: dict[str, Any]) -> Plan | None:
    """None for an operator that wants its tables whole, and for a table that is one piece."""
    cutting = getattr(operator, "partition", None)
    if cutting is None or not isinstance(table := inputs.get(cutting.input), pa.Table):
        return None
    rows = cutting.rows or default_rows(table)
    if table.num_rows <= rows:
        return None
    return Plan(Layout.of(table), cut(table.num_rows, rows))


def default_rows(table: pa.Table) -> int:
    """Rows of a piece where the operator says none: so many, and fewer of wide tables."""
    if not table.num_rows:
        return PIECE_ROWS
    return int(max(1, min(PIECE_ROWS, PIECE_BYTES * table.num_rows // max(1, table.nbytes))))


def file_of(stem: str, piece: Piece, what: str) -> str:
    """Under the attempt's own names; gone when the attempt is done."""
    return f"{stem}piece-{piece.index}.{what}"


def run_piece(
    operator: Any, inputs: dict[str, Any], params: dict[str, Any], context: Context, plan: Plan, piece: Piece
) -> Outcome:
    """The operator on one piece; its result lies in files."""
    sink = KeptMetrics()
    name = operator.partition.input
    own = replace(
        context,
        cpu_slots=1,
        sink=sink,
        mapper=None,
        stem=file_of(context.stem, piece, ""),
        input_files={other: path for other, path in context.input_files.items() if other != name},
    )
    given = {**inputs, name: inputs[name].slice(piece.start, piece.rows)}
    values = operator.execute_piece(given, params, own, plan.layout)
    outcome = Outcome(metrics=sink.metrics)
    if operator.partition.combine is None:
        outcome.tables = {
            name: write_piece(file_of(context.stem, piece, f"{name}.arrow"), value) for name, _, value in values
        }
    else:
        outcome.result = file_of(context.stem, piece, "pkl")
        with open(outcome.result, "wb") as file:
            file.write(pickled(f"what {operator.algo_name} returned for a piece", values))
    return outcome


def pickled(what: str, value: Any) -> bytes:
    """What one process hands to another. Raises BadOutputError."""
    try:
        return pickle.dumps(value, protocol=5)
    except Exception as error:
        raise BadOutputError(
            f"{what} ({type(value).__name__}) can't be pickled: {error}",
            "return tables, numbers, dicts, or objects of classes that stand in a module",
        ) from error


def gathered(
    operator: Any, params: dict[str, Any], context: Context, plan: Plan, outcomes: list[Outcome]
) -> list[tuple[str, str, Any]]:
    """The operator's outputs, from the outcomes in the order of the pieces."""
    for outcome in outcomes:
        for name, value, step in outcome.metrics or []:
            context.metric(name, value, step)
    if operator.partition.combine is None:
        return [
            (
                spec.name,
                spec.port_type,
                PiecedTable.of(spec.name, plan.pieces, [outcome.tables[spec.name] for outcome in outcomes]),  # type: ignore[index]
            )
            for spec in operator.outputs
        ]
    results = []
    for outcome in outcomes:
        with open(outcome.result, "rb") as file:  # type: ignore[arg-type]
            results.append(pickle.load(file))
    return operator.combine_pieces(results, params, context)  # type: ignore[no-any-return]


def clear(stem: str, plan: Plan, operator: Any) -> None:
    """Removes the pieces' files, whichever there are."""
    whats = ["pkl", "outcome", *(f"{spec.name}.arrow" for spec in operator.outputs)]
    for piece in plan.pieces:
        for what in whats:
            try:
                os.unlink(file_of(stem, piece, what))
            except FileNotFoundError:
                continue


class LocalPieces:
    """The pieces of one task as forks of this process, some at a time."""

    def __init__(self, operator: Any, task: Frame, context: Context, plan: Plan, threads: ThreadLimits) -> None:
        self.operator, self.context, self.plan, self.threads = operator, context, plan, threads
        self.cpu_slots = task["cpu_slots"]
        self.params = json.loads(task["params"])
        self.workers = max(1, min(task["cpu_slots"], len(plan.pieces), MAX_WORKERS))
        self.memory_bytes: int | None = task["memory_bytes"] and task["memory_bytes"] // self.workers
        self.running: dict[int, Piece] = {}
        """By pid."""
        self.cpu_us = 0
        self.peak_bytes = 0

    def run(self, inputs: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """The operator's outputs. Raises what `execute` does, and PieceError."""
        self.operator.prepare(inputs, self.params, self.context)
        outcomes: list[Outcome | None] = [None] * len(self.plan.pieces)
        waiting = list(reversed(self.plan.pieces))
        self.threads.set(1)  # in each piece
        try:
            while waiting or self.running:
                while waiting and len(self.running) < self.workers:
                    self._fork(waiting.pop(), inputs)
                piece, outcome = self._wait()
                if outcome.failed is not None:
                    raise PieceError(outcome.failed, str(piece))
                outcomes[piece.index] = outcome
                done = sum(one is not None for one in outcomes)
                self.context.progress(done / len(outcomes), f"{done:,} of {len(outcomes):,} pieces")
        finally:
            for pid in self.running:
                os.kill(pid, signal.SIGKILL)
            while self.running:
                self._reap()
        self.threads.set(self.cpu_slots)
        self.context.note(summary(self.plan.pieces, self.workers, self.peak_bytes))
        found = [outcome for outcome in outcomes if outcome is not None]
        return gathered(self.operator, self.params, self.context, self.plan, found)

    def _fork(self, piece: Piece, inputs: dict[str, Any]) -> None:
        pid = fork_helper(lambda: self._work(piece, inputs))
        self.running[pid] = piece

    def _work(self, piece: Piece, inputs: dict[str, Any]) -> None:
        """In a fork: its outcome, beside the attempt's files."""
        outcome = self._outcome(piece, inputs)
        with open(file_of(self.context.stem, piece, "outcome"), "wb") as file:
            pickle.dump(outcome, file)

    def _outcome(self, piece: Piece, inputs: dict[str, Any]) -> Outcome:
        start = time.perf_counter_ns()
        memory = Memory()
        memory.peak_bytes(sys.maxsize)  # begins anew: what the worker once had is in the fork's own peak
        try:
            with memory.limited(self.memory_bytes):
                outcome = run_piece(self.operator, inputs, self.params, self.context, self.plan, piece)
        except BaseException as error:
            outcome = Outcome(failed=failure_of(error))
        outcome.peak_bytes = memory.peak_bytes((time.perf_counter_ns() - start) // 1000 + 1_000)
        return outcome

    def _wait(self) -> tuple[Piece, Outcome]:
        piece, status = self._reap()
        path = file_of(self.context.stem, piece, "outcome")
        if status != 0:
            return piece, Outcome(failed=ended(status))
        with open(path, "rb") as file:
            outcome: Outcome = pickle.load(file)
        self.peak_bytes = max(self.peak_bytes, outcome.peak_bytes)
        return piece, outcome

    def _reap(self) -> tuple[Piece, int]:
        """The next piece that has ended, and its exit status, negative for a signal."""
        while True:
            pid, status, usage = os.wait4(-1, 0)
            piece = self.running.pop(pid, None)
            if piece is not None:
                self.cpu_us += int((usage.ru_utime + usage.ru_stime) * 1_000_000)
                return piece, os.waitstatus_to_exitcode(status)
