"""Boosting libraries behind one face: any column names, labels of any type, missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Boosted:
    """An estimator of XGBoost or LightGBM that is given plain arrays, and labels as 0, 1, …"""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, x: pd.DataFrame, y: pd.Series[Any]) -> Boosted:
        """Fits; a classifier remembers its labels in `classes_`."""
        import numpy as np

        self.n_features_in_ = x.shape[1]
        if hasattr(self.estimator, "predict_proba"):
            self.classes_, codes = np.unique(y.to_numpy(), return_inverse=True)
            self.estimator.fit(_array(x), codes)
        else:
            self.estimator.fit(_array(x), y.to_numpy(dtype="float64"))
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """Labels or values."""
        found = self.estimator.predict(_array(x))
        values: np.ndarray = self.classes_[found.astype("int64")] if hasattr(self, "classes_") else found
        return values

    def plain(self) -> Any:
        """The library's own estimator, for export: it gives labels as 0, 1, …"""
        return self.estimator

    def __getattr__(self, name: str) -> Any:
        """`predict_proba` only where there are classes, and what the estimator knows besides."""
        if name.startswith("__") or "estimator" not in self.__dict__ or (name == "classes_"):
            raise AttributeError(name)
        if name == "predict_proba":
            known = getattr(self.estimator, name)
            return lambda x: known(_array(x))
        value: Any = getattr(self.estimator, name)
        return value


def _array(x: pd.DataFrame) -> np.ndarray:
    import numpy as np

    values: np.ndarray = x.to_numpy(dtype="float64", na_value=np.nan)
    return values
