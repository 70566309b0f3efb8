"""The driver's side: which tasks there are, where Ray placed them, what they have written, how they ended."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from suanzi.pool.node import Host, run_task

NODES_SECONDS = 2.0
"""How old what is known of the cluster's nodes may be."""
EXIT_BROKEN = 70
HOST_CALLS = 8


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


class Pool:
    """All tasks and code packages of one engine on one cluster."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.lock = threading.RLock()
        self.tasks: dict[str, Task] = {}
        self.code: dict[str, Any] = {}
        """Packages in Ray's object store, by hash."""
        self.hosts: dict[str, Any] = {}
        """Actors, by node."""
        self.nodes: list[dict[str, Any]] = []
        self.looked = 0.0
        self.ending = False
        self.run = ray.remote(run_task)
        self.look(0)

    def look(self, age_seconds: float = NODES_SECONDS) -> None:
        """Sees to it that each node has its host and each host the code, if nobody did for that long."""
        with self.lock:
            if self.looked and time.monotonic() - self.looked < age_seconds:
                return
            self.nodes = [node for node in ray.nodes() if node["Alive"]]
            alive = {node["NodeID"] for node in self.nodes}
            for gone in self.hosts.keys() - alive:
                del self.hosts[gone]
            for node in alive - self.hosts.keys():
                place = NodeAffinitySchedulingStrategy(node_id=node, soft=False)
                actor = ray.remote(Host).options(num_cpus=0, max_concurrency=HOST_CALLS, scheduling_strategy=place)
                self.hosts[node] = actor.remote(self.name)
                for code, archive in self.code.items():
                    self.hosts[node].add_code.remote(code, archive)
            self.looked = time.monotonic()

    def put_code(self, code: str, archive: bytes) -> None:
        with self.lock:
            if code not in self.code:
                self.code[code] = ray.put(archive)
                for host in self.hosts.values():
                    host.add_code.remote(code, self.code[code])

    def put_task(self, name: str, code: str, body: bytes, demand: Demand) -> None:
        """Starts a task once. Raises NoCodeError, NoRoomError."""
        self.look()
        with self.lock:
            if name in self.tasks:
                return
            if code not in self.code:
                raise NoCodeError
            self._check_room(demand)
            task = Task(name, code, self.folder / name)
            task.folder.mkdir()
            for what in task.sizes:
                (task.folder / what).touch()
            options = {"num_cpus": demand.cpu, "num_gpus": demand.gpu, "memory": demand.memory or None}
            placed = self.run.options(
                **options, resources=demand.others, name=name, num_returns="streaming", max_retries=0
            )
            task.stream = placed.remote(self.name, code, name, body)
            self.tasks[name] = task
        threading.Thread(target=self._follow, args=[task], daemon=True).start()

    def _check_room(self, demand: Demand) -> None:
        wanted = demand.named()
        offers = [node["Resources"] for node in self.nodes]
        if not any(all(offer.get(name, 0) >= amount for name, amount in wanted.items()) for offer in offers):
            raise NoRoomError(f"no node has {described([wanted])}; there is: {described(offers)}")

    def _follow(self, task: Task) -> None:
        try:
            for reference in task.stream:
                piece = ray.get(reference)
                if self.ending:
                    return  # what it was ended by is the pool's end: no status, so it counts as lost
                task.take(piece)
        except OutOfMemoryError:
            task.out_of_memory = True
        except RayTaskError as error:
            # Our own code around the task has failed, the task itself can't have raised it.
            ours = task.stopping or self.ending
            task.take({} if ours else {"log": f"{error.cause}\n".encode(), "status": EXIT_BROKEN})
        except RayError as error:
            # Its node or process is gone, or it was cancelled before it began: no status, so it counts as lost.
            task.take({"log": f"{error}\n".encode()} if not task.stopping else {})
        except Exception as error:
            task.take({"log": f"{type(error).__name__}: {error}\n".encode(), "status": EXIT_BROKEN})
        finally:
            task.end()

    def stop(self, task: Task, grace_seconds: float) -> None:
        """TERM, and KILL after the grace. What has not begun never will."""
        with task.changed:
            if task.stopping or task.ended:
                return
            task.stopping = True
        self._signal(task, signal.SIGTERM)
        timer = threading.Timer(grace_seconds, self._signal, [task, signal.SIGKILL])
        timer.daemon = True
        timer.start()

    def _signal(self, task: Task, number: int) -> None:
        with task.changed:
            if task.ended:
                return
            node = task.node
        host = self.hosts.get(node) if node else None
        if host is None:
            ray.cancel(task.stream)
        else:
            host.signal.remote(task.code, task.name, int(number))

    def forget(self, name: str) -> None:
        """Ends it at once if it has not ended."""
        with self.lock:
            task = self.tasks.pop(name, None)
        if task is None:
            return
        with task.changed:
            task.stopping = True
        self._signal(task, signal.SIGKILL)
        shutil.rmtree(task.folder, ignore_errors=True)

    def end(self, seconds: float) -> None:
        """Ends all tasks, and what there is on the nodes, as far as they answer in time."""
        self.ending = True
        with self.lock:
            ending = [host.end.remote() for host in self.hosts.values()]
        ray.wait(ending, num_returns=len(ending), timeout=seconds)

    def running(self) -> int:
        with self.lock:
            return sum(not task.ended for task in self.tasks.values())


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
