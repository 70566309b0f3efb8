"""A made-up table of people with everything that operators meet: numbers, texts, gaps, times, labels, guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def people(rows: int, random_state: int | None) -> pd.DataFrame:
    """`bad` is a label of two values, `grade` of three, `amount` a quantity; `guess` and `share` are a poor model's."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(random_state)
    income = np.exp(rng.normal(10, 0.5, rows)).round()
    age = rng.integers(18, 80, rows)
    risk = rng.normal(size=rows)
    score = 0.9 * risk - 0.00002 * (income - 25_000) + rng.normal(scale=0.6, size=rows)
    return pd.DataFrame(
        {
            "income": income,
            "age": age,
            "risk": risk,
            "city": rng.choice(["北京", "Paris", "São Paulo"], rows),
            "gaps": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows)),
            "born": pd.Timestamp("2024-01-01") - pd.to_timedelta(age * 365 + rng.integers(0, 365, rows), "D"),
            "bad": (score > 0.4).astype(int),
            "grade": np.select([score < -0.5, score < 0.5], ["a", "b"], "c"),
            "amount": 20 + 3 * risk + 0.1 * age + rng.normal(scale=0.2, size=rows),
            "guess": (risk > 0).astype(int),
            "share": 1 / (1 + np.exp(-risk)),
        }
    )
