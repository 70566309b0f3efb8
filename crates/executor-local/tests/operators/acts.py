"""Operators for the executor's tests: what operators do, well and badly."""

import os
import signal
import time

import pyarrow as pa


class Act:
    """What the worker needs of an operator: `execute`."""

    def __init__(self, function):
        self.function = function

    def execute(self, inputs, params, context):
        value = self.function(inputs, params, context)
        return [("out", "any", value)]


@Act
def noop(inputs, params, context):
    return params.get("payload")


@Act
def fail(inputs, params, context):
    raise ZeroDivisionError(params["message"])


class OperatorError(Exception):
    def __init__(self, message, hint=None):
        super().__init__(message)
        self.hint = hint


@Act
def refuse(inputs, params, context):
    raise OperatorError(params["message"], hint="choose another column")


@Act
def exit_zero(inputs, params, context):
    os._exit(0)


@Act
def kill_self(inputs, params, context):
    os.kill(os.getpid(), signal.SIGKILL)


@Act
def sleep(inputs, params, context):
    time.sleep(params["seconds"])
    return None


@Act
def stubborn(inputs, params, context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(params["seconds"])


@Act
def print_bytes(inputs, params, context):
    text = params["text"]
    os.write(1, text.encode() * params["times"])
    time.sleep(params["then_seconds"])


@Act
def progress(inputs, params, context):
    for step in range(1, params["steps"] + 1):
        context.progress(step / params["steps"], f"step {step}")
        context.metric("loss", 1.0 / step, step)


@Act
def make_table(inputs, params, context):
    return pa.table({"x": list(range(params["rows"]))})


@Act
def sum_table(inputs, params, context):
    return {"sum": sum(inputs["data"].column("x").to_pylist())}
