"""`optimal_binning`: bins of the largest information value, found by constraint programming."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.feature.woe import Binning, count_bins, weights
from suanzi.operators.feature.woe_binning import Binned, binnable, binned_table
from suanzi.operators.train.parameters import Label, PositiveLabel
from suanzi.sdk import Columns, OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import is_numeric
from suanzi.sdk.extras import require_extra

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SOLVER_SECONDS = 100
"""The solver's time for one feature; it gives the best found till then."""


@operator(
    name_en="Optimal Binning",
    name_zh="最优分箱",
    category="feature",
    doc_en="Cuts each feature into the bins with the largest information value under the constraints (optbinning's "
    "OptimalBinning) and replaces it by the bin's weight of evidence. Outputs as of woe_binning. Needs the extra "
    "'binning'.",
    doc_zh="在约束下求信息值最大的分箱（optbinning 的 OptimalBinning），并以该箱的证据权重替换特征。"
    "输出与 WOE 分箱相同。需要附加包 optbinning。",
    requires={"optbinning": "optbinning"},
)
def optimal_binning(
    data: Table,
    *,
    columns: Annotated[
        Columns | None,
        Param(
            label_en="Columns",
            label_zh="列",
            help_en="Numbers or texts; empty: all but the label.",
            help_zh="数值或文本列；留空表示除标签外的全部列。",
        ),
    ] = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    max_bins: Annotated[
        int,
        Param(ge=2, le=50, label_en="Bins", label_zh="最多箱数", help_en="At most, per feature.", help_zh="每个特征。"),
    ] = 6,
    min_share: Annotated[
        float,
        Param(
            gt=0,
            le=0.5,
            label_en="Smallest bin",
            label_zh="最小箱占比",
            help_en="As a share of all rows.",
            help_zh="占总行数的比例。",
        ),
    ] = 0.05,
    trend: Annotated[
        Literal["auto_asc_desc", "ascending", "descending", "peak", "valley"] | None,
        Param(
            label_en="Trend",
            label_zh="趋势",
            help_en="Of the risk from bin to bin (numeric features); empty: any.",
            help_zh="数值特征各箱风险的变化趋势；留空不限。",
        ),
    ] = "auto_asc_desc",
    keep_columns: Annotated[
        bool,
        Param(
            label_en="Keep the columns",
            label_zh="保留原列",
            help_en="Weights go to `column_woe` beside them.",
            help_zh="权重写入 column_woe，与原列并存。",
        ),
    ] = False,
) -> Binned:
    library = require_extra("optbinning", "optbinning", "this operator")
    names, positive = binnable(data, columns, y_col, pre_value)
    options: dict[str, Any] = {"max_n_bins": max_bins, "min_bin_size": min_share, "time_limit": SOLVER_SECONDS}
    binnings = [_binning(library, data[name], positive, options, trend) for name in names]
    return binned_table(data, names, binnings, keep_columns=keep_columns)


def _binning(
    library: Any, column: pd.Series, positive: np.ndarray, options: dict[str, Any], trend: str | None
) -> Binning:
    import numpy as np

    numeric = is_numeric(column)
    present = column.notna().to_numpy()
    made = Binning(str(column.name), numeric, [], [] if numeric else [list(column[present].unique())], [], [], 0.0)
    if not numeric and not present.any():
        made.groups = []
    if present.any() and column[present].nunique() > 1 and len(np.unique(positive[present])) == 2:
        kind = "numerical" if numeric else "categorical"
        solver = library.OptimalBinning(
            name=str(column.name), dtype=kind, monotonic_trend=trend if numeric else None, **options
        )
        values = column[present].to_numpy(dtype="float64" if numeric else object)
        try:
            solver.fit(values, positive[present].astype("int64"))
        except (ValueError, TypeError) as error:
            raise OperatorError(
                f"column '{column.name}' can't be binned: {error}", "leave it out of columns, or use woe_binning"
            ) from error
        if solver.status not in ("OPTIMAL", "FEASIBLE"):
            current().note(f"column '{column.name}': the solver says {solver.status}; it stays one bin")
        elif numeric:
            # The solver's bins hold their lower bound, ours the upper.
            made.cuts = [float(np.nextafter(cut, -np.inf)) for cut in solver.splits]
        else:
            made.groups = [list(group) for group in solver.splits]
    made.counts = count_bins(made, column, positive)
    made.woe, made.iv = weights(made.counts)
    return made
