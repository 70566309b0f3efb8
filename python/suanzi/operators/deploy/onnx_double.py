"""Histogram-boosted trees as ONNX in double precision.

The converter rounds their thresholds to single precision, which sends values between the two to the other side. Here
the thresholds are those of the estimator, and rows come in double precision.
"""

from __future__ import annotations

from typing import Any

FIRST_OPSET_WITH_DOUBLES = 3


def boosted_double(estimator: Any) -> bytes | None:
    """The model with one input `input` (double, rows × columns); `None` for any other estimator, and where the
    converter's trees aren't in the order of the estimator's."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    from suanzi.sdk.extras import require_extra

    if type(estimator) not in (HistGradientBoostingClassifier, HistGradientBoostingRegressor):
        return None
    skl2onnx = require_extra("skl2onnx", "skl2onnx", "exporting to ONNX")
    from onnx import TensorProto, helper, numpy_helper
    from skl2onnx.common.data_types import DoubleTensorType

    options = {"zipmap": False} if hasattr(estimator, "predict_proba") else None
    try:
        made = skl2onnx.to_onnx(
            estimator, initial_types=[("input", DoubleTensorType([None, estimator.n_features_in_]))], options=options
        )
    except Exception:
        # Told by the form in single precision, which is tried next.
        return None
    nodes = [node for node in made.graph.node if node.op_type.startswith("TreeEnsemble")]
    trees = [tree.nodes for stage in getattr(estimator, "_predictors", []) for tree in stage]
    if len(nodes) != 1 or any(tree["is_categorical"].any() for tree in trees):
        return None
    (node,) = nodes
    exact = np.concatenate([np.where(tree["is_leaf"], 0.0, tree["num_threshold"]) for tree in trees])
    kept = []
    for entry in node.attribute:
        if entry.name == "nodes_values":
            if not np.array_equal(np.asarray(entry.floats, "float32"), exact.astype("float32")):
                return None
            values = exact
        elif entry.name in ("class_weights", "target_weights", "base_values"):
            values = np.asarray(entry.floats, "float64")
        else:
            kept.append(entry)
            continue
        name = f"{entry.name}_as_tensor"
        kept.append(helper.make_attribute(name, numpy_helper.from_array(values.astype("float64"), name=name)))
    kept = [type(entry).FromString(entry.SerializeToString()) for entry in kept]
    del node.attribute[:]
    node.attribute.extend(kept)
    # Whatever they compute in, trees give single precision.
    for output in made.graph.output:
        if output.name in node.output and output.type.tensor_type.elem_type == TensorProto.DOUBLE:
            output.type.tensor_type.elem_type = TensorProto.FLOAT
    for used in made.opset_import:
        if used.domain == "ai.onnx.ml":
            used.version = max(used.version, FIRST_OPSET_WITH_DOUBLES)
    content: bytes = made.SerializeToString()
    return content
