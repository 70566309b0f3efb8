"""chain1000 on Airflow: tasks in a line, values by XCom. As a script it triggers the DAG and waits for its end."""

from airflow.sdk import dag, task
from client import run
from peers.same.sampling import measure, tasks
from peers.same.work import after

COUNT = tasks("chain1000")


@dag(dag_id="chain1000")
def line():
    value = 0
    for number in range(COUNT):
        value = task(after, task_id=f"step{number}")(value)


line()

if __name__ == "__main__":
    measure(lambda: run("chain1000", f"step{COUNT - 1}"))
