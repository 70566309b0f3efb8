"""Operators that stand on a library of the extras, against that library called by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from suanzi.operators.feature.arima_forecast import arima_forecast
from suanzi.operators.feature.optimal_binning import optimal_binning
from suanzi.operators.feature.scorecard_points import scorecard_points
from suanzi.operators.feature.woe_binning import woe_binning
from suanzi.operators.preprocess.resample_imbalance import resample_imbalance

X = ["income", "age", "risk"]


@pytest.mark.parametrize(
    ("method", "module", "maker"),
    [
        ("smote", "over_sampling", "SMOTE"),
        ("adasyn", "over_sampling", "ADASYN"),
        ("random_over", "over_sampling", "RandomOverSampler"),
        ("random_under", "under_sampling", "RandomUnderSampler"),
        ("near_miss", "under_sampling", "NearMiss"),
    ],
)
def test_rebalancing_equals_the_library(run: Any, people: pd.DataFrame, method: str, module: str, maker: str) -> None:
    library = pytest.importorskip(f"imblearn.{module}")
    options: dict[str, Any] = {} if method == "near_miss" else {"random_state": 3}
    if method in ("smote", "adasyn", "near_miss"):
        options["k_neighbors" if method == "smote" else "n_neighbors"] = 4
    x, y = getattr(library, maker)(**options).fit_resample(people[X], people["bad"])
    found = run(
        resample_imbalance, {"data": people}, x_cols=X, y_col="bad", method=method, k_neighbors=4, random_state=3
    )
    pd.testing.assert_frame_equal(found, x.assign(bad=y).reset_index(drop=True), check_dtype=False)
    counts = found["bad"].value_counts()
    assert counts.max() - counts.min() <= 0.1 * counts.max()


def test_too_few_neighbours_are_refused(run: Any, people: pd.DataFrame, refused: Any) -> None:
    pytest.importorskip("imblearn")
    rare = pd.concat([people[people["bad"] == 0], people[people["bad"] == 1].head(3)])
    refused(lambda: run(resample_imbalance, {"data": rare}, x_cols=X, y_col="bad"), "'bad'", "3 rows", "5")


def test_optimal_binning_equals_the_library(run: Any, people: pd.DataFrame) -> None:
    library = pytest.importorskip("optbinning")
    params: dict[str, Any] = {"columns": ["risk", "gaps", "city"], "y_col": "bad"}
    out, transform, report = run(optimal_binning, {"data": people}, **params)
    solver = library.OptimalBinning(
        dtype="numerical", monotonic_trend="auto_asc_desc", max_n_bins=6, min_bin_size=0.05
    ).fit(people["risk"].to_numpy(), people["bad"].to_numpy())
    table = solver.binning_table.build()
    ivs = {row[0]: row[1] for row in report["sections"][0]["rows"]}
    assert ivs["risk"] == pytest.approx(table.loc["Totals", "IV"], rel=1e-9)
    # Its weights have the other sign: ln(good / bad).
    expected = -solver.transform(people["risk"].to_numpy(), metric="woe")
    np.testing.assert_allclose(out["risk"], expected, atol=1e-9)
    merged = {row[0]: row[1] for row in run(woe_binning, {"data": people}, **params)[2]["sections"][0]["rows"]}
    assert ivs["risk"] >= merged["risk"] - 1e-9
    assert transform.transform(people.head(3).assign(city="new"))["city"].notna().all()


def test_forecasts_equal_the_library(run: Any, refused: Any) -> None:
    pytest.importorskip("statsmodels")
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    rng = np.random.default_rng(4)
    values = 10 + np.arange(60) * 0.5 + np.tile([0, 2, 4, 1], 15) + rng.normal(size=60)
    data = pd.DataFrame({"v": values})
    found = run(arima_forecast, {"data": data}, column="v", steps=5, order=[1, 1, 0])
    expected = ARIMA(values, order=(1, 1, 0)).fit().get_forecast(5)
    np.testing.assert_allclose(found["forecast"], expected.predicted_mean, rtol=1e-9)
    np.testing.assert_allclose(found[["lower", "upper"]], expected.conf_int(alpha=0.05), rtol=1e-9)
    found = run(arima_forecast, {"data": data}, column="v", steps=8, method="holt_winters", season=4)
    model = ExponentialSmoothing(values, trend="add", seasonal="add", seasonal_periods=4)
    np.testing.assert_allclose(found["forecast"], model.fit().forecast(8), rtol=1e-9)
    refused(lambda: run(arima_forecast, {"data": data.head(5)}, column="v"), "'v'", "5 values", "8")
    gaps = data.assign(v=data["v"].where(data.index != 3))
    refused(lambda: run(arima_forecast, {"data": gaps}, column="v"), "missing values in v")


def test_points_double_the_odds(run: Any, refused: Any) -> None:
    bad = pd.DataFrame({"predict_score": [1 / 21, 1 / 41, 1 / 11, 0.0, 1.0]})
    points = run(scorecard_points, {"data": bad})["points"]
    np.testing.assert_allclose(points[:3], [600, 650, 550])
    assert np.isfinite(points).all() and points[3] > points[1] > points[0] > points[2] > points[4]
    refused(lambda: run(scorecard_points, {"data": bad * 2}), "'predict_score'", "outside 0 to 1")
    refused(lambda: run(scorecard_points, {"data": bad}, output=""), "can't be called")
