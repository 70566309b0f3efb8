"""Tables and a way to run an operator as a task."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_limits

from suanzi.sdk import Context, Operator, OperatorError

Run = Callable[..., Any]


def arrow(value: Any) -> Any:
    if isinstance(value, list):
        return [arrow(one) for one in value]
    return pa.Table.from_pandas(value, preserve_index=False) if isinstance(value, pd.DataFrame) else value


def plain(value: Any) -> Any:
    return value.to_pandas() if isinstance(value, pa.Table) else value


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As in a worker: small fits are slower on several threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def run() -> Run:
    """`run(op, {"data": frame}, param=…)`: the single output, or a tuple of them; tables as frames."""

    def call(op: Operator[Any, Any], inputs: dict[str, Any] | None = None, context: Any = None, **params: Any) -> Any:
        given = {name: arrow(value) for name, value in (inputs or {}).items()}
        outputs = tuple(plain(value) for _, _, value in op.execute(given, params, context or Context()))
        return outputs[0] if len(outputs) == 1 else outputs

    return call


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """400 rows: numbers of different scale, texts, gaps, a binary label, a label of three, a quantity."""
    rng = np.random.default_rng(7)
    rows = 400
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
            "bad": (score > 0.4).astype(int),
            "grade": np.select([score < -0.5, score < 0.5], ["a", "b"], "c"),
            "amount": 3 * risk + 0.1 * age + rng.normal(scale=0.2, size=rows),
        }
    )


@pytest.fixture
def refused() -> Callable[..., None]:
    """`refused(call, *words)`: the call raises an `OperatorError` with these words and a remedy."""

    def check(call: Callable[[], Any], *words: str) -> None:
        with pytest.raises(OperatorError) as caught:
            call()
        for word in words:
            assert word in caught.value.message
        assert caught.value.hint

    return check
