"""The pool on a Ray cluster: has Ray place each task, and hears from it there."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from suanzi.pool.forks import NoForksError
from suanzi.pool.node import Host, run_piece, run_task
from suanzi.pool.spreading import Spread
from suanzi.pool.tasks import Demand, NoCodeError, NoRoomError, Task, described
from suanzi.worker.piece import Job, Piece
from suanzi.worker.process import EXIT_BROKEN
from suanzi.worker.protocol import encode

NODES_SECONDS = 2.0
"""How old what is known of the cluster's nodes may be."""
HOST_CALLS = 8
LOST_SECONDS = 1.0
"""How long an end that is no task's fault stays unsaid: the engine begins it again at once, and not for ever."""
PARTS_SECONDS = 10.0
"""How long pieces that were killed may take to be gone."""


def _beside_cpu(demand: Demand) -> dict[str, Any]:
    """What a task, or a part of it, holds beside processors, as Ray's options."""
    return {"num_gpus": demand.gpu, "memory": demand.memory or None, "resources": demand.others}


class RayPool:
    """All tasks and code packages of one engine on one cluster."""

    def __init__(self, name: str, folder: Path, joining_seconds: float = 0) -> None:
        """Nodes may join for so long, so what none of them has is waited for."""
        self.name, self.folder = name, folder
        self.joined = time.monotonic() + joining_seconds
        self.lock = threading.RLock()
        self.tasks: dict[str, Task] = {}
        self.code: dict[str, Any] = {}
        """Packages in Ray's object store, by hash."""
        self.hosts: dict[str, Any] = {}
        """Actors, by node."""
        self.asked: dict[str, Any] = {}
        """Whether they are there, by node."""
        self.nodes: list[dict[str, Any]] = []
        self.looked = 0.0
        self.ending = False
        self.renewed = 0.0
        self._renew()
        self.look(0)

    def _renew(self) -> None:
        """Has Ray's workers import what is run there anew: one that could not import it never tries that again."""
        with self.lock:
            if not self.renewed or time.monotonic() - self.renewed >= LOST_SECONDS:
                self.run, self.run_piece = ray.remote(run_task), ray.remote(run_piece)
                self.renewed = time.monotonic()

    def look(self, age_seconds: float = NODES_SECONDS) -> None:
        """Sees to it that each node has its host and each host the code, if nobody did for that long."""
        with self.lock:
            if self.looked and time.monotonic() - self.looked < age_seconds:
                return
            self.nodes = [node for node in ray.nodes() if node["Alive"]]
            alive = {node["NodeID"] for node in self.nodes}
            for gone in [node for node in self.hosts if node not in alive or self._host_ended(node)]:
                del self.hosts[gone], self.asked[gone]
            for node in alive - self.hosts.keys():
                place = NodeAffinitySchedulingStrategy(node_id=node, soft=False)
                actor = ray.remote(Host).options(num_cpus=0, max_concurrency=HOST_CALLS, scheduling_strategy=place)
                self.hosts[node] = actor.remote(self.name)
                self.asked[node] = self.hosts[node].there.remote()
                for code, archive in self.code.items():
                    self.hosts[node].add_code.remote(code, archive)
            self.looked = time.monotonic()

    def _host_ended(self, node: str) -> bool:
        """Whether the host on a node that lives has ended, or never began, as far as it was heard."""
        if not ray.wait([self.asked[node]], timeout=0)[0]:
            return False
        try:
            ray.get(self.asked[node])
        except RayError:
            return True
        self.asked[node] = self.hosts[node].there.remote()
        return False

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
            joining = self.joined - time.monotonic()
            if joining <= 0:
                self._check_room(demand)
            task = Task(name, code, self.folder / name)
            task.folder.mkdir()
            for what in task.sizes:
                (task.folder / what).touch()
            task.stream = self._place(task, body, demand)
            self.tasks[name] = task
        threading.Thread(target=self._follow, args=[task, body, demand], daemon=True).start()
        if joining > 0:
            timer = threading.Timer(joining, self._end_without_room, [task, demand])
            timer.daemon = True
            timer.start()

    def _place(self, task: Task, body: bytes, demand: Demand) -> Any:
        options = {"num_cpus": demand.cpu, **_beside_cpu(demand)}
        placed = self.run.options(**options, name=task.name, num_returns="streaming", max_retries=0)
        return placed.remote(self.name, task.code, task.name, body)

    def _check_room(self, demand: Demand) -> None:
        wanted = demand.named()
        offers = [node["Resources"] for node in self.nodes]
        if not any(all(offer.get(name, 0) >= amount for name, amount in wanted.items()) for offer in offers):
            raise NoRoomError(f"no node has {described([wanted])}; there is: {described(offers)}")

    def _end_without_room(self, task: Task, demand: Demand) -> None:
        """What no node has by now is lost, and refused when it is brought again."""
        self.look()
        with task.changed:
            waits = task.node is None and not task.ended
        try:
            self._check_room(demand)
        except NoRoomError as error:
            if waits:
                task.take({"log": f"{error}\n".encode()})
                ray.cancel(task.stream)

    def _follow(self, task: Task, body: bytes, demand: Demand) -> None:
        try:
            plan = self._follow_stage(task)
            while plan is not None and (following := self._spread(task, body, demand, plan)) is not None:
                with task.changed:
                    if task.stopping:
                        return
                    task.node, task.stream = None, self._place(task, following, demand)
                plan = self._follow_stage(task)
        except OutOfMemoryError:
            task.out_of_memory = True
        except RayTaskError as error:
            # Our own code around the task has failed, the task itself can't have raised it.
            if not (task.stopping or self.ending):
                self._take_failure(task, error.cause)
        except (RayError, ConnectionError) as error:
            # Its node or process is gone, or it was cancelled before it began: no status, so it counts as lost.
            task.take({"log": f"{error}\n".encode()} if not task.stopping else {})
        except Exception as error:
            task.take({"log": f"{type(error).__name__}: {error}\n".encode(), "status": EXIT_BROKEN})
        finally:
            task.end()

    def _take_failure(self, task: Task, error: BaseException) -> None:
        """What a node can't run at all is broken. All else counts as lost: our code wasn't there, or something died."""
        if isinstance(error, NoForksError):
            task.take({"log": f"{error}\n".encode(), "status": EXIT_BROKEN})
            return
        task.take({"log": f"{error}\n".encode()})
        self._renew()
        time.sleep(LOST_SECONDS)

    def _follow_stage(self, task: Task) -> dict[str, Any] | None:
        """Until the stage has ended; the plan if it left something for others to do."""
        plan: dict[str, Any] | None = None
        for reference in task.stream:
            piece = ray.get(reference)
            if self.ending:
                return None  # what it was ended by is the pool's end: no status, so it counts as lost
            plan = piece.pop("plan", plan)
            task.take(piece)
        return plan

    def _spread(self, task: Task, body: bytes, demand: Demand, plan: dict[str, Any]) -> bytes | None:
        """Has the parts worked on wherever there is room. The task of the stage after them, or None without one."""
        self.look()
        with self.lock:
            cpus = sum(node["Resources"].get("CPU", 0) for node in self.nodes)
        spread = Spread(task.name, body, plan, int(cpus))
        options = {"num_cpus": 1, **_beside_cpu(demand), "scheduling_strategy": "SPREAD", "max_retries": 0}
        running: dict[Any, Piece | Job] = {}
        try:
            while (spread.waiting and spread.failed is None) or running:
                while spread.waiting and spread.failed is None and len(running) < spread.workers:
                    piece = spread.waiting.pop()
                    with task.changed:
                        if task.stopping or self.ending:
                            task.take({"status": -signal.SIGTERM} if task.stopping else {})
                            return None
                        name = spread.name_of(piece)
                        placed = self.run_piece.options(**options, name=name)
                        reference = placed.remote(self.name, task.code, name, spread.body_of(piece))
                        running[reference] = piece
                        task.parts.add(name)
                for reference in ray.wait(list(running), num_returns=1)[0]:
                    piece = running.pop(reference)
                    with task.changed:
                        task.parts.discard(spread.name_of(piece))
                    ended = self._ended(reference, kept=spread.keep_failures)
                    if task.stopping or self.ending:
                        task.take({"log": ended["log"], "status": ended["status"]} if task.stopping else {})
                        return None
                    told = spread.take(piece, ended["last"], ended["status"])
                    task.take({"log": ended["log"], "events": b"".join(map(encode, told))})
                    if spread.failed is not None:
                        self._signal_parts(task, signal.SIGKILL)
            if spread.failed is None:
                return spread.gather()
            task.take({"events": encode(spread.failed), "status": 0})
            return None
        finally:
            self._signal_parts(task, signal.SIGKILL)
            if running:
                ray.wait(list(running), num_returns=len(running), timeout=PARTS_SECONDS)
            with task.changed:
                task.parts.clear()
            if spread.failed is not None or spread.done < len(spread.pieces):
                spread.clear()

    def _ended(self, reference: Any, *, kept: bool) -> dict[str, Any]:
        """How a part ended; one that Ray killed for its memory too, where failures are kept."""
        try:
            found: dict[str, Any] = ray.get(reference)
            return found
        except OutOfMemoryError as error:
            if not kept:
                raise
            return {"log": f"{error}\n".encode(), "last": None, "status": -signal.SIGKILL}

    def _signal_parts(self, task: Task, number: int) -> None:
        """Wherever they are; one that begins later is ended when it does."""
        with task.changed:
            parts = list(task.parts)
        with self.lock:
            for host in self.hosts.values():
                for part in parts:
                    host.signal.remote(task.code, part, int(number))

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
            node, parts = task.node, bool(task.parts)
        if parts:
            self._signal_parts(task, number)
            return
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
