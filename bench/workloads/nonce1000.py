"""noop1000 by an operator whose name is drawn anew, and which gives back a value that nobody could know before.

All 1,000 values are read back from SQL: no figure can come from work that wasn't done.
"""

import secrets
from collections.abc import Callable

from harness import dags
from harness.bench import Bench, Sides
from harness.figures import Figure
from harness.program import FailedError

COUNT = 1000
FIGURES = [Figure("a task, against noop1000's", "us", "suanzi", "noop", 1.1)]
SOURCE = '''"""Written by the benchmark."""

from suanzi.sdk import AnyValue, operator


@operator(deterministic=False)
def {name}(*inputs: object, nonce: str = "") -> AnyValue:
    """Gives back what it was given."""
    return nonce
'''


def sides(bench: Bench) -> Sides:
    server = bench.server()
    noop = dags.independent("noop1000", "bench_noop", COUNT, "bench_noop")
    return {
        "suanzi": _nonces(bench),
        "noop": lambda: server.run(noop, COUNT + 1, operator_dirs=bench.dirs)[0] / (COUNT + 1) * 1e6,
    }


def _nonces(bench: Bench) -> Callable[[], float]:
    server = bench.server()
    name = f"op_{secrets.token_hex(8)}"
    folder = bench.fresh(f"nonce-{name}")
    (folder / f"{name}_file.py").write_text(SOURCE.format(name=name))

    def once() -> float:
        nonces = [secrets.token_hex(8) for _ in range(COUNT)]
        params = [{"nonce": nonce} for nonce in nonces]
        text = dags.independent("nonce1000", name, COUNT, name, params)
        took, key = server.run(text, COUNT + 1, operator_dirs=[str(folder)])
        found = bench.program.values(key)
        if [found.get(f"t{number}") for number in range(COUNT)] != nonces:
            raise FailedError("the database doesn't hold the values that were asked for")
        return took / (COUNT + 1) * 1e6

    return once
