"""`window_features`: figures of the rows before each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from suanzi.operators.preprocess.parameters import OrderColumn
from suanzi.sdk import Columns, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_numeric, with_columns
from suanzi.sdk.names import listed, nearest

if TYPE_CHECKING:
    import pandas as pd

ROLLING = ("mean", "sum", "min", "max", "std", "median", "count")
OTHERS = ("lag", "diff", "pct_change")


@operator(
    name_en="Window Features",
    name_zh="窗口特征生成",
    category="feature",
    doc_en="Adds figures of the rows before each row, within its group: `column_mean_3` over three rows, "
    "`column_lag_1` the row before (pandas rolling and shift). Rows stay where they are.",
    doc_zh="为每行增加组内此前若干行的统计：column_mean_3 为三行均值，column_lag_1 为前一行"
    "（pandas rolling 与 shift）。行的位置不变。",
    role="row_order",
)
def window_features(
    data: Table,
    *,
    columns: Annotated[Columns, Param(label_en="Columns", label_zh="列", help_en="Numeric ones.", help_zh="数值列。")],
    functions: Annotated[
        list[str],
        Param(
            min_items=1,
            label_en="Figures",
            label_zh="统计量",
            help_en=f"Of: {', '.join([*ROLLING, *OTHERS])}.",
            help_zh=f"可选：{'、'.join([*ROLLING, *OTHERS])}。",
        ),
    ] = ["mean"],  # noqa: B006
    windows: Annotated[
        list[int],
        Param(
            min_items=1,
            label_en="Rows",
            label_zh="窗口行数",
            help_en="Lengths of the windows, or how far back.",
            help_zh="窗口长度，或回溯的行数。",
        ),
    ] = [3],  # noqa: B006
    by: Annotated[
        Columns | None,
        Param(label_en="Groups", label_zh="分组列", help_en="Windows stay inside.", help_zh="窗口不跨组。"),
    ] = None,
    order: OrderColumn = None,
    include_current: Annotated[
        bool,
        Param(
            label_en="With the row itself",
            label_zh="包含当前行",
            help_en="Otherwise windows end at the row before: needed where the column is the label.",
            help_zh="否则窗口止于前一行；当该列是标签时必须如此。",
        ),
    ] = True,
    min_rows: Annotated[
        int,
        Param(
            ge=1,
            advanced=True,
            label_en="At least",
            label_zh="最少行数",
            help_en="Fewer values give a missing one.",
            help_zh="不足时结果为缺失。",
        ),
    ] = 1,
) -> Table:
    require_columns(data, [*columns, *(by or []), *([order] if order else [])], "a parameter names it")
    require_numeric(data, columns)
    for function in functions:
        if function not in (*ROLLING, *OTHERS):
            meant = nearest(function, (*ROLLING, *OTHERS))
            raise OperatorError(
                f"'{function}' is no window figure; there are: {listed([*ROLLING, *OTHERS])}",
                f"did you mean '{meant}'?" if meant else "choose some of them",
            )
    if min(windows) < 1:
        raise OperatorError(f"a window of {min(windows)} rows", "give whole numbers from 1")
    ordered = data.reset_index(drop=True)
    ordered = ordered.sort_values(order, kind="stable") if order else ordered
    names = list(dict.fromkeys(columns))
    news = {(n, f, w): f"{n}_{f}_{w}" for n in names for f in functions for w in windows}
    clash = next((new for new in news.values() if new in data.columns), None)
    if clash is not None:
        raise OperatorError(f"the table has a column '{clash}' already", "rename or drop it first")
    keys = [ordered[key] for key in by] if by else None
    # All columns at once: grouping thousands of them one by one takes minutes.
    figures = {
        (function, window): _figures(
            ordered[names].astype("float64"), function, window, keys, include_current, min(min_rows, window)
        ).sort_index()
        for function in functions
        for window in windows
    }
    added = {new: figures[function, window][name] for (name, function, window), new in news.items()}
    return with_columns(data.reset_index(drop=True), added)


def _figures(
    columns: pd.DataFrame,
    function: str,
    window: int,
    keys: list[pd.Series] | None,
    include_current: bool,
    least: int,
) -> pd.DataFrame:
    def grouped(values: pd.DataFrame) -> Any:
        return values.groupby(keys, dropna=False, sort=False) if keys else values

    if function == "lag":
        lagged: pd.DataFrame = grouped(columns).shift(window)
        return lagged
    if function in ("diff", "pct_change"):
        past = grouped(columns).shift(window)
        change = columns - past
        return change if function == "diff" else change / past.where(past != 0)
    values = columns if include_current else grouped(columns).shift(1)
    rolled: pd.DataFrame = getattr(grouped(values).rolling(window, min_periods=least), function)()
    return rolled.droplevel(list(range(rolled.index.nlevels - 1))) if keys else rolled
