"""`arima_forecast`: the next values of a series."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.sdk import Column, OperatorError, Param, Table, current, operator
from suanzi.sdk.columns import require_columns, require_finite, require_numeric
from suanzi.sdk.extras import require_extra

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEWEST_VALUES = 8


@operator(
    name_en="ARIMA / Holt-Winters Forecast",
    name_zh="时间序列预测",
    category="predict",
    doc_en="Fits ARIMA or exponential smoothing (statsmodels) to a column whose rows stand at even times (see "
    "ts_features) and gives the next steps: step, forecast and, for arima, lower and upper bounds. Needs the extra "
    "'statistics'.",
    doc_zh="对按等间隔时间排列的列拟合 ARIMA 或指数平滑（statsmodels），给出之后若干步：step、forecast，"
    "ARIMA 另有 lower、upper 置信界。需要附加包 statsmodels。",
    requires={"statsmodels": "statsmodels"},
)
def arima_forecast(
    data: Table,
    *,
    column: Annotated[
        Column, Param(label_en="Column", label_zh="列", help_en="The series.", help_zh="时间序列所在列。")
    ],
    method: Annotated[
        Literal["arima", "holt_winters"],
        Param(label_en="Method", label_zh="方法", help_en="Which model.", help_zh="选择模型。"),
    ] = "arima",
    steps: Annotated[
        int,
        Param(ge=1, le=100_000, label_en="Steps", label_zh="预测步数", help_en="To come.", help_zh="向后预测的步数。"),
    ] = 12,
    order: Annotated[
        list[int],
        Param(
            min_items=3,
            label_en="Order",
            label_zh="阶数",
            help_en="p, d, q of arima.",
            help_zh="arima 的 p、d、q。",
        ),
    ] = [1, 1, 1],  # noqa: B006 (read only: the declaration's default)
    season: Annotated[
        int | None,
        Param(
            ge=2,
            label_en="Season",
            label_zh="周期长度",
            help_en="Steps in a season; empty: none.",
            help_zh="一个周期的步数；留空无周期。",
        ),
    ] = None,
    confidence: Annotated[
        float,
        Param(
            gt=0,
            lt=1,
            advanced=True,
            label_en="Confidence",
            label_zh="置信水平",
            help_en="Of the bounds.",
            help_zh="置信界的水平。",
        ),
    ] = 0.95,
) -> Table:
    require_extra("statsmodels", "statsmodels", "this operator")
    require_columns(data, [column], "the parameter column names it")
    require_numeric(data, [column])
    require_finite(data, [column], "fill the gaps first: impute, or ts_features with fill")
    if len(order) != 3 or min(order) < 0:
        raise OperatorError(f"parameter 'order' is {order}", "give p, d and q, none below 0, such as [1, 1, 1]")
    least = max(FEWEST_VALUES, 2 * (season or 0) + 1, sum(order) + 2)
    if len(data) < least:
        raise OperatorError(
            f"column '{column}' has {len(data):,} values; this forecast needs {least}",
            "give a longer series, a shorter season or a lower order",
        )
    values = data[column].to_numpy(dtype="float64")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = _forecast(values, method, steps, order, season, confidence)
        except (ValueError, FloatingPointError, ArithmeticError) as error:
            raise OperatorError(
                f"the forecast of column '{column}' failed: {error}", "choose another order or method"
            ) from error
    for text in dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught):
        current().note(text)
    return found


def _forecast(
    values: np.ndarray, method: str, steps: int, order: list[int], season: int | None, confidence: float
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {"step": np.arange(1, steps + 1)}
    if method == "holt_winters":
        from statsmodels.tsa.holtwinters import ExponentialSmoothing

        model = ExponentialSmoothing(values, trend="add", seasonal="add" if season else None, seasonal_periods=season)
        columns["forecast"] = np.asarray(model.fit().forecast(steps), dtype="float64")
        return pd.DataFrame(columns)
    from statsmodels.tsa.arima.model import ARIMA

    seasonal = (1, 0, 0, season) if season else (0, 0, 0, 0)
    fitted = ARIMA(values, order=tuple(order), seasonal_order=seasonal).fit()
    ahead = fitted.get_forecast(steps)
    bounds = np.asarray(ahead.conf_int(alpha=1 - confidence), dtype="float64")
    columns["forecast"] = np.asarray(ahead.predicted_mean, dtype="float64")
    return pd.DataFrame({**columns, "lower": bounds[:, 0], "upper": bounds[:, 1]})
