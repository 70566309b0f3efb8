"""`datetime_features`: years, months, weekdays and hours out of times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

from suanzi.sdk import Columns, OperatorError, Param, Table, operator
from suanzi.sdk.columns import require_columns, with_columns
from suanzi.sdk.names import listed, nearest

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("year", "quarter", "month", "week", "day", "weekday", "dayofyear", "hour", "minute", "second")
PANDAS_NAMES = {"weekday": "day_of_week", "dayofyear": "day_of_year"}
FLAGS = ("is_weekend", "is_month_start", "is_month_end")
PERIODS = {"month": 12, "weekday": 7, "hour": 24, "minute": 60, "day": 31, "dayofyear": 366, "quarter": 4}
"""Values until a part comes round again, for sine and cosine."""
EPOCH = "timestamp"


@operator(
    name_en="Date-Time Features",
    name_zh="日期特征提取",
    category="feature",
    doc_en="Adds columns `column_part` with parts of times (pandas Series.dt); Monday is weekday 0. Texts are read as "
    "ISO times.",
    doc_zh="增加“列_部分”列，取自时间的各部分（pandas Series.dt）；星期一的 weekday 为 0。文本按 ISO 时间解析。",
)
def datetime_features(
    data: Table,
    *,
    columns: Annotated[Columns, Param(label_en="Columns", label_zh="列", help_en="Holding times.", help_zh="时间列。")],
    parts: Annotated[
        list[str],
        Param(
            min_items=1,
            label_en="Parts",
            label_zh="提取内容",
            help_en=f"Of: {', '.join([*PARTS, *FLAGS, EPOCH])} (seconds since 1970).",
            help_zh=f"可选：{'、'.join([*PARTS, *FLAGS, EPOCH])}（自 1970 年的秒数）。",
        ),
    ] = ["year", "month", "day", "weekday"],  # noqa: B006
    cyclic: Annotated[
        bool,
        Param(
            label_en="As a circle",
            label_zh="周期编码",
            help_en="Month, weekday, hour and so on also as sine and cosine.",
            help_zh="月、星期、小时等另以正弦和余弦表示。",
        ),
    ] = False,
    drop: Annotated[
        bool, Param(label_en="Drop the times", label_zh="删除原列", help_en="Afterwards.", help_zh="提取后删除。")
    ] = False,
) -> Table:
    require_columns(data, columns, "the parameter columns names it")
    known = (*PARTS, *FLAGS, EPOCH)
    for part in parts:
        if part not in known:
            meant = nearest(part, known)
            raise OperatorError(
                f"'{part}' is no part of a time; there are: {', '.join(known)}",
                f"did you mean '{meant}'?" if meant else "choose some of them",
            )
    added: dict[str, Any] = {}
    for name in columns:
        times = _times(data[name], name)
        for part in dict.fromkeys(parts):
            values = _part(times, part)
            added[f"{name}_{part}"] = values
            if cyclic and part in PERIODS:
                start = 0 if part in ("weekday", "hour", "minute") else 1
                angle = (values.astype("float64") - start) * (2 * math.pi / PERIODS[part])
                added[f"{name}_{part}_sin"] = angle.map(math.sin, na_action="ignore").astype("float64")
                added[f"{name}_{part}_cos"] = angle.map(math.cos, na_action="ignore").astype("float64")
    clash = [name for name in added if name in data.columns]
    if clash:
        raise OperatorError(f"the table has columns called {listed(clash)}", "rename or drop them first")
    result = with_columns(data, added)
    return result.drop(columns=columns) if drop else result


def _times(column: pd.Series, name: str) -> pd.Series:
    import pandas as pd

    if column.dtype.kind == "M":
        return column
    if column.dtype.kind in "iufb" and column.notna().any():
        raise OperatorError(f"column '{name}' holds {column.dtype}, not times", "put type_cast to datetime before it")
    times = pd.to_datetime(column.astype("string"), errors="coerce", format="ISO8601")
    failed = times.isna() & column.notna()
    if failed.any():
        raise OperatorError(
            f"column '{name}' has {int(failed.sum()):,} values that are no ISO time, "
            f"such as {column[failed].iloc[0]!r}",
            "put type_cast to datetime with date_format before it",
        )
    return times


def _part(times: pd.Series, part: str) -> pd.Series:
    import pandas as pd

    if part == EPOCH:
        start = pd.Timestamp(0, tz=times.dt.tz)
        return ((times - start) // pd.Timedelta(seconds=1)).astype("Int64")
    if part == "is_weekend":
        return (times.dt.day_of_week >= 5).astype("Int64").mask(times.isna())
    if part in FLAGS:
        return getattr(times.dt, part).astype("Int64").mask(times.isna())
    values = times.dt.isocalendar().week if part == "week" else getattr(times.dt, PANDAS_NAMES.get(part, part))
    return values.astype("Int64")
