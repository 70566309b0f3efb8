"""What `make parity` takes for the same: equal objects in other bytes are, another object or another byte isn't."""

from __future__ import annotations

import importlib.util
import io
import json
import pickle
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def parity() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ray_parity", ROOT / "tests/ray/parity.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def found(parity: ModuleType, here: Any, there: Any) -> str:
    one = parity.Found({"local": "success", "ray": "success"}, {"local": here, "ray": there})
    return str(one.verdict())


class Answers:
    """The API, of which only downloads are asked."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def send(self, _method: str, _path: str) -> bytes:
        return self.data


def output(parity: ModuleType, kind: str, data: bytes, run: str = "run-1") -> Any:
    return parity.output(Answers(data), run, f"/runs/{run}/tasks/example/outputs/0", {"port": 0, "type": kind})


def fitted(c: float = 1.0) -> LogisticRegression:
    return LogisticRegression(C=c).fit([[0.0], [1.0], [2.0]], [0, 1, 1])


def archive(model: Any, note: str) -> bytes:
    target, entry = io.BytesIO(), io.BytesIO()
    joblib.dump(model, entry)
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(zipfile.ZipInfo("manifest.json"), note)
        file.writestr(zipfile.ZipInfo("model.joblib"), entry.getvalue())
    return target.getvalue()


def test_objects_count_where_they_are_pickled(parity: ModuleType) -> None:
    one, other = pickle.dumps(fitted(), protocol=4), pickle.dumps(fitted(), protocol=5)
    assert one != other
    same = found(parity, {0: output(parity, "model", one)}, {0: output(parity, "model", other)})
    assert same == "the same objects, in other bytes of a pickle"
    another = output(parity, "model", pickle.dumps(fitted(2.0)))
    assert found(parity, {0: output(parity, "model", one)}, {0: another}) == "DIFFERS: outputs [0]"


def test_an_address_in_memory_is_no_difference(parity: ModuleType) -> None:
    one, other = CountVectorizer().fit(["a word"]), CountVectorizer().fit(["a word"])
    one._stop_words_id, other._stop_words_id = 1, 2
    assert parity.meaning("transform", pickle.dumps(one)) == parity.meaning("transform", pickle.dumps(other))
    other.vocabulary_ = {"word": 1}
    assert parity.meaning("transform", pickle.dumps(one)) != parity.meaning("transform", pickle.dumps(other))


def test_archives_are_looked_into(parity: ModuleType) -> None:
    def meant(model: Any, note: str) -> str:
        return str(parity.meaning("file", archive(model, note)))

    assert meant(fitted(), "a") == meant(fitted(), "a")
    assert len({meant(fitted(), "a"), meant(fitted(), "b"), meant(fitted(2.0), "a")}) == 3


def test_the_runs_own_names_are_no_difference_and_all_else_is(parity: ModuleType) -> None:
    def text(run: str, file: str, label: str) -> dict[int, Any]:
        path = f"/home/artifacts/{run}/{file}-model.pkl"
        return {0: output(parity, "report", json.dumps({"path": path, "label": label}).encode(), run)}

    assert found(parity, text("run-1", "1-1-ab", "x"), text("run-2", "1-2-cd", "x")) == "the same"
    assert found(parity, text("run-1", "1-1-ab", "x"), text("run-2", "1-2-cd", "y")) == "DIFFERS: outputs [0]"


def test_a_missing_output_and_another_state_differ(parity: ModuleType) -> None:
    one = {0: output(parity, "report", b"{}")}
    assert found(parity, one, {}) == "DIFFERS: outputs [0]"
    assert found(parity, {}, one) == "DIFFERS: outputs [0]"
    failed = parity.Found({"local": "success", "ray": "failed"}, {}, {"local": "", "ray": "no module x"})
    assert failed.verdict() == "DIFFERS: success here, failed there: no module x"
