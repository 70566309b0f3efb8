"""noop1000 on Airflow: tasks beside each other, and one that takes their values by XCom."""

from airflow.sdk import dag, task
from client import run
from peers.same import work
from peers.same.sampling import measure, tasks


@dag(dag_id="noop1000")
def wide():
    ones = [task(work.one, task_id=f"one{number}")() for number in range(tasks("noop1000"))]
    task(work.count, task_id="join")(ones)


wide()

if __name__ == "__main__":
    measure(lambda: run("noop1000", "join"))
