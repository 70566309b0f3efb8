"""Cuts the rows of a table in two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from suanzi.sdk import ArrowTable, OperatorError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Parts(NamedTuple):
    """The two parts, in the order of the operator's ports."""

    train: ArrowTable
    test: ArrowTable


def random_positions(
    rows: int,
    *,
    train_size: float | None = None,
    test_size: float | None = None,
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Row positions of both parts, those of scikit-learn's `train_test_split`."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    if rows < 2:
        raise OperatorError(f"a table of {rows} row{'' if rows == 1 else 's'} can't be split in two", "give more rows")
    try:
        train, test = train_test_split(
            np.arange(rows),
            train_size=train_size,
            test_size=test_size,
            random_state=random_state if shuffle else None,
            shuffle=shuffle,
            stratify=stratify,
        )
    except ValueError as error:
        raise OperatorError(f"{rows:,} rows can't be split so: {error}", "choose another ratio") from None
    return train, test


def take(data: pa.Table, train: np.ndarray, test: np.ndarray) -> Parts:
    """Both parts of the table."""
    import pyarrow as pa

    return Parts(data.take(pa.array(train)), data.take(pa.array(test)))
