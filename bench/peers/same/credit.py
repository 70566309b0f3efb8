"""credit8: what `suanzi export --python` writes of Suanzi's own pipeline of that name, one function per operator."""

import os
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import csv
from sklearn import metrics as score_of
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

LABEL = "next_month"
COLUMNS = [
    *("LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
    *(f"PAY_{month}" for month in (0, 2, 3, 4, 5, 6)),
    *(f"{name}{month}" for name in ("BILL_AMT", "PAY_AMT") for month in range(1, 7)),
]


def path() -> str:
    """The data file, the same for all systems: 30,000 rows of synthetic credit data."""
    return os.environ["PEERS_CREDIT"]


def load(file: str) -> pd.DataFrame:
    options = csv.ParseOptions(newlines_in_values=True)
    return csv.read_csv(file, parse_options=options).to_pandas()


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    train, test = train_test_split(data, train_size=0.8, random_state=0)
    return train.reset_index(drop=True), test.reset_index(drop=True)


def regression(train: pd.DataFrame) -> LogisticRegression:
    model = LogisticRegression(solver="liblinear", random_state=0, intercept_scaling=1.0)
    return model.fit(train[COLUMNS], train[LABEL])


def gbdt(train: pd.DataFrame) -> GradientBoostingClassifier:
    model = GradientBoostingClassifier(n_estimators=10, max_depth=5, random_state=0)
    return model.fit(train[COLUMNS], train[LABEL])


def predict(test: pd.DataFrame, model: Any) -> pd.DataFrame:
    x = test[COLUMNS]
    return test.assign(predict_result=model.predict(x), predict_score=model.predict_proba(x)[:, 1])


def evaluate(predicted: pd.DataFrame) -> dict[str, float]:
    truth = (predicted[LABEL] == 1).to_numpy()
    guess = (predicted["predict_result"] == 1).to_numpy()
    score = predicted["predict_score"].to_numpy(dtype="float64")
    fpr, tpr, thresholds = score_of.roc_curve(truth, score, drop_intermediate=False)
    gap = np.abs(tpr - fpr)[1:]
    auc = score_of.roc_auc_score(truth, score)
    found = {
        "accuracy": score_of.accuracy_score(truth, guess),
        "precision": score_of.precision_score(truth, guess, zero_division=0),
        "recall": score_of.recall_score(truth, guess),
        "specificity": score_of.recall_score(~truth, ~guess),
        "f1": score_of.f1_score(truth, guess, zero_division=0),
        "auc": auc,
        "gini": 2 * auc - 1,
        "ks": gap.max(),
        "ks_threshold": thresholds[1:][gap.argmax()],
        "average_precision": score_of.average_precision_score(truth, score),
        "log_loss": score_of.log_loss(truth, score),
        "brier": score_of.brier_score_loss(truth, score),
    }
    return {name: float(value) for name, value in found.items()}
