"""A scikit-learn estimator as ONNX, and whether the two give the same scores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError, current
from suanzi.sdk.columns import require_columns, require_numeric, require_rows
from suanzi.sdk.extras import require_extra

if TYPE_CHECKING:
    import pandas as pd


def onnx_bytes(estimator: Any, columns: list[str], manifest: dict[str, Any], *, double: bool = False) -> bytes:
    """The model with one input `input` (float or double, rows × columns); the columns' names are in its metadata."""
    skl2onnx = require_extra("skl2onnx", "skl2onnx", "exporting to ONNX")
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    options = {"zipmap": False} if hasattr(estimator, "predict_proba") else None
    try:
        made = skl2onnx.to_onnx(
            estimator,
            initial_types=[("input", (DoubleTensorType if double else FloatTensorType)([None, len(columns)]))],
            options=options,
        )
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise OperatorError(
            f"a {type(estimator).__name__} can't be written as ONNX: {reason}", "choose the format bundle"
        ) from error
    for key, value in (("suanzi.columns", columns), ("suanzi.classes", manifest.get("classes"))):
        entry = made.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value, ensure_ascii=False)
    content: bytes = made.SerializeToString()
    return content


def check_parity(content: bytes, estimator: Any, columns: list[str], data: pd.DataFrame, tolerance: float) -> float:
    """The largest difference between the two on the table's rows; refuses one beyond the tolerance."""
    import numpy as np

    runtime = require_extra("onnxruntime", "onnxruntime", "comparing an ONNX model with the original")
    require_rows(data)
    require_columns(data, columns, "the model was trained with it")
    require_numeric(data, columns, "apply the same encoding as in training: apply_transform")
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answers = session.run(None, {"input": data[columns].to_numpy(dtype="float32")})
    if hasattr(estimator, "predict_proba"):
        difference = float(np.abs(answers[1] - estimator.predict_proba(data[columns])).max())
    elif hasattr(estimator, "classes_"):
        difference = float(np.mean(np.asarray(answers[0]).ravel() != estimator.predict(data[columns])))
    else:
        expected = np.asarray(estimator.predict(data[columns]), dtype="float64").ravel()
        scale = max(1.0, float(np.abs(expected).max()))
        difference = float(np.abs(np.asarray(answers[0]).ravel() - expected).max()) / scale
    current().note(f"{len(data):,} rows scored both ways: largest difference {difference:.3g}")
    if not difference <= tolerance:
        raise OperatorError(
            f"the ONNX model differs from the original by up to {difference:.3g} on {len(data):,} rows "
            f"(tolerance {tolerance:g}): it computes in single precision",
            "standardize the features before training, raise the tolerance, or choose the format bundle",
        )
    return difference
