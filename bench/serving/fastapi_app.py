"""The service one writes by hand: FastAPI, a scikit-learn estimator, a table of one row a request."""

from __future__ import annotations

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Rows(BaseModel):
    """Rows by column."""

    dataframe_records: list[dict[str, float]]


@app.post("/invocations")
async def invocations(rows: Rows) -> dict[str, Any]:
    """Labels and probabilities, as Suanzi answers. Asked once, and not in a thread pool: that costs more."""
    table = pd.DataFrame(rows.dataframe_records)[list(model.feature_names_in_)]
    scores = model.predict_proba(table)
    results = model.classes_.take(scores.argmax(axis=1))
    return {
        "predictions": [
            {"predict_result": int(result), "predict_score": float(score)}
            for result, score in zip(results, scores[:, 1], strict=True)
        ]
    }
