"""Operators for the worker's tests: some compute, some leave a mess."""

import hashlib
import os
import random
import sys
import threading
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa


class Step:
    """What the worker needs of an operator."""

    def __init__(self, function):
        self.function = function

    def execute(self, inputs, params, context):
        return [("out", "any", self.function(inputs, params, context))]


calls = 0


def _frame(inputs):
    return inputs["data"].to_pandas(split_blocks=True)


@Step
def echo(inputs, params, context):
    return {"inputs": inputs, "params": params, "seed": context.seed, "operator": context.operator_id}


@Step
def draw(inputs, params, context):
    """Whatever in the process could make a result differ."""
    options = pd.get_option("mode.copy_on_write"), pd.get_option("display.precision")
    with warnings.catch_warnings(record=True) as caught:
        warnings.warn("one", UserWarning, stacklevel=1)
    with np.errstate():
        zero = repr(np.float64(1) / 3)
    return {
        "random": random.random(),
        "numpy": np.random.random_sample(3).tolist(),
        "shuffled": random.sample(range(100), 5),
        "environ": hashlib.sha256(repr(sorted(os.environ.items())).encode()).hexdigest(),
        "cwd": os.getcwd(),
        "path": sys.path[1:],
        "options": repr(options),
        "warned": len(caught),
        "zero": zero,
        "errors": np.geterr(),
        "mean": pd.Series([1.0, 2.0]).mean(),
        "table": None if "data" not in inputs else _frame(inputs)["x"].sum().item(),
        "hash": hash("a string"),
        "umask": os.umask(os.umask(0)),
        "calls": calls,
    }


@Step
def count(inputs, params, context):
    global calls
    calls += 1
    return calls


@Step
def seeds(inputs, params, context):
    random.seed(99)
    np.random.seed(99)
    np.random.random_sample(1000)


@Step
def spoil_generator(inputs, params, context):
    np.random.set_state(np.random.RandomState(3).get_state())
    random.setstate(random.Random(3).getstate())


@Step
def environment(inputs, params, context):
    os.environ["MESS"] = "1"
    os.environ.pop("PATH", None)
    os.chdir("/")
    os.umask(0)


@Step
def import_path(inputs, params, context):
    sys.path.insert(0, "/nowhere")
    sys.path.append("/elsewhere")
    sys.modules["json"].mess = 1
    del sys.modules["json"].mess


@Step
def options(inputs, params, context):
    pd.set_option("display.precision", 2)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    np.set_printoptions(precision=1)


@Step
def edit_input(inputs, params, context):
    frame = _frame(inputs)
    frame["x"] = 0
    frame.iloc[0, 0] = 12345
    try:
        values = inputs["data"].column("x").chunk(0).to_numpy()
        values.flags.writeable = True
        values[:] = 0
    except ValueError:
        return "refused"


@Step
def patch_library(inputs, params, context):
    pd.Series.mean = lambda self, *args, **kwargs: 42.0
    np.random.random_sample = lambda *args: np.zeros(3)


@Step
def patch_builtin(inputs, params, context):
    import builtins

    builtins.len = lambda value: 0


@Step
def patch_module(inputs, params, context):
    sys.modules["random"] = type(sys)("random")


@Step
def thread(inputs, params, context):
    threading.Thread(target=threading.Event().wait, daemon=True).start()


@Step
def streams(inputs, params, context):
    print("mine", end="")
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    os.close(2)


@Step
def signals(inputs, params, context):
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.alarm(1)


class Mine:
    """A class that only this folder's code has."""

    def __init__(self, value):
        self.value = value

    def predict(self, frame):
        return [self.value] * len(frame)


@Step
def make_mine(inputs, params, context):
    return Mine(5)


@Step
def use_model(inputs, params, context):
    return inputs["model"].predict([1, 2])


@Step
def make_table(inputs, params, context):
    return pa.table({"x": pa.chunked_array([[1, 2], [3]]), "名": ["a", None, "c"]})


@Step
def not_finite(inputs, params, context):
    return {"nan": float("nan"), "inf": [np.float64("inf")], "array": np.array([1.0, np.nan]), "n": np.int64(3)}


@Step
def report(inputs, params, context):
    context.progress(0.5, "half")
    context.metric("loss", 0.25, 3)
    context.note("a note")
    return None


@Step
def threads(inputs, params, context):
    from threadpoolctl import threadpool_info

    return {"pools": [pool["num_threads"] for pool in threadpool_info()], "arrow": pa.cpu_count()}


@Step
def descriptors(inputs, params, context):
    return sorted(int(name) for name in os.listdir("/proc/self/fd"))


@Step
def library_work(inputs, params, context):
    """What a decent operator does to the libraries: fits, copies, pickles, plots nothing."""
    import copy
    import pickle

    from sklearn.base import clone
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [1.0, 0, 1, 0], "c": list("xyxy")})
    label = [0, 1, 0, 1]
    models = (LogisticRegression(), RandomForestClassifier(3), GradientBoostingClassifier(), LinearRegression())
    for model in models:
        fitted = clone(model).fit(frame[["a", "b"]], label)
        copy.deepcopy(pickle.loads(pickle.dumps(fitted))).predict(frame[["a", "b"]])
    for step in (StandardScaler(), OneHotEncoder()):
        columns = ["a", "b"] if isinstance(step, StandardScaler) else ["c"]
        pickle.loads(pickle.dumps(step.fit(frame[columns]))).transform(frame[columns])
    frame.groupby("c").agg({"a": ["mean", "std"]}).reset_index()
    frame.merge(frame, on="c").pivot_table(index="c", values="a_x").to_csv()
    pd.to_datetime(pd.Series(["2020-01-01"])).dt.year.describe()
    return None
