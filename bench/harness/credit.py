"""The credit data and the pipelines on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.bench import ROOT, Bench
from harness.dags import Edge, dag

ROWS = 30_000
SEED_DAG = ROOT / "examples" / "seed-dag.yaml"
LABEL = "next_month"
MONTHS = ("BILL_AMT", "PAY_AMT")
X_COLS = [
    *("LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
    *(f"PAY_{month}" for month in (0, 2, 3, 4, 5, 6)),
    *(f"{name}{month}" for name in MONTHS for month in range(1, 7)),
]


def data(bench: Bench) -> Path:
    """30,000 rows of synthetic credit data, made once."""
    path = bench.directory / "credit.csv"
    if not path.exists():
        command = [sys.executable, "-m", "suanzi.demo_data", path, "--rows", str(ROWS), "--seed", "0"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def script(bench: Bench, pipeline: Path) -> Path:
    """The Python that `suanzi export` writes of a pipeline, as a file."""
    path = bench.directory / f"{pipeline.stem}-script.py"
    bench.program.cli("export", "--python", pipeline, "-o", path, "--dataset", f"40={data(bench)}")
    return path


def eight() -> str:
    """Read, split 80/20, regression and GBDT on the 80 %, two predictions and two evaluations on the 20 %."""
    learn = {"x_cols": X_COLS, "y_col": LABEL, "pre_value": 1}
    evaluate = {"y_col": LABEL, "pre_col": "predict_result", "pre_value": 1}
    operators = {
        "read": ("algo_local_read_file", {"data_id": 40}),
        "split": ("algo_local_split_data", {"split_type": 1, "ext1": 0.8, "ext2": None}),
        "regression": ("algo_local_model_2c_l", {**learn, "solver": "liblinear", "max_iter": 100}),
        "gbdt": ("algo_local_model_gbdt", {**learn, "n_estimators": 10, "max_depth": 5}),
        "predict_regression": ("algo_local_model_predict", {"x_cols": X_COLS}),
        "predict_gbdt": ("algo_local_model_predict", {"x_cols": X_COLS}),
        "evaluate_regression": ("algo_local_model_2c_eval", evaluate),
        "evaluate_gbdt": ("algo_local_model_2c_eval", evaluate),
    }
    edges: list[Edge] = [("read", 0, "split", 0)]
    for model in ("regression", "gbdt"):
        edges += [
            ("split", 0, model, 0),
            ("split", 1, f"predict_{model}", 0),
            (model, 0, f"predict_{model}", 1),
            (f"predict_{model}", 0, f"evaluate_{model}", 0),
        ]
    return dag("credit8", operators, edges)


def branches(count: int = 8) -> str:
    """`count` variants of GBDT on one split's 80 %."""
    learn = {"x_cols": X_COLS, "y_col": LABEL, "pre_value": 1, "n_estimators": 10}
    operators = {
        "read": ("algo_local_read_file", {"data_id": 40}),
        "split": ("algo_local_split_data", {"split_type": 1, "ext1": 0.8, "ext2": None}),
    }
    edges: list[Edge] = [("read", 0, "split", 0)]
    for number in range(count):
        params = {**learn, "max_depth": 4 + number % 2, "learning_rate": 0.05 + 0.01 * number}
        operators[f"gbdt{number}"] = ("algo_local_model_gbdt", params)
        edges.append(("split", 0, f"gbdt{number}", 0))
    return dag("branches8", operators, edges)


def bound(times: dict[str, tuple[float, list[str]]], processors: int = 2) -> float:
    """Seconds no schedule can go below: the longer of the critical path and the work shared by the processors."""
    ends: dict[str, float] = {}

    def end(name: str) -> float:
        if name not in ends:
            own, before = times[name]
            ends[name] = own + max((end(one) for one in before), default=0.0)
        return ends[name]

    return max(max(map(end, times)), sum(own for own, _ in times.values()) / processors)
