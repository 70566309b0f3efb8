"""handoff on Airflow: an Arrow file, whose path goes by XCom. Libraries are imported by the tasks, as it advises."""

import os
from pathlib import Path

from airflow.sdk import dag, task
from client import run
from peers.same.sampling import measure, tasks


@task
def make() -> str:
    import pyarrow as pa
    from peers.same import table

    path = str(Path(os.environ["AIRFLOW_HOME"]) / "table.arrow")
    made = table.make(tasks("handoff"))
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, made.schema) as writer:
        writer.write_table(made)
    return path


@task
def read(path: str) -> float:
    import pyarrow as pa
    from peers.same import table

    with pa.memory_map(path) as source:
        return table.read(pa.ipc.open_file(source).read_all())


@dag(dag_id="handoff")
def pair():
    read(make())


pair()

if __name__ == "__main__":
    measure(lambda: run("handoff", "read"))
