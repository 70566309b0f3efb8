"""The process that holds a served model: what it answers, alone and over its socket."""

from __future__ import annotations

import hashlib
import json
import pickle
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from suanzi.operators.deploy.prepared import together
from suanzi.operators.predict.scoring import score
from suanzi.sdk import FittedTransform, OperatorError, TrainedModel
from suanzi.serving.batches import Request, answers
from suanzi.serving.model import ServedModel


def trained(estimator: Any | None = None) -> TrainedModel:
    rows = pd.DataFrame({"a": range(40), "b": [n * 0.5 for n in range(40)]})
    fitted = (estimator or LogisticRegression()).fit(rows, [int(n % 3 == 0) for n in range(40)])
    return TrainedModel(fitted, ["a", "b"], "binary", "y", 1, column_types={"a": "int64", "b": "float64"})


def lengthen(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(a=frame["word"].str.len(), b=frame["more"].astype("float64"))


def request(number: int, kinds: str, *columns: list[Any]) -> Request:
    cells, texts = b"", []
    for kind, values in zip(kinds, columns, strict=True):
        if kind in "so":
            texts.append(values)
        else:
            cells += np.asarray(values, "<f8" if kind == "f" else "<i8").tobytes()
    return Request(number, len(columns[0]), kinds, texts, memoryview(cells))


def test_answers_are_those_of_predict_whatever_waits_together() -> None:
    model = ServedModel(trained(), {})
    asked = [request(n, "if", [n, n + 1], [0.25 * n, 1.5]) for n in range(5)]
    together_ = answers(model, asked)
    assert [answer["id"] for answer in together_] == list(range(5))
    for n, answer in enumerate(together_):
        rows = pd.DataFrame({"a": [n, n + 1], "b": [0.25 * n, 1.5]})
        scored = score(model.model, rows)
        for name in ("predict_result", "predict_score"):
            assert answer["columns"][name] == scored[name].tolist()
        assert answers(model, [asked[n]]) == [answer]


def test_a_refused_request_spoils_no_other() -> None:
    model = ServedModel(trained(), {})
    good, bad = request(1, "ff", [1.0], [2.0]), request(2, "ff", [float("nan")], [2.0])
    found = {answer["id"]: answer for answer in answers(model, [good, bad, request(3, "ff", [1.0], [2.0])])}
    assert "missing values" in found[2]["error"]["message"] and found[2]["error"]["hint"]
    assert found[1]["columns"] == found[3]["columns"] == answers(model, [good])[0]["columns"]


def test_a_pipeline_takes_texts_and_says_what_it_needs() -> None:
    step = FittedTransform("lengthen", None, ["word", "more"], ["a", "b"], lengthen)
    model = ServedModel(together([step], trained()), {"more": "bool"})
    about = model.describe()
    assert about["columns"] == [{"name": "word", "type": None}, {"name": "more", "type": "bool"}]
    assert about["takes_missing"] is True
    (answer,) = answers(model, [request(7, "sb", ["one", "three"], [True, False])])
    expected = score(trained(), pd.DataFrame({"a": [3, 5], "b": [1.0, 0.0]}))
    assert answer["columns"]["predict_score"] == expected["predict_score"].tolist()


def test_kinds_are_not_mixed_in_a_table() -> None:
    model = ServedModel(trained(DecisionTreeClassifier()), {})
    assert {
        answer["id"] for answer in answers(model, [request(1, "if", [1], [1.0]), request(2, "ff", [1.5], [1.0])])
    } == {1, 2}
    assert model.takes_missing and model.types == {"a": "int64", "b": "float64"}


def test_what_can_not_be_served_says_why() -> None:
    for wrong, said in ((object(), "no predict"), (LogisticRegression(), "which columns")):
        with pytest.raises(OperatorError, match=said):
            ServedModel(wrong, {})


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(trained()))
    return {"name": "m", "path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "types": {}}


def test_a_file_that_is_not_the_registered_one_is_never_unpickled(stored: dict[str, Any]) -> None:
    for change, said in (
        ({"sha256": "0" * 64}, "is not the one that was registered"),
        ({"path": stored["path"] + "x"}, "is gone"),
    ):
        with pytest.raises(OperatorError, match=said):
            ServedModel.load({**stored, **change})
    Path(stored["path"]).write_bytes(b"no pickle")
    digest = hashlib.sha256(b"no pickle").hexdigest()
    with pytest.raises(OperatorError, match="can't be read"):
        ServedModel.load({**stored, "sha256": digest})


def send(link: socket.socket, header: dict[str, Any], cells: bytes = b"") -> None:
    text = json.dumps(header).encode()
    link.sendall(struct.pack("<II", 4 + len(text) + len(cells), len(text)) + text + cells)


def receive(link: socket.socket) -> dict[str, Any]:
    def exactly(count: int) -> bytes:
        found = b""
        while len(found) < count:
            piece = link.recv(count - len(found))
            assert piece, "the process closed its socket"
            found += piece
        return found

    length, text = struct.unpack("<II", exactly(8))
    return json.loads(exactly(length - 4)[:text])


def begun(order: dict[str, Any]) -> tuple[subprocess.Popen[bytes], socket.socket, dict[str, Any]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    process = subprocess.Popen([sys.executable, "-m", "suanzi.serving"], stdin=theirs)
    theirs.close()
    send(ours, order)
    return process, ours, receive(ours)


def test_the_process_answers_until_its_socket_closes(stored: dict[str, Any]) -> None:
    process, link, first = begun(stored)
    assert [output["name"] for output in first["ready"]["outputs"]] == ["predict_result", "predict_score"]
    cells = np.array([1.0, 2.0, 0.5, 1.0]).tobytes()
    # In pieces, and two at once.
    send(link, {"id": 1, "rows": 2, "kinds": "ff", "texts": []}, cells)
    send(link, {"id": 2, "rows": 2, "kinds": "ff", "texts": []}, cells)
    found = {header["id"]: header["columns"] for header in (receive(link), receive(link))}
    assert found[1] == found[2] and len(found[1]["predict_score"]) == 2
    link.close()
    assert process.wait(60) == 0


def test_a_model_that_can_not_be_loaded_is_said_and_ends_the_process(stored: dict[str, Any]) -> None:
    process, _link, first = begun({**stored, "sha256": "0" * 64})
    assert "not the one that was registered" in first["error"]["message"]
    assert process.wait(60) == 1
