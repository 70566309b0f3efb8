"""Tables from what transformers give: which columns go, which come, and the fitted step that does it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suanzi.sdk import FittedTransform, OperatorError
from suanzi.sdk.columns import is_numeric, require_columns, require_finite, require_numeric, require_rows, with_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_PRODUCED = 10_000
"""Columns that one step may add: more belong into a sparse matrix, which a table is not."""
KEEP_THEIR_INPUT = ("MissingIndicator",)
"""Steps whose result stands beside the columns it was made from."""


def numbers(kind: str, transformer: Any, data: pd.DataFrame, x: pd.DataFrame) -> tuple[pd.DataFrame, FittedTransform]:
    """A fitted transformer of numeric columns: the table, and the step."""
    # PolynomialFeatures knows it when it is fitted, and would fill the memory with them.
    _require_few(transformer, getattr(transformer, "n_output_features_", 0))
    values = _dense(transformer, transformer.transform(x))
    columns = [str(name) for name in x.columns]
    step = FittedTransform(kind, transformer, columns, _names(transformer, columns, values.shape[1]), apply_numbers)
    return _placed(step, data, values), step


def apply_numbers(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    """Replays a step of numeric columns."""
    from suanzi.operators.predict.scoring import takes_missing

    require_numeric(frame, step.columns)
    if len(frame) == 0:
        import numpy as np

        return _placed(step, frame, np.empty((0, len(step.produces))))
    if not takes_missing(step.step):
        require_finite(frame, step.columns)
    try:
        values = _dense(step.step, step.step.transform(frame[step.columns]))
    except ValueError as error:
        raise OperatorError(
            f"{step.kind} refuses columns {listed(step.columns)}: {error}", "check these columns for odd values"
        ) from error
    return _placed(step, frame, values)


def texts(kind: str, vectorizer: Any, data: pd.DataFrame, column: str) -> tuple[pd.DataFrame, FittedTransform]:
    """A vectorizer of one column of texts."""
    require_rows(data)
    require_columns(data, [column], "the parameter column names it")
    found = vectorizer.fit(_texts(data, column)).transform(_texts(data, column))
    values = _dense(vectorizer, found)
    if hasattr(vectorizer, "get_feature_names_out"):
        words = [str(word) for word in vectorizer.get_feature_names_out()]
    else:
        words = [str(number) for number in range(values.shape[1])]
    step = FittedTransform(kind, vectorizer, [column], [f"{column}_{word}" for word in words], apply_texts)
    return _placed(step, data, values), step


def apply_texts(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    """Replays a vectorizer."""
    values = _dense(step.step, step.step.transform(_texts(frame, step.columns[0])))
    return _placed(step, frame, values)


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    values = frame[column]
    bad = next((value for value in values.dropna() if not isinstance(value, str)), None)
    if bad is not None:
        raise OperatorError(
            f"column '{column}' is not text: it holds {values.dtype}, for example {bad!r}", "put type_cast before it"
        )
    return ["" if not isinstance(value, str) else value for value in values]


def maps(
    kind: str, vectorizer: Any, data: pd.DataFrame, x_cols: list[str] | None
) -> tuple[pd.DataFrame, FittedTransform]:
    """A vectorizer of rows read as maps from column to value."""
    require_rows(data)
    columns = list(dict.fromkeys(x_cols or [str(name) for name in data.columns]))
    require_columns(data, columns, "x_cols names it")
    values = _dense(vectorizer, vectorizer.fit(_maps(data, columns)).transform(_maps(data, columns)))
    if hasattr(vectorizer, "get_feature_names_out"):
        names = [str(name) for name in vectorizer.get_feature_names_out()]
    else:
        names = [f"hash_{number}" for number in range(values.shape[1])]
    step = FittedTransform(kind, vectorizer, columns, names, apply_maps)
    return _placed(step, data, values), step


def apply_maps(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    """Replays a vectorizer of maps."""
    import numpy as np

    if len(frame) == 0:
        return _placed(step, frame, np.empty((0, len(step.produces))))
    return _placed(step, frame, _dense(step.step, step.step.transform(_maps(frame, step.columns))))


def _maps(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Numbers stay numbers, everything else becomes text; missing values are left out."""
    import pandas as pd

    numeric = {name for name in columns if is_numeric(frame[name])}
    rows = frame[list(columns)].to_dict("records")
    return [{str(n): float(v) if n in numeric else str(v) for n, v in row.items() if not pd.isna(v)} for row in rows]


def labels(
    kind: str, encoder: Any, data: pd.DataFrame, column: str, separator: str | None
) -> tuple[pd.DataFrame, FittedTransform]:
    """An encoder of one column of labels, or of several labels in each cell."""
    require_rows(data)
    require_columns(data, [column], "the parameter column names it")
    learnt = (encoder, separator)
    encoder.fit(_cells(data, column, separator))
    values = _encoded(encoder, data, column, separator)
    classes = [str(label) for label in encoder.classes_]
    names = [column] if values.shape[1] == 1 else [f"{column}_{label}" for label in classes]
    step = FittedTransform(kind, learnt, [column], names, apply_labels)
    return _placed(step, data, values), step


def apply_labels(step: FittedTransform, frame: pd.DataFrame) -> pd.DataFrame:
    """Replays an encoder of labels."""
    encoder, separator = step.step
    return _placed(step, frame, _encoded(encoder, frame, step.columns[0], separator))


def _encoded(encoder: Any, frame: pd.DataFrame, column: str, separator: str | None) -> np.ndarray:
    import numpy as np

    try:
        values = np.asarray(encoder.transform(_cells(frame, column, separator)))
    except ValueError as error:
        raise OperatorError(
            f"column '{column}' can't be encoded: {str(error).splitlines()[0]}", "filter those rows before it"
        ) from error
    return values.reshape(-1, 1) if values.ndim == 1 else values


def _cells(frame: pd.DataFrame, column: str, separator: str | None) -> Any:
    values = frame[column]
    if separator is not None:
        return [
            [] if value is None or value != value else str(value).split(separator) if isinstance(value, str) else value
            for value in values.astype(object)
        ]
    missing = int(values.isna().sum())
    if missing:
        raise OperatorError(
            f"column '{column}' has {missing:,} missing values in {len(values):,} rows", "put impute before it"
        )
    return values.to_numpy() if is_numeric(values) else values.astype(object).to_numpy()


def _dense(transformer: Any, found: Any) -> np.ndarray:
    import numpy as np

    _require_few(transformer, found.shape[1])
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)


def _require_few(transformer: Any, columns: int) -> None:
    if columns > MAX_PRODUCED:
        raise OperatorError(
            f"{type(transformer).__name__} would make {columns:,} columns of them (limit {MAX_PRODUCED:,})",
            "limit them by its parameters, such as n_features, max_features, degree or n_components",
        )


def _names(transformer: Any, columns: list[str], count: int) -> list[str]:
    try:
        names = [str(name) for name in transformer.get_feature_names_out()]
    except (AttributeError, ValueError, TypeError):
        names = []
    if len(names) == count:
        return names
    if count == len(columns):
        return columns
    return [f"{type(transformer).__name__.lower()}{number}" for number in range(count)]


def _placed(step: FittedTransform, frame: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    made = {name: values[:, position] for position, name in enumerate(step.produces)}
    inner = step.step[0] if isinstance(step.step, tuple) else step.step
    away = [] if type(inner).__name__ in KEEP_THEIR_INPUT else step.columns
    return replaced(frame, away, made)


def replaced(frame: pd.DataFrame, away: Sequence[str], made: Mapping[str, Any]) -> pd.DataFrame:
    """The table without the columns `away`, with those made: in their places where the names are the same."""
    import pandas as pd

    if list(made) == list(away):
        return with_columns(frame, made)
    left = [name for name in frame.columns if name not in set(away)]
    clash = [name for name in made if name in left]
    if clash:
        raise OperatorError(f"the table has a column '{clash[0]}' already", "rename or drop it first")
    added = pd.DataFrame(dict(made), index=frame.index)
    return pd.concat([frame[left], added], axis=1)
