"""What runs on each node of a Ray cluster: an actor that keeps fork servers there, and the Ray task around a task."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from suanzi.pool import forks
from suanzi.pool.servers import ForkServers, socket_of
from suanzi.pool.spreading import whole, without_plan


def folder_of(pool: str, node: str) -> Path:
    """The pool's own folder on a node. Two nodes may share a machine, as in tests."""
    return Path(tempfile.gettempdir()) / f"{pool}-{os.getuid()}-{node[:12]}"


class Host(ForkServers):
    """One for each node. Its processes end with it, and it ends with the driver."""

    def __init__(self, pool: str) -> None:
        folder = folder_of(pool, ray.get_runtime_context().get_node_id())
        shutil.rmtree(folder, ignore_errors=True)  # of a host before this one, which was killed
        super().__init__(folder)

    def there(self) -> None:
        """Answers if it is."""


def run_task(pool: str, code: str, name: str, task: bytes) -> Iterator[dict[str, Any]]:
    """The Ray task that holds the resources while a task runs: first says where that is, then all that it writes.

    A task that leaves a part for others to do ends with its `plan`, and without a status.
    """
    node = ray.get_runtime_context().get_node_id()
    yield {"node": node}
    yield from without_plan(forks.follow(socket_of(folder_of(pool, node), code), name, task, spread=True))


def run_piece(pool: str, code: str, name: str, task: bytes) -> dict[str, Any]:
    """The Ray task around one piece or job: its log, the frame that ended it, its exit status."""
    node = ray.get_runtime_context().get_node_id()
    return whole(forks.follow(socket_of(folder_of(pool, node), code), name, task))
