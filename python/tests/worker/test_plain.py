"""Files of operators that stay imported: which may, and that no task's doings stay with them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suanzi.worker.plain import is_plain

if TYPE_CHECKING:
    from conftest import Engine, Worker

FOLDER = str(Path(__file__).with_name("plain_steps"))
MESSES = ("global", "added", "removed", "class", "method", "function", "code", "operator", "helper")
DEFINES = '''
"""A file as most are."""
from __future__ import annotations
import time
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, TYPE_CHECKING
import suanzi.sdk as sz
from suanzi.sdk import Param, Port, Table, operator
if TYPE_CHECKING:
    from collections.abc import Sequence
LIMIT = 2**16
KINDS = ("a", -1, LIMIT)
class Parts(NamedTuple):
    train: Annotated[Table, Port("train")]
    test: Table
@dataclass(frozen=True)
class About:
    name: str = ""
    @property
    def long(self) -> str:
        return self.name * 2
@operator(category="other", requires={"x": "y"})
def split(data: Table, *, share: Annotated[float, Param(gt=0)] = 0.2, how: Literal["a"] | None = None) -> Parts:
    began = time.time()
    seen = []
    return Parts(data, data)
@sz.operator
def same(data: Table, *more: Table, times: int = LIMIT) -> Table:
    return data
if __name__ == "__main__":
    print(same)
'''
COMPUTES = (
    "seen = []",
    "seen = {}",
    "seen = LIMIT * [1]",
    "import time\nbegan = time.time()",
    "import os\nhome = os.environ['HOME']",
    "import random\nrandom.seed(1)",
    "print(1)",
    "def f(x=[]): ...",
    "def f(x=g()): ...",
    "import functools\n@functools.lru_cache\ndef f(): ...",
    "@anything\ndef f(): ...",
    "class A(metaclass=M): ...",
    "class A:\n    seen = []",
    "for x in y: ...",
    "try:\n    import x\nexcept ImportError:\n    x = None",
    "from x import *",
    "x.y = 1",
    "x += 1",
    "x: int = f()",
    "def f(x: g()): ...",
    "x = f'{y}'",
    "lambda: 0",
    "x = y = []",
)


def task(worker: Worker, step: str, params: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return worker.run(step, params, module="plain_steps", dir=FOLDER, **changes)


def value(worker: Worker, step: str, params: dict[str, Any] | None = None) -> Any:
    outputs = [{"name": "any", "type": "any"}]
    return worker.value(step, params, module="plain_steps", dir=FOLDER, outputs=outputs)


def test_a_file_that_only_defines_is_plain() -> None:
    assert is_plain(ast.parse(DEFINES))


@pytest.mark.parametrize("source", COMPUTES)
def test_a_file_that_computes_is_not(source: str) -> None:
    assert not is_plain(ast.parse(source))


def test_a_plain_file_is_imported_once(worker: Worker) -> None:
    assert value(worker, "identity") == value(worker, "identity")


@pytest.mark.parametrize("how", MESSES)
def test_what_a_task_changed_is_imported_anew(engine: Engine, worker: Worker, how: str) -> None:
    fresh = value(engine.fork(), "values")
    for _ in range(2):
        assert task(worker, "mess", {"how": how}, outputs=[{"name": "any", "type": "any"}])["t"] == "result"
        assert value(worker, "values") == fresh


@pytest.mark.parametrize(("how", "kept"), [("put back", True), ("fails", False)])
def test_a_file_stays_if_it_is_as_it_was_and_its_task_did_not_fail(worker: Worker, how: str, kept: bool) -> None:
    first = value(worker, "identity")
    frame = task(worker, "mess", {"how": how}, outputs=[{"name": "any", "type": "any"}])
    assert frame["t"] == ("result" if kept else "failed")
    assert (value(worker, "identity") == first) is kept


def test_what_is_imported_late_starts_anew(worker: Worker) -> None:
    assert [value(worker, "late") for _ in range(3)] == [1, 1, 1]


def test_files_of_another_folder_are_not_seen(worker: Worker, tmp_path: Path) -> None:
    value(worker, "values")
    source = "from suanzi.sdk import AnyValue, operator\n@operator\ndef values() -> AnyValue:\n    return 'other'\n"
    (tmp_path / "plain_steps.py").write_text(source)
    outputs = [{"name": "any", "type": "any"}]
    assert worker.value("values", module="plain_steps", dir=str(tmp_path), outputs=outputs) == "other"
    assert value(worker, "values")["helper"] == 0
