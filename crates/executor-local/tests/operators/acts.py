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


@Act
def exit_by_exception(inputs, params, context):
    raise SystemExit(0)


@Act
def segfault(inputs, params, context):
    import ctypes

    ctypes.string_at(8)


@Act
def close_all(inputs, params, context):
    os.closerange(0, 4096)
    time.sleep(params.get("seconds", 0))


@Act
def close_output(inputs, params, context):
    os.close(1)
    os.close(2)


@Act
def garbage_on_control(inputs, params, context):
    os.write(500, b"\xff" * 64)
    time.sleep(600)


@Act
def hold_memory(inputs, params, context):
    blocks = []
    for _ in range(params["mib"]):
        blocks.append(bytearray(os.urandom(1024)) * 1024)
        time.sleep(0.0005)
    time.sleep(5)


@Act
def one_huge_block(inputs, params, context):
    return len(bytearray(params["mib"] << 20))


@Act
def flood(inputs, params, context):
    block = b"x" * (1 << 20)
    for _ in range(params["mib"]):
        os.write(1, block)
    time.sleep(30)


@Act
def leave_children(inputs, params, context):
    import subprocess

    mark = f"SUANZI_MARK={params['mark']}"
    subprocess.Popen(["env", mark, "sleep", "600"])
    subprocess.Popen(["env", mark, "sleep", "600"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("env", ["env", mark, "sleep", "600"])
        os._exit(0)
    print("left", flush=True)
    time.sleep(params["seconds"])
    if params.get("exit"):
        os._exit(3)


@Act
def fork_bomb(inputs, params, context):
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


@Act
def kill_zygote(inputs, params, context):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)


@Act
def whoami(inputs, params, context):
    return {"pid": os.getpid(), "zygote": os.getppid(), "environ": sorted(os.environ)}


@Act
def libraries(inputs, params, context):
    import sys

    had = "sklearn" in sys.modules
    if params.get("import"):
        import sklearn  # noqa: F401
    return {"pid": os.getpid(), "zygote": os.getppid(), "sklearn": had}


@Act
def nonce(inputs, params, context):
    import ctypes
    import sys

    text = params["nonce"]
    print(text, end="")
    sys.stdout.flush()
    os.write(1, text.encode())
    libc = ctypes.CDLL(None)
    libc.printf(b"%s", text.encode())


@Act
def bad_type(inputs, params, context):
    import threading

    return threading.Lock()


@Act
def two_outputs(inputs, params, context):
    return 1
