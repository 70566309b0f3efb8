"""A registered model, loaded, and what it says of rows of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from suanzi.operators.deploy.stored_model import load_model
from suanzi.operators.predict.scoring import score, takes_missing
from suanzi.sdk import OperatorError, TrainedModel, model_manifest
from suanzi.sdk.values import plain_json

if TYPE_CHECKING:
    import pandas as pd

NUMBER = "float64"


class ServedModel:
    """A model with the columns that requests must have."""

    def __init__(self, model: Any, types: Mapping[str, str | None]) -> None:
        """`types`: of columns, where the registry knows them and the model doesn't."""
        self.model = model
        manifest = model_manifest(model)
        names = manifest["columns"]
        if not callable(getattr(model, "predict", None)):
            raise OperatorError(
                f"a {type(model).__name__} is not a model: it has no predict()", "serve a trained model"
            )
        if not names:
            raise OperatorError("the model does not say which columns it takes", "train it by a training operator")
        self.names: list[str] = names
        estimator = model.estimator if isinstance(model, TrainedModel) else model
        raw = bool(getattr(estimator, "takes_raw", False))
        known = {**types, **(model.column_types if isinstance(model, TrainedModel) else {})}
        # Only steps before a model take anything but numbers.
        self.types = {name: known.get(name) or (None if raw else NUMBER) for name in names}
        self.takes_missing = raw or takes_missing(estimator)
        self.outputs: list[dict[str, str]] = []
        """Name and datatype of what scoring adds, once a first call has shown it."""
        self.about: dict[str, Any] = {
            key: manifest[key] for key in ("class", "task", "classes", "label") if key in manifest
        }

    @classmethod
    def load(cls, order: Mapping[str, Any]) -> ServedModel:
        """The stored file of a version, if it is the one registered. Raises `OperatorError` with the reason."""
        try:
            model = load_model({"name": order["name"], "artifact": {"path": order["path"], "sha256": order["sha256"]}})
        except OperatorError:
            raise
        except Exception as error:
            raise OperatorError(
                f"the stored file of model '{order['name']}' can't be read: {type(error).__name__}: {error}",
                "its libraries, and own classes in it, must be installed in the server's Python",
            ) from error
        return cls(model, order.get("types") or {})

    def describe(self) -> dict[str, Any]:
        """What the server checks requests by."""
        columns = [{"name": name, "type": self.types[name]} for name in self.names]
        return {"columns": columns, "takes_missing": self.takes_missing, "outputs": self.outputs, **self.about}

    @property
    def is_numeric(self) -> bool:
        """Whether every column is known to hold numbers, not true and false."""
        return all(_is_number(kind) and not str(kind).lower().startswith("bool") for kind in self.types.values())

    def warm(self) -> None:
        """Has libraries load what they load at the first call, on a row that needs no meaning."""
        import pandas as pd

        filler = {name: [0.0 if _is_number(self.types[name]) else ""] for name in self.names}
        rows = pd.DataFrame(filler)
        try:
            scored = score(self.model, rows)
        except Exception:
            return
        self.outputs = [{"name": name, "datatype": _datatype(scored[name])} for name in _added(scored, rows)]

    def answer(self, rows: pd.DataFrame) -> dict[str, list[Any]]:
        """The columns that scoring adds, by name, as JSON holds them. Raises `OperatorError` with the reason."""
        try:
            scored = score(self.model, rows)
        except OperatorError:
            raise
        except Exception as error:
            raise OperatorError(f"the model fails on these rows: {type(error).__name__}: {error}") from error
        return {name: plain_json(scored[name].to_numpy()) for name in _added(scored, rows)}


def _added(scored: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    return [name for name in scored.columns if name not in rows.columns or str(name).startswith("predict_")]


def _datatype(column: pd.Series[Any]) -> str:
    """As the inference protocol calls it."""
    kind = getattr(column.dtype, "kind", "O")
    return {"f": "FP64", "i": "INT64", "u": "INT64", "b": "BOOL"}.get(kind, "BYTES")


def _is_number(kind: str | None) -> bool:
    return kind is not None and kind.lower().startswith(("int", "uint", "float", "bool", "double"))
