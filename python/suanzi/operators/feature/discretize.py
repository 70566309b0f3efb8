"""`discretize`: numbers into numbered bins."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Literal

from suanzi.operators.feature.scaling import Excluded, NumericColumns, Transformed, chosen_columns
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import FittedTransform, OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import require_finite, require_numeric, with_columns

if TYPE_CHECKING:
    import pandas as pd


@operator(
    name_en="Discretize",
    name_zh="特征离散",
    category="feature",
    doc_en="Replaces numbers by the number of their bin, from 0 (scikit-learn's KBinsDiscretizer).",
    doc_zh="将数值替换为所在分箱的编号，从 0 开始（KBinsDiscretizer）。",
    random=True,
)
def discretize(
    data: Table,
    *,
    columns: NumericColumns = None,
    exclude: Excluded = None,
    n_bins: Annotated[
        int,
        Param(ge=2, le=1000, label_en="Bins", label_zh="箱数", help_en="Bins per column.", help_zh="每列的分箱数。"),
    ] = 5,
    strategy: Annotated[
        Literal["quantile", "uniform", "kmeans"],
        Param(
            label_en="Way",
            label_zh="分箱方式",
            help_en="Bins of equal counts, of equal width, or around centres.",
            help_zh="等频、等宽或聚类分箱。",
        ),
    ] = "quantile",
    random_state: RandomState = None,
) -> Transformed:
    from sklearn.preprocessing import KBinsDiscretizer

    names = chosen_columns(data, columns, exclude)
    require_finite(data, names)
    binner = KBinsDiscretizer(
        n_bins=n_bins,
        encode="ordinal",
        strategy=strategy,
        quantile_method="averaged_inverted_cdf",
        subsample=None,
        random_state=random_state,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            binner.fit(data[names].to_numpy(dtype="float64"))
        except ValueError as error:
            raise OperatorError(f"discretize refuses the data: {error}", "use fewer bins") from error
    for warning in caught:
        current().note(str(warning.message).splitlines()[0])
    step = FittedTransform("discretize", binner, names, names, _apply)
    return Transformed(step.transform(data), step)


def _apply(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    require_numeric(frame, step.columns)
    if len(frame) == 0:
        return frame.astype(dict.fromkeys(step.columns, "int64"))
    require_finite(frame, step.columns)
    bins = step.step.transform(frame[step.columns].to_numpy(dtype="float64")).astype("int64")
    return with_columns(frame, {name: bins[:, position] for position, name in enumerate(step.columns)})
