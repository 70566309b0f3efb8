"""A search of 16 settings of boosted trees on three folds: by one and by two processes, and through GridSearchCV.

`.venv/bin/python bench/search.py --suanzi target/release/suanzi [--data credit.csv]` takes samples in turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 30_000
LABEL = "next_month"
SPACE = {"learning_rate": [0.03, 0.1], "max_leaf_nodes": [7, 15, 31, 63], "l2_regularization": [0, 1]}
FOLDS = 3
DAG = f"""
dag:
 name: search
 operator_list: [data, trees, search]
 operator_rels:
  trees: [{{target: search, source_index: 0, target_index: 0}}]
  data: [{{target: search, source_index: 0, target_index: 1}}]
 operator_details:
  data: {{algo_name: algo_local_read_file, params: {{data_id: 40}}}}
  trees: {{algo_name: estimator, params: {{algorithm: gbdt, params: {{max_iter: ITERATIONS}}}}}}
  search:
   algo_name: hyper_tune
   resources: {{cpu: CPU}}
   params: {{y_col: {LABEL}, folds: {FOLDS}, space: {json.dumps(SPACE)}}}
"""
DIRECT = f"""
import json, sys, time
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold
data = pd.read_csv(sys.argv[1])
began = time.perf_counter()
search = GridSearchCV(
    HistGradientBoostingClassifier(max_iter=int(sys.argv[3]), random_state=0), {SPACE!r}, scoring="roc_auc",
    cv=StratifiedKFold({FOLDS}, shuffle=True, random_state=0), n_jobs=int(sys.argv[2]),
).fit(data.drop(columns="{LABEL}"), data["{LABEL}"])
print(json.dumps([time.perf_counter() - began, search.best_score_, search.best_params_]))
"""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def ours(suanzi: Path, folder: Path, data: Path, cpu: int, iterations: int) -> tuple[float, float, dict]:
    """Seconds of the operator, the best score, the best setting."""
    (folder / "dag.yaml").write_text(DAG.replace("CPU", str(cpu)).replace("ITERATIONS", str(iterations)))
    command = [suanzi, "run", "dag.yaml", "-q", "--json", "--dataset", f"40={data}"]
    env = {**os.environ, "SUANZI_HOME": str(folder / "home"), "SUANZI_PYTHON": sys.executable}
    # What comes before the search is taken from the cache; the search itself runs anew.
    if not (folder / "home").exists():
        subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run(
        [*command, "--from", "search"], cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    report = json.loads(done.stdout)
    found = next(one for one in report["operators"] if one["id"] == "search")
    trials = json.loads(
        subprocess.run(
            [sys.executable, "-c", BEST, found["outputs"][3]["path"]], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    )
    return found["duration_ms"] / 1000, report["metrics"]["search"]["auc"], trials


PROCESSOR = f"""
import os, sys, time
import pandas as pd, pyarrow as pa
import scipy.stats, sklearn.ensemble, sklearn.model_selection
from suanzi.operators.tune.estimator import estimator
from suanzi.operators.tune.hyper_tune import hyper_tune
from suanzi.sdk import Context
from suanzi.worker.jobs import LocalJobs
from suanzi.worker.threads import ThreadLimits

forks = []
real = os.wait4
def wait4(pid, options):
    found = real(pid, options)
    forks.append(found[2].ru_utime + found[2].ru_stime)
    return found
os.wait4 = wait4
table = pa.Table.from_pandas(pd.read_csv(sys.argv[1]), preserve_index=False)
params = {{"algorithm": "gbdt", "params": {{"max_iter": int(sys.argv[2])}}}}
trees = estimator.execute({{}}, params, Context())[0][2]
for cpu in (1, 2):
    forks.clear()
    context = Context(cpu_slots=cpu, mapper=LocalJobs({{"cpu_slots": cpu, "memory_bytes": None}}, ThreadLimits()))
    began = time.thread_time()
    given = {{"y_col": "{LABEL}", "folds": {FOLDS}, "space": {SPACE!r}}}
    hyper_tune.execute({{"estimator": trees, "data": table}}, given, context)
    own = time.thread_time() - began
    ends = [round(fork, 1) for fork in forks]
    print(f"cpu: {{cpu}}: {{own + max(forks):.1f}} s on the longest way: {{own:.1f}} s beside the forks' {{ends}}")
"""
BEST = """
import json, sys, pyarrow as pa
row = pa.ipc.open_file(pa.memory_map(sys.argv[1])).read_all().slice(0, 1).to_pylist()[0]
print(json.dumps({name.removeprefix("param_"): value for name, value in row.items() if name.startswith("param_")}))
"""


def direct(data: Path, jobs: int, iterations: int) -> tuple[float, float, dict]:
    done = subprocess.run(
        [sys.executable, "-c", DIRECT, str(data), str(jobs), str(iterations)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, score, setting = json.loads(done.stdout)
    return seconds, score, setting


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suanzi", type=Path, required=True, help="the program")
    parser.add_argument("--data", type=Path, help=f"a CSV of credit data; else {ROWS:,} rows are generated")
    parser.add_argument("--iterations", type=int, default=100, help="trees of a model")
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--processor-time", action="store_true", help="what the forks use, for a busy machine")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="suanzi-search-") as name:
        folder = Path(name)
        data = options.data and options.data.resolve()
        if data is None:
            data = folder / "credit.csv"
            subprocess.run([sys.executable, "-m", "suanzi.demo_data", data, "--rows", str(ROWS)], check=True)
        if options.processor_time:
            command = [sys.executable, "-c", PROCESSOR, str(data), str(options.iterations)]
            return subprocess.run(command, env={**os.environ, **ONE_THREAD}, stderr=subprocess.DEVNULL).returncode
        suanzi = options.suanzi.resolve()
        ways = {
            "hyper_tune, cpu: 1": lambda: ours(suanzi, folder, data, 1, options.iterations),
            "hyper_tune, cpu: 2": lambda: ours(suanzi, folder, data, 2, options.iterations),
            "GridSearchCV, n_jobs=1": lambda: direct(data, 1, options.iterations),
            "GridSearchCV, n_jobs=2": lambda: direct(data, 2, options.iterations),
        }
        found = {way: [] for way in ways}
        for sample in range(options.samples):
            for way, take in ways.items():
                found[way].append(take())
                print(f"{sample + 1}: {way}: {found[way][-1][0]:.1f} s", flush=True)
    for way, all_of in found.items():
        seconds = [one[0] for one in all_of]
        print(f"{way}: median {statistics.median(seconds):.1f} s, least {min(seconds):.1f} s")
    answers = {
        (round(score, 12), json.dumps(setting, sort_keys=True))
        for all_of in found.values()
        for _, score, setting in all_of
    }
    print(f"{len(answers)} answer: {answers}")
    return int(len(answers) != 1)


if __name__ == "__main__":
    sys.exit(main())
