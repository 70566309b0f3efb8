"""credit8 on Airflow: a task per operator; tables and models in files, their paths by XCom.

Libraries are imported by the tasks, as Airflow advises: the file is read anew by each of them.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from airflow.sdk import dag, get_current_context, task
from client import run
from peers.same.sampling import measure


def kept(what: Any, name: str) -> str:
    """Its path, in a folder of this run's own."""
    folder = Path(os.environ["AIRFLOW_HOME"]) / get_current_context()["run_id"]
    folder.mkdir(exist_ok=True)
    path = folder / name
    if path.suffix == ".parquet":
        what.to_parquet(path)
    else:
        path.write_bytes(pickle.dumps(what))
    return str(path)


@task
def read() -> str:
    from peers.same import credit

    return kept(credit.load(credit.path()), "data.parquet")


@task(multiple_outputs=True)
def split(data: str) -> dict[str, str]:
    import pandas as pd
    from peers.same import credit

    train, test = credit.split(pd.read_parquet(data))
    return {"train": kept(train, "train.parquet"), "test": kept(test, "test.parquet")}


@task
def train(name: str, data: str) -> str:
    import pandas as pd
    from peers.same import credit

    return kept(getattr(credit, name)(pd.read_parquet(data)), f"{name}.pickle")


@task
def predict(name: str, test: str, model: str) -> str:
    import pandas as pd
    from peers.same import credit

    found = credit.predict(pd.read_parquet(test), pickle.loads(Path(model).read_bytes()))
    return kept(found, f"{name}.parquet")


@task
def evaluate(predicted: str) -> dict[str, float]:
    import pandas as pd
    from peers.same import credit

    return credit.evaluate(pd.read_parquet(predicted))


@dag(dag_id="credit8")
def pipeline():
    parts = split(read())
    for name in ("regression", "gbdt"):
        model = train.override(task_id=name)(name, parts["train"])
        predicted = predict.override(task_id=f"predict_{name}")(name, parts["test"], model)
        evaluate.override(task_id=f"evaluate_{name}")(predicted)


pipeline()


def figures() -> dict[str, dict[str, float]]:
    regression, gbdt = run("credit8", "evaluate_regression", "evaluate_gbdt")
    return {"regression": regression, "gbdt": gbdt}


if __name__ == "__main__":
    measure(figures)
