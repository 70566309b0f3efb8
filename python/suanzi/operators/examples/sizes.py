"""Tries each standard operator on a wide and on a long table. `python -m suanzi.operators.examples.sizes --help`.

Each is run in a process of its own, forked from this one, which may take so much memory and CPU time: it answers, or it
refuses in words. What does neither in that time is tried on two smaller tables, which tell how its time grows.
"""

from __future__ import annotations

import argparse
import atexit
import functools
import importlib.util
import json
import math
import os
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suanzi.operators.examples.dag import params_of
from suanzi.operators.examples.params import NEED_FILES
from suanzi.operators.examples.running import inputs_of
from suanzi.sdk import Context, OperatorError, discovery
from suanzi.sdk.odd_tables import WIDE_COLUMNS, generic
from suanzi.sdk.operator import Operator

if TYPE_CHECKING:
    import pyarrow as pa

WIDE, LONG = "wide", "long"
LONG_ROWS = 5_000_000
SECONDS = 60
"""CPU time in which an operator should answer or refuse."""
MEMORY = 8 << 30
SMALLER = (25_000, 100_000, 400_000, 1_600_000)
NARROWER = (625, 1_250, 2_500)
"""Rows, or columns, of the tables on which those are tried that take longer, until one takes `TELLING` seconds."""
TELLING = 2.0
GROWS = 1.25
"""Where the time grows with a higher power of the rows than this, it is no matter of waiting: it must refuse."""
LONGEST, SOON = 6 * 3600, 1800
"""Seconds beyond which nobody waits; and in which an operator may end however its time grows."""
ANSWERS, REFUSES, LONG_RUN = "answers", "refuses", "takes long"
GOOD = (ANSWERS, REFUSES, LONG_RUN)
UNTRIED = "not tried yet"
SLOW, MEMORY_OUT, CRASH, GENERIC = "too slow", "out of memory", "crash", "generic message"
NOT_INSTALLED = "not installed"


@dataclass
class Outcome:
    """What became of an operator on a size of table; `said` is its message, or what is to be said of its time."""

    algo_name: str
    size: str
    outcome: str
    seconds: float = 0.0
    said: str = ""

    @property
    def good(self) -> bool:
        """It keeps what is promised of every operator."""
        return self.outcome in GOOD or self.outcome == NOT_INSTALLED


@functools.cache
def shipped() -> Mapping[str, Operator[Any, Any]]:
    """Every standard operator by its name."""
    return discovery.of_package("suanzi.operators").operators


def takers() -> list[str]:
    """Those with an input for a table."""
    return sorted(
        name for name, op in shipped().items() if any(spec.port_type in ("data", "any") for spec in op.inputs)
    )


def outcome(name: str, size: str, seconds: int = SECONDS) -> Outcome:
    """Runs the operator on a table of this size, with limits."""
    op = shipped()[name]
    if any(importlib.util.find_spec(module) is None for module in op.requires):
        return Outcome(name, size, NOT_INSTALLED)
    whole, parts, what = (LONG_ROWS, SMALLER, "rows") if size == LONG else (WIDE_COLUMNS, NARROWER, "columns")
    found = _limited(name, size, whole, seconds)
    if found.outcome != SLOW:
        return found
    answered: list[tuple[int, float]] = []
    for few in parts:
        one = _limited(name, size, few, seconds)
        if one.outcome not in (ANSWERS, SLOW) or (one.outcome == SLOW and len(answered) < 2):
            found.said = f"on {few:,} {what}: {one.outcome} {one.said}".strip()
            return found
        if one.outcome == ANSWERS:
            answered.append((few, max(one.seconds, 0.01)))
        if one.outcome == SLOW or (one.seconds > TELLING and len(answered) > 1):
            break
    (fewer, less), (few, took) = answered[-2:]
    power = math.log(took / less) / math.log(few / fewer)
    expected = took * (whole / few) ** max(power, 1.0)
    found.said = (
        f"not ready in {seconds} s; {took:.1f} s on {few:,} {what}, growing with {what}^{power:.2f}: {_span(expected)}"
    )
    if expected <= SOON or (size == LONG and power <= GROWS and expected <= LONGEST):
        found.outcome = LONG_RUN
    return found


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:,.0f} min" if seconds < 2 * 3600 else f"about {seconds / 3600:,.0f} h"


def _limited(name: str, size: str, count: int, seconds: int) -> Outcome:
    """In a child: its report, or what its end says."""
    inputs, params = _given(name, size, count)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _child(name, inputs, params, seconds, write)
    os.close(write)
    deadline = time.monotonic() + seconds * 15
    with os.fdopen(read, "rb") as pipe:
        os.set_blocking(pipe.fileno(), False)
        report = b""
        while True:
            part = pipe.read()
            if part == b"":
                break
            if part:
                report += part
            elif time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                break
            else:
                time.sleep(0.005)
    _, status, used = os.wait4(child, 0)
    took = used.ru_utime + used.ru_stime
    if report:
        told = json.loads(report)
        return Outcome(name, size, told["outcome"], took, told["said"])
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGXCPU, signal.SIGKILL):
        ended = signal.Signals(os.WTERMSIG(status)).name
        return Outcome(name, size, MEMORY_OUT if ended == "SIGABRT" else CRASH, took, f"the process ended by {ended}")
    return Outcome(name, size, SLOW, took, f"stopped after {seconds} s")


def _child(name: str, inputs: dict[str, Any], params: dict[str, Any], seconds: int, write: int) -> None:
    """Never returns."""
    said = {"outcome": CRASH, "said": "it ended without a word"}
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        said = _judged(name, inputs, params)
    finally:
        os.write(write, json.dumps(said).encode()[:60_000])
        os._exit(0)


def _judged(name: str, inputs: dict[str, Any], params: dict[str, Any]) -> dict[str, str]:
    warnings.simplefilter("ignore")
    try:
        shipped()[name].execute(inputs, params, Context())
    except OperatorError as error:
        table = next(iter(_tables(inputs)))
        lacks = generic(error.message, error.hint, table, params)
        text = f"{error.message}; {error.hint}"[:2_000]
        return {"outcome": GENERIC, "said": f"{lacks}: {text}"} if lacks else {"outcome": REFUSES, "said": text}
    except MemoryError as error:
        return {"outcome": MEMORY_OUT, "said": str(error)[:300]}
    except Exception as error:
        out = "allocat" in str(error).lower() or "memory" in str(error).lower()
        return {"outcome": MEMORY_OUT if out else CRASH, "said": f"{type(error).__name__}: {error}"[:300]}
    return {"outcome": ANSWERS, "said": ""}


def _tables(inputs: Mapping[str, Any]) -> Iterator[pa.Table]:
    import pyarrow as pa

    for value in inputs.values():
        several: list[Any] = value if isinstance(value, list) else [value]
        yield from (one for one in several if isinstance(one, pa.Table))


def _given(name: str, size: str, count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The example's inputs with their tables in this size, and its parameters."""
    import pyarrow as pa

    op = shipped()[name]
    params = dict(params_of(op))
    if name in NEED_FILES:
        params["path"] = str(_folder() / "table.parquet")
        inputs: dict[str, Any] = {"data": _people(120)}
    else:
        inputs = inputs_of(op, shipped())
    models = any(spec.port_type not in ("data", "any", "estimator") for spec in op.inputs)

    def sized(table: pa.Table) -> pa.Table:
        if size == LONG:
            named = [] if models else _named(params, table)
            return _people(count).select(named or _people(count).column_names)
        return _wide(table, count)

    def each(value: Any) -> Any:
        return sized(value) if isinstance(value, pa.Table) else value

    inputs = {key: [each(one) for one in v] if isinstance(v, list) else each(v) for key, v in inputs.items()}
    if size == WIDE:
        for spec in op.params:
            chosen = params.get(spec.name)
            if spec.kind == "columns" and spec.name in ("x_cols", "columns") and _numeric(chosen, inputs):
                params[spec.name] = [*list(chosen or []), *(f"wide {at}" for at in range(count - 11))]
    return inputs, params


@functools.cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="suanzi-sizes-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@functools.cache
def _people(rows: int) -> pa.Table:
    given = {"name": "people", "rows": rows, "random_state": 0}
    made: pa.Table = shipped()["sample_dataset"].execute({}, given, Context())[0][2]
    return made


def _wide(table: pa.Table, columns: int) -> pa.Table:
    """Its rows with further columns of numbers between 0 and 1, up to so many columns."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(0)
    more = {f"wide {at}": pa.array(rng.random(table.num_rows)) for at in range(columns - table.num_columns)}
    return pa.table({**dict(zip(table.column_names, table.columns, strict=True)), **more})


def _named(params: Mapping[str, Any], table: pa.Table) -> list[str]:
    """The columns that the parameters name, in lists, maps and expressions too."""
    said = json.dumps(params, ensure_ascii=False)
    return [name for name in table.column_names if re.search(rf"\b{re.escape(name)}\b", said)]


def _numeric(chosen: Any, inputs: Mapping[str, Any]) -> bool:
    import pyarrow as pa

    table = next(iter(_tables(inputs)), None)
    if not chosen or table is None:
        return False
    kinds = [table.schema.field(name).type for name in chosen if name in table.column_names]
    return all(pa.types.is_floating(kind) or pa.types.is_integer(kind) for kind in kinds)


def page(outcomes: list[Outcome], seconds: int) -> str:
    """The table of outcomes as Markdown."""
    by_name: dict[str, dict[str, Outcome]] = {name: {} for name in takers()}
    for one in outcomes:
        by_name[one.algo_name][one.size] = one
    counts = {size: [one.outcome for one in outcomes if one.size == size] for size in (WIDE, LONG)}
    untried = {size: len(by_name) - len(found) for size, found in counts.items()}
    told = {
        size: ", ".join(f"{found.count(kind)} {kind}" for kind in sorted(set(found), key=found.index))
        + (f", {untried[size]} {UNTRIED}" if untried[size] else "")
        for size, found in counts.items()
    }
    lines = [
        "# Operators on wide and long tables",
        "",
        "Each standard operator with a table among its inputs ([operators](operators.md)), on its example's table with",
        f"{WIDE_COLUMNS:,} columns, all features where it lets one choose them, and on one of {LONG_ROWS:,} rows with",
        "the columns that its example's parameters name. Each ran in a process of its own, on one core, with",
        f"{MEMORY >> 30} GiB of memory and at most {seconds} s of CPU time. Written by `make sizes`.",
        "",
        "**answers**: with the seconds of CPU time. **refuses**: with what it says, before it takes memory or time.",
        "**takes long**: it was stopped, and smaller tables show that its time grows with the rows, or that half an",
        "hour is enough. The task can be cancelled, as any. The limits of all algorithms:",
        "`python/suanzi/operators/train/limits.py`.",
        "",
        f"Wide: {told[WIDE]}. Long: {told[LONG]}.",
        "",
        "| operator | 5,000 columns | 5,000,000 rows |",
        "|---|---|---|",
    ]
    for name in sorted(by_name):
        lines.append(f"| `{name}` | {_cell(by_name[name].get(WIDE))} | {_cell(by_name[name].get(LONG))} |")
    return "\n".join(lines) + "\n"


def _cell(one: Outcome | None) -> str:
    if one is None:
        return UNTRIED
    if one.outcome == ANSWERS:
        return f"answers, {one.seconds:.1f} s"
    return f"{one.outcome}: {one.said}".replace("|", "\\|").replace("\n", " ").removesuffix(": ")


def main(arguments: list[str] | None = None) -> int:
    """Exit 0: each answered, refused in words, or takes long only because the table is long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=(WIDE, LONG), help="only this one")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="CPU time of each")
    parser.add_argument("--out", type=Path, help="the page to write")
    parser.add_argument("--kept", type=Path, help="a file of outcomes, one a line: those in it aren't tried again")
    parser.add_argument("--render", action="store_true", help="write the page of what is kept, and try nothing")
    parser.add_argument("names", nargs="*", help="only these operators")
    options = parser.parse_args(arguments)
    known: dict[tuple[str, str], Outcome] = {}
    if options.kept and options.kept.exists():
        for line in options.kept.read_text().splitlines():
            one = Outcome(**json.loads(line))
            known[one.algo_name, one.size] = one
    if options.out and options.render:
        options.out.write_text(page([one for key, one in sorted(known.items())], options.seconds))
        return 0
    found: list[Outcome] = []
    for size in [options.size] if options.size else [WIDE, LONG]:
        for name in dict.fromkeys(options.names or takers()):
            one = known.get((name, size)) or outcome(name, size, options.seconds)
            found.append(one)
            if (name, size) in known:
                continue
            if options.kept:
                with options.kept.open("a") as file:
                    file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            print(json.dumps(asdict(one), ensure_ascii=False), flush=True)
    if options.out:
        options.out.write_text(page(found, options.seconds))
    bad = [one for one in found if not one.good]
    for one in bad:
        print(f"{one.algo_name}, {one.size}: {one.outcome}: {one.said}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
