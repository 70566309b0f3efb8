"""A task that many processes of a cluster work on, each on a piece of its table or on one of its jobs: which are sent,
and what comes of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from suanzi.worker.piece import Job, Piece, ended, parts
from suanzi.worker.protocol import LENGTH_BYTES, Frame, decode, encode


class Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self.kept = b""

    def add(self, data: bytes) -> list[Frame]:
        """The frames that are whole by now."""
        self.kept += data
        found = []
        while len(self.kept) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self.kept[:LENGTH_BYTES], "big")
            if len(self.kept) < end:
                break
            found.append(decode(self.kept[LENGTH_BYTES:end]))
            self.kept = self.kept[end:]
        return found


def plan_of(frame: Frame) -> Frame | None:
    """What the stage found that others shall do, if it did."""
    outputs = frame.get("outputs")
    return outputs if frame["t"] == "result" and isinstance(outputs, dict) else None


def without_plan(written: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a task writes (`forks.follow`). If others shall do a part of it, `plan` comes last, and no exit status."""
    plan: Frame | None = None
    frames = Frames()
    for piece in written:
        told = frames.add(piece.pop("events", b""))
        plan = next((found for found in map(plan_of, told) if found is not None), plan)
        if passed := b"".join(encode(frame) for frame in told if plan_of(frame) is None):
            piece["events"] = passed
        if plan is not None:
            piece.pop("status", None)
        if piece:
            yield piece
    if plan is not None:
        yield {"plan": plan}


def whole(written: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What one piece has written, once it has ended: its log, the frame that ended it, its exit status."""
    frames = Frames()
    found: dict[str, Any] = {"log": b"", "last": None, "status": 0}
    for piece in written:
        found["log"] += piece.get("log", b"")
        found["status"] = piece.get("status", found["status"])
        for frame in frames.add(piece.get("events", b"")):
            if frame["t"] in ("result", "failed"):
                found["last"] = frame
    return found


class Spread:
    """The parts of one task, and the stage after them."""

    def __init__(self, name: str, body: bytes, plan: Frame, workers: int) -> None:
        """`workers`: parts that are sent at a time."""
        self.name, self.plan = name, plan
        self.task = decode(body[LENGTH_BYTES:])
        self.pieces: Sequence[Piece | Job] = parts(plan)
        self.what = plan.get("what", "pieces")
        self.keep_failures: bool = plan.get("keep_failures", False)
        self.share: list[float] = plan.get("share", [0, 1])
        self.round = len(plan.get("earlier", ()))
        self.workers = max(1, min(workers, len(self.pieces)))
        self.waiting: list[Piece | Job] = list(reversed(self.pieces))
        self.outcomes: list[Frame | None] = [None] * len(self.pieces)
        self.done = 0
        self.cpu_us = 0
        self.peak_bytes = 0
        self.failed: Frame | None = None
        """The frame that ends the task."""

    def name_of(self, piece: Piece | Job) -> str:
        return f"{self.name}.{self.round}.{piece.index}"

    def body_of(self, piece: Piece | Job) -> bytes:
        """A part's task: one processor's."""
        stage = {"t": "piece", "plan": self.plan, "index": piece.index}
        return encode({**self.task, "cpu_slots": 1, "stage": stage})

    def take(self, piece: Piece | Job, frame: Frame | None, status: int) -> list[Frame]:
        """How a part ended; what is told of it."""
        usage = {} if frame is None else frame["usage"]
        self.cpu_us += usage.get("cpu_us", 0)
        self.peak_bytes = max(self.peak_bytes, usage.get("peak_rss_bytes", 0))
        if frame is not None and frame["t"] == "result":
            return self._took(piece, frame["outputs"])
        if self.keep_failures:
            why = frame or ended(status)
            kept = {name: why[name] for name in ("kind", "message", "hint", "traceback")}
            return self._took(piece, {"failed": kept, "result": None})
        if self.failed is None:
            nothing = {"wall_us": 0, "cpu_us": 0, "peak_rss_bytes": 0, "log_start": 0, "log_end": 0}
            failed = frame or {"t": "failed", "id": self.task["id"], "retire": None, "usage": nothing, **ended(status)}
            self.failed = {**failed, "message": f"{piece}: {failed['message']}"}
        return []

    def _took(self, piece: Piece | Job, outcome: Frame) -> list[Frame]:
        self.outcomes[piece.index] = outcome
        self.done += 1
        words = f"{self.done:,} of {len(self.pieces):,} {self.what}"
        before, after = self.share
        share = before + (after - before) * self.done / len(self.pieces)
        return [{"t": "progress", "id": self.task["id"], "fraction": share, "message": words}]

    def gather(self) -> bytes:
        """The task of the stage that follows."""
        stage = {"t": "gather", "plan": self.plan, "outcomes": self.outcomes}
        used = {"cpu_us": self.cpu_us, "peak_bytes": self.peak_bytes, "workers": self.workers}
        return encode({**self.task, "stage": {**stage, **used}})

    def clear(self) -> None:
        """Removes what the parts wrote, where the storage can be seen from here."""
        paths = list(self.plan.get("earlier", ()))
        for outcome in self.outcomes:
            paths += [] if outcome is None else [outcome["result"], *(outcome.get("tables") or {}).values()]
        for path in paths:
            try:
                if path is not None:
                    os.unlink(path)
            except OSError:
                continue  # the engine's collection removes what an attempt left
