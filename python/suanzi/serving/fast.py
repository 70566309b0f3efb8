"""A served model in ONNX's form, for the server to run itself, with rows and answers that prove both say the same.

The server scores the rows by each candidate, the most exact first, and keeps the first that answers as the model does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from suanzi.operators.deploy.onnx_double import boosted_double
from suanzi.operators.deploy.onnx_file import onnx_bytes
from suanzi.operators.predict.scoring import MAX_SCORE_COLUMNS, SCORE
from suanzi.sdk import OperatorError, TrainedModel, model_manifest
from suanzi.sdk.columns import match_label
from suanzi.sdk.values import plain_json

if TYPE_CHECKING:
    import numpy as np

    from suanzi.serving.model import ServedModel

PROOF_ROWS = 1_000
MAX_FORM_BYTES = 64 << 20
"""A larger model stays in its own process: the server would hold it twice."""
SEED = 7


def fast_form(served: ServedModel) -> tuple[dict[str, Any], bytes]:
    """What the server needs, and the bytes it speaks of: each candidate, then the rows column by column.

    `{"not": reason}` where the model can't be given in this form, or its answers can't be read from it.
    """
    try:
        return _form(served)
    except OperatorError as error:
        return {"not": error.message}, b""
    except Exception as error:
        return {"not": f"{type(error).__name__}: {error}".splitlines()[0]}, b""


def _form(served: ServedModel) -> tuple[dict[str, Any], bytes]:
    import pandas as pd

    model = served.model
    estimator = model.estimator if isinstance(model, TrainedModel) else model
    if getattr(estimator, "takes_raw", False):
        raise OperatorError("steps before the model have no ONNX form")
    if not served.is_numeric:
        raise OperatorError("its columns aren't all numbers")
    reading = _reading(model, estimator)
    forms: list[bytes] = []
    for double in (True, False):
        try:
            forms.append(_bytes(estimator, served.names, double))
        except OperatorError:
            if not double and not forms:
                raise
    rows = proof_rows(forms[0], len(served.names), served.takes_missing)
    table = pd.DataFrame(rows, columns=list(served.names))
    answers = served.answer(table)
    header = {"forms": [len(form) for form in forms], "rows": len(rows), "answers": answers, **reading}
    return header, b"".join([*forms, rows.T.astype("<f8").tobytes()])


def _bytes(estimator: Any, names: list[str], double: bool) -> bytes:
    manifest = model_manifest(estimator)
    exact = boosted_double(estimator) if double else None
    made = exact if exact is not None else onnx_bytes(estimator, names, manifest, double=double)
    if len(made) > MAX_FORM_BYTES:
        raise OperatorError(f"its ONNX form is larger than {MAX_FORM_BYTES >> 20} MiB")
    return made


def _reading(model: Any, estimator: Any) -> dict[str, Any]:
    """How the form's outputs become the columns that scoring adds."""
    task = getattr(model, "task", None)
    if isinstance(model, TrainedModel) and model.labels:
        raise OperatorError("it predicts several columns")
    known = getattr(estimator, "classes_", None)
    if known is None or task in ("regression", "clustering"):
        return {"classes": None, "score": None}
    classes = plain_json(known)
    if not all(type(label) in (int, str) for label in classes):
        raise OperatorError("its labels are neither whole numbers nor texts")
    if not hasattr(estimator, "predict_proba"):
        raise OperatorError("it knows no probabilities")
    if len(classes) == 2:
        positive = model.positive if isinstance(model, TrainedModel) else None
        plain = [label.item() if hasattr(label, "item") else label for label in known]
        label = plain[1] if positive is None else match_label(positive, plain, "label")
        return {"classes": classes, "score": {"of": plain.index(label)}}
    named = [f"{SCORE}_{label}" for label in classes] if len(classes) <= MAX_SCORE_COLUMNS else []
    return {"classes": classes, "score": {"best": named}}


def proof_rows(form: bytes, width: int, takes_missing: bool) -> np.ndarray:
    """Rows on which two forms of a model differ if they differ anywhere: at each tree's thresholds and right beside
    them, between and beyond them, and of every magnitude."""
    import numpy as np

    random = np.random.default_rng(SEED)
    rows = random.standard_normal((PROOF_ROWS, width)) * 10.0 ** random.uniform(-2, 4, (PROOF_ROWS, 1))
    rows[1::2] = np.round(rows[1::2])
    for column, found in _thresholds(form).items():
        edges = np.unique(np.asarray(found, dtype="float64"))
        beside = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)])
        span = max(float(edges[-1] - edges[0]), abs(float(edges[0])), 1.0)
        low, high = float(edges[0]) - 0.1 * span, float(edges[-1]) + 0.1 * span
        half, quarter = PROOF_ROWS // 2, PROOF_ROWS // 4
        rows[:half, column] = random.choice(beside, half)
        rows[half : half + quarter, column] = random.uniform(low, high, quarter)
    if takes_missing:
        rows[random.random(rows.shape) < 0.05] = np.nan
    return rows


def _thresholds(form: bytes) -> dict[int, list[float]]:
    """Of trees that read the table itself, by its columns."""
    import onnx

    found: dict[int, list[float]] = {}
    for node in onnx.load_from_string(form).graph.node:
        if node.op_type.startswith("TreeEnsemble") and list(node.input) == ["input"]:
            for column, value in _comparisons({entry.name: entry for entry in node.attribute}):
                found.setdefault(column, []).append(value)
    return found


def _comparisons(entries: dict[str, Any]) -> Iterator[tuple[int, float]]:
    from onnx import numpy_helper

    exact = entries.get("nodes_values_as_tensor")
    values = entries["nodes_values"].floats if exact is None else numpy_helper.to_array(exact.t)
    for column, value, mode in zip(
        entries["nodes_featureids"].ints, values, entries["nodes_modes"].strings, strict=True
    ):
        if mode != b"LEAF":
            yield int(column), float(value)
