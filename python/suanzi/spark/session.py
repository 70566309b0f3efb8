"""Sessions on Spark Connect: one for each attempt, under a name that the driver can end it by."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from suanzi.sdk.errors import OperatorError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

REMOTE = "SUANZI_SPARK_REMOTE"
"""Address of the cluster, `sc://host:port`, in the environment of tasks."""
SESSIONS = "SUANZI_SPARK_SESSIONS"
"""Folder where a task says that it has a session: the driver ends it then."""
TASK = "SUANZI_TASK"
"""Name of the attempt, set by `suanzi.pool.forks`."""
USER = "suanzi"


def session_id(task: str) -> str:
    """Of an attempt's session."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"suanzi:{task}"))


def connect(remote: str, task: str) -> SparkSession:
    """A session by the attempt's name, new or the one it has."""
    from pyspark.sql import SparkSession

    address = f"{remote.rstrip('/')}/;user_id={USER};session_id={session_id(task)}"
    return SparkSession.builder.remote(address).create()


def session() -> SparkSession:
    """This attempt's session. Functions of the calling modules may go to Spark's workers, which need not have them.

    Raises OperatorError outside the Spark executor.
    """
    from pyspark.sql.connect.session import SparkSession

    found = SparkSession.getActiveSession()
    frame = sys._getframe(1)
    travels(frame.f_globals["__name__"])
    if frame.f_globals["__name__"].startswith("suanzi.spark.") and frame.f_back is not None:
        travels(frame.f_back.f_globals["__name__"])
    if found is not None:
        return found
    remote, task = os.environ.get(REMOTE), os.environ.get(TASK)
    if not remote or not task:
        raise OperatorError(
            "there is no Spark here", "run the operator with `executor: spark`; see docs/guide/spark.md"
        )
    if folder := os.environ.get(SESSIONS):
        (Path(folder) / task).touch()
    made = connect(remote, task)
    SparkSession._set_default_and_active_session(made)
    return made


def travels(module: str) -> None:
    """Functions of a module go to Spark's workers by value; those of the program itself do anyway."""
    from pyspark import cloudpickle

    if module != "__main__":
        cloudpickle.register_pickle_by_value(sys.modules[module])
