"""Requests that waited together are answered together: one table, one call of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError
from suanzi.serving.frames import Frame
from suanzi.serving.model import ServedModel

if TYPE_CHECKING:
    import pandas as pd

MAX_BATCH_ROWS = 20_000
CELL_BYTES = 8


@dataclass
class Request:
    """Rows of one request."""

    number: int
    rows: int
    kinds: str
    """A letter for each column: `f`, `i`, `b` in the frame's bytes, 8 bytes a cell; `s`, `o` in its header."""
    texts: list[list[Any]]
    """Columns that aren't numbers, in order."""
    cells: memoryview

    @classmethod
    def of(cls, frame: Frame) -> Request:
        header, cells = frame
        return cls(header["id"], header["rows"], header["kinds"], header["texts"], cells)


def answers(model: ServedModel, requests: Sequence[Request]) -> list[dict[str, Any]]:
    """An answer for each: `columns` by name, or `error`. One that the model refuses spoils no other."""
    done: list[dict[str, Any]] = []
    for batch in batches(requests):
        try:
            columns = model.answer(table(model.names, batch))
        except OperatorError as error:
            if len(batch) > 1:
                done.extend(answer for request in batch for answer in answers(model, [request]))
            else:
                said = {"message": error.message, "hint": error.hint}
                done.append({"id": batch[0].number, "error": said})
            continue
        start = 0
        for request in batch:
            end = start + request.rows
            part = {name: values[start:end] for name, values in columns.items()}
            done.append({"id": request.number, "columns": part})
            start = end
    return done


def batches(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """Those whose columns are of the same kinds, so that none changes how another's values are read."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        groups.setdefault(request.kinds, []).append(request)
    for group in groups.values():
        batch: list[Request] = []
        rows = 0
        for request in group:
            if batch and rows + request.rows > MAX_BATCH_ROWS:
                yield batch
                batch, rows = [], 0
            batch.append(request)
            rows += request.rows
        yield batch


def table(names: Sequence[str], batch: Sequence[Request]) -> pd.DataFrame:
    """The rows of all, one after another."""
    import numpy as np
    import pandas as pd

    kinds = batch[0].kinds
    if set(kinds) == {"f"}:
        parts = [np.frombuffer(request.cells, "<f8").reshape(len(names), request.rows) for request in batch]
        # A copy: some estimators refuse memory that can't be written.
        return pd.DataFrame(np.concatenate(parts, axis=1).T, columns=list(names))
    columns: dict[int, Any] = {}
    numbers, texts = 0, 0
    for at, kind in enumerate(kinds):
        if kind in "so":
            values = [value for request in batch for value in request.texts[texts]]
            columns[at] = pd.Series(values, dtype=object) if kind == "o" else pd.Series(values, dtype="str")
            texts += 1
            continue
        dtype = "<f8" if kind == "f" else "<i8"
        size = CELL_BYTES
        found = np.concatenate(
            [np.frombuffer(request.cells, dtype, request.rows, numbers * request.rows * size) for request in batch]
        )
        columns[at] = found.astype(bool) if kind == "b" else found
        numbers += 1
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(list(names))
    return frame
