"""`ts_features`: a time series at even steps, with its past beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.sdk import Column, Columns, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, require_numeric, with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_STEPS = 10_000_000
"""More steps than this come from a step that is too small for the span of the data."""


@operator(
    name_en="Lag & Resample",
    name_zh="时间序列特征",
    category="feature",
    doc_en="Brings a series to even steps (pandas resample), fills gaps, and adds past values `column_lag_n`. "
    "One row per step (and group), in the order of time.",
    doc_zh="将序列重采样为等间隔（pandas resample），填补空缺，并增加滞后值 column_lag_n。"
    "每个时间步（及组）一行，按时间排序。",
    role="row_order",
)
def ts_features(
    data: Table,
    *,
    time_col: Annotated[
        Column, Param(label_en="Time", label_zh="时间列", help_en="Holding times.", help_zh="时间所在的列。")
    ],
    columns: Annotated[Columns, Param(label_en="Columns", label_zh="列", help_en="Numeric ones.", help_zh="数值列。")],
    step: Annotated[
        str,
        Param(
            label_en="Step",
            label_zh="步长",
            help_en="Such as 15min, h, D, W, MS (months).",
            help_zh="如 15min、h、D、W、MS（月）。",
        ),
    ] = "D",
    figure: Annotated[
        Literal["mean", "sum", "min", "max", "first", "last", "count"],
        Param(label_en="Figure", label_zh="聚合", help_en="Of a step's rows.", help_zh="每步内各行的聚合方式。"),
    ] = "mean",
    fill: Annotated[
        Literal["none", "forward", "linear", "zero"],
        Param(label_en="Gaps", label_zh="空缺填补", help_en="How to fill them.", help_zh="填补方式。"),
    ] = "none",
    lags: Annotated[
        list[int] | None,
        Param(label_en="Lags", label_zh="滞后步数", help_en="Steps back, each a column.", help_zh="每个滞后一列。"),
    ] = None,
    by: Annotated[
        Columns | None,
        Param(label_en="Series by", label_zh="分组列", help_en="One series each.", help_zh="每组一条序列。"),
    ] = None,
) -> Table:
    import pandas as pd

    keys = list(dict.fromkeys(by or []))
    require_columns(data, [time_col, *columns, *keys], "a parameter names it")
    require_numeric(data, columns)
    if data[time_col].dtype.kind != "M" and len(data):
        raise OperatorError(
            f"column '{time_col}' holds {data[time_col].dtype}, not times", "put type_cast to datetime before it"
        )
    missing = int(data[time_col].isna().sum())
    if missing:
        raise OperatorError(f"column '{time_col}' lacks {missing:,} times", "drop those rows: filter_rows")
    if min(lags or [1]) < 1:
        raise OperatorError(f"a lag of {min(lags or [])} steps", "give whole numbers from 1")
    columns = list(dict.fromkeys(columns))
    added = [f"{name}_lag_{lag}" for name in columns for lag in lags or []]
    there = {time_col, *columns, *keys}
    clash = [name for name in added if name in there]
    if clash:
        raise OperatorError(f"columns would be called {listed(clash)} twice", "rename columns first")
    if len(data) == 0:
        return data[[*keys, time_col, *columns]].assign(**dict.fromkeys(added, pd.Series(dtype="float64")))
    offset = _offset(step, data[time_col])
    groups: Any = data.groupby(keys, dropna=False, sort=True, observed=True) if keys else [((), data)]
    series = [_series(part, key, keys, time_col, columns, offset, figure, fill, lags or []) for key, part in groups]
    return pd.concat(series, ignore_index=True)


def _offset(step: str, times: pd.Series) -> Any:
    import pandas as pd

    try:
        offset = pd.tseries.frequencies.to_offset(step)
    except ValueError:
        offset = None
    if offset is None or offset.n < 1:
        raise OperatorError(f"'{step}' is no step of time", "use 15min, h, D, W or MS, say")
    first, last = times.min(), times.max()
    steps = (last - first) / max(first + offset - first, pd.Timedelta(1))
    if steps > MAX_STEPS:
        raise OperatorError(f"steps of {step} from {first} to {last} are {int(steps):,}", "use a longer step")
    return offset


def _series(
    part: pd.DataFrame,
    key: Any,
    keys: list[str],
    time_col: str,
    columns: list[str],
    offset: Any,
    figure: str,
    fill: str,
    lags: list[int],
) -> pd.DataFrame:
    resampled = part.set_index(time_col)[columns].resample(offset)
    series = resampled.sum(min_count=1) if figure == "sum" else getattr(resampled, figure)()
    if fill == "forward":
        series = series.ffill()
    elif fill == "linear":
        series = series.interpolate(method="linear", limit_area="inside")
    elif fill == "zero":
        series = series.fillna(0)
    past = {f"{name}_lag_{lag}": series[name].shift(lag) for name in columns for lag in lags}
    series = with_columns(series, past).reset_index()
    for position, name in enumerate(keys):
        series.insert(position, name, key[position])
    return series
