"""What is known of each task, whoever runs it: where, what it has written, how it ended."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class NoCodeError(Exception):
    """The code package isn't here."""


class NoRoomError(Exception):
    """No node has what a task wants, however long it waits."""


@dataclass
class Demand:
    """What a task holds while it runs. Memory in bytes, others in Ray's units."""

    cpu: float = 1
    memory: float = 0
    gpu: float = 0
    others: dict[str, float] = field(default_factory=dict)

    def named(self) -> dict[str, float]:
        """By Ray's names, without what isn't wanted."""
        wanted = {"CPU": self.cpu, "memory": self.memory, "GPU": self.gpu, **self.others}
        return {name: amount for name, amount in wanted.items() if amount > 0}


class Task:
    """Its two files, and what Ray says of it. `changed` guards all and tells of every change."""

    def __init__(self, name: str, code: str, folder: Path) -> None:
        self.name, self.code, self.folder = name, code, folder
        self.changed = threading.Condition()
        self.stream: Any = None
        self.node: str | None = None
        self.parts: set[str] = set()
        """Names of the pieces of its table, or of its jobs, that were sent and haven't ended."""
        self.status: int | None = None
        self.out_of_memory = False
        self.ended = False
        self.stopping = False
        self.sizes = {"log": 0, "events": 0}

    def view(self) -> dict[str, Any]:
        """As the contract says it. Called with `changed` held."""
        ended, status = self.ended, self.status
        return {
            "state": "ended" if ended else "queued" if self.node is None else "running",
            "worker": self.node and f"node {self.node[:8]}",
            "exit_status": status if status is not None and status >= 0 else None,
            "signal": -status if status is not None and status < 0 else None,
            "out_of_memory": self.out_of_memory,
            "log_bytes": self.sizes["log"],
            "event_bytes": self.sizes["events"],
        }

    def wait(self, seconds: float, log: int, events: int) -> dict[str, Any]:
        """Its state once there is more than so many bytes of either, it has ended, or the time is over."""
        with self.changed:
            self.changed.wait_for(
                lambda: self.ended or self.sizes["log"] > log or self.sizes["events"] > events, timeout=seconds
            )
            return self.view()

    def take(self, piece: dict[str, Any]) -> None:
        with self.changed:
            for what in ("log", "events"):
                if what in piece:
                    with open(self.folder / what, "ab") as file:
                        file.write(piece[what])
                    self.sizes[what] += len(piece[what])
            self.node = piece.get("node", self.node)
            self.status = piece.get("status", self.status)
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify_all()


class Pool(Protocol):
    """All tasks and code packages of one engine, behind the contract."""

    tasks: dict[str, Task]

    def put_code(self, code: str, archive: bytes) -> None: ...

    def put_task(self, name: str, code: str, body: bytes, demand: Demand) -> None:
        """Starts a task once. Raises NoCodeError, NoRoomError."""

    def stop(self, task: Task, grace_seconds: float) -> None:
        """TERM, and KILL after the grace. What has not begun never will."""

    def forget(self, name: str) -> None:
        """Ends it at once if it has not ended."""


def described(offers: Iterable[dict[str, float]]) -> str:
    """Amounts of resources in words, each kind of node once, without the marks that Ray itself sets."""
    texts = []
    for offer in offers:
        words = []
        for name, amount in sorted(offer.items()):
            if name == "memory":
                words.append(f"memory {amount / (1 << 30):.1f} GiB")
            elif name != "object_store_memory" and not name.startswith(("node:", "accelerator_type:")):
                words.append(f"{name.lower() if name in ('CPU', 'GPU') else name} {amount:g}")
        texts.append(", ".join(words))
    return " | ".join(sorted(set(texts))) or "no node at all"
