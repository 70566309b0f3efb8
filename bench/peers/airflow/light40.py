"""light40 on Airflow: tasks in a line, values by XCom. As a script it triggers the DAG and waits for its end."""

from airflow.sdk import dag, task
from client import run
from peers.same.sampling import measure, tasks
from peers.same.work import add_fib

COUNT = tasks("light40")


@dag(dag_id="light40")
def line():
    value = 0
    for number in range(COUNT):
        value = task(add_fib, task_id=f"step{number}")(value)


line()

if __name__ == "__main__":
    measure(lambda: run("light40", f"step{COUNT - 1}"))
