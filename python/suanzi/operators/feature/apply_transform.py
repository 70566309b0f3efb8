"""`apply_transform`: replays a fitted step on other data."""

from __future__ import annotations

from suanzi.sdk import OperatorError, Table, Transform, operator


@operator(
    name_en="Apply Transform",
    name_zh="应用变换",
    category="feature",
    doc_en="Does to this table what a fitted step (standardize, impute, one_hot and so on) did to the table "
    "it was fitted on.",
    doc_zh="将已拟合的变换（标准化、填充、独热编码等）应用到另一张表。",
)
def apply_transform(transform: Transform, data: Table) -> Table:
    if not callable(getattr(transform, "transform", None)):
        raise OperatorError(f"a {type(transform).__name__} is not a fitted transform", "connect a transform output")
    return _as_frame(transform.transform(data), data)


def _as_frame(result: object, data: Table) -> Table:
    """Transformers of other makes may give arrays; their columns get the transformer's names."""
    import numpy as np
    import pandas as pd

    if isinstance(result, pd.DataFrame):
        return result
    values = np.asarray(result.toarray() if hasattr(result, "toarray") else result)
    if values.ndim != 2:
        raise OperatorError("the transform did not give a table", "use a transform whose result has rows and columns")
    if values.shape[1] == data.shape[1]:
        return pd.DataFrame(values, columns=data.columns)
    return pd.DataFrame(values, columns=[f"f{position}" for position in range(values.shape[1])])
