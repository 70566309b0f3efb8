"""Wide and long tables: each operator answers, or refuses in words before it takes memory or time.

Here a share of them; `SUANZI_SIZES=1`, as `make soak` sets it, tries all. The outcomes are docs/reference/sizes.md.
"""

import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from suanzi.operators.examples import sizes
from suanzi.operators.generated.names import CLASS_OF, MADE_BY_HAND
from suanzi.operators.generated.shapes import load
from suanzi.operators.train.limits import LIMITS, require_few_groups, require_size
from suanzi.sdk import OperatorError, Table, operator
from suanzi.sdk.columns import MANY_COLUMNS, with_columns
from suanzi.sdk.odd_tables import generic

WHOLE = os.environ.get("SUANZI_SIZES") == "1"
NAME_OF = {class_name: name for name, class_name in CLASS_OF.items()}
ROW_LIMITED = sorted(NAME_OF[name] for name in LIMITS if name in NAME_OF and any(one.rows for one in LIMITS[name]))
COLUMN_LIMITED = sorted(NAME_OF[name] for name in LIMITS if any(one.columns for one in LIMITS[name]))
TRIED_HERE = {
    sizes.LONG: ["dbscan", "join", "sk_birch", *(name for name in ROW_LIMITED if name != "sk_nearest_neighbors")],
    sizes.WIDE: ["sk_polynomial_features", "ts_features", "window_features", *COLUMN_LIMITED],
}
"""What was mended, and what must be refused: NearestNeighbors is, but not for an example's three columns."""


@pytest.mark.parametrize("size", [sizes.WIDE, sizes.LONG])
def test_every_operator_takes_or_refuses_the_size(size: str) -> None:
    command = [sys.executable, "-m", "suanzi.operators.examples.sizes", "--size", size]
    one_core = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    names = sizes.takers() if WHOLE else TRIED_HERE[size]
    done = subprocess.run([*command, *names], capture_output=True, text=True, env=os.environ | one_core)
    outcomes = [sizes.Outcome(**json.loads(line)) for line in done.stdout.splitlines()]
    assert [one.algo_name for one in outcomes] == names, done.stderr
    assert [str(one) for one in outcomes if not one.good] == []
    assert done.returncode == 0
    limited = ROW_LIMITED if size == sizes.LONG else COLUMN_LIMITED
    answered = [one.algo_name for one in outcomes if one.algo_name in limited and one.outcome != sizes.REFUSES]
    assert set(answered) <= {"sk_nearest_neighbors"}


def test_the_page_names_every_operator_and_all_of_them_keep_the_promise() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "sizes.md"
    rows = [line.split(" | ") for line in page.read_text().splitlines() if line.startswith("| `")]
    assert [row[0].strip("| `") for row in rows] == sizes.takers()
    for row in rows:
        for cell in row[1:]:
            assert cell.split(":")[0].split(",")[0].strip(" |") in (*sizes.GOOD, sizes.UNTRIED), row


@pytest.mark.parametrize("class_name", sorted(LIMITS))
def test_a_limit_is_for_what_is_beyond_it(class_name: str) -> None:
    assert class_name in NAME_OF or class_name in MADE_BY_HAND
    estimator = _made(class_name)
    for limit in LIMITS[class_name]:
        names = [f"c{number}" for number in range(limit.columns or 20)]
        if limit.columns is None:
            assert limit.rows is not None
            require_size(_for(estimator, limit), limit.rows, names)
            rows, beyond = limit.rows + 1, names
        else:
            require_size(estimator, 100, names)
            rows, beyond = 100, [*names, "more"]
        with pytest.raises(OperatorError) as caught:
            require_size(_for(estimator, limit), rows, beyond)
        assert class_name in caught.value.message and limit.because in caught.value.message
        assert generic(caught.value.message, caught.value.hint, pa.table({"c0": [1]}), {}) is None


def _made(class_name: str) -> Any:
    from sklearn import cluster, neighbors
    from sklearn.tree import DecisionTreeClassifier

    if class_name in MADE_BY_HAND:
        return getattr(cluster if hasattr(cluster, class_name) else neighbors, class_name)()
    cls = load(class_name)
    needs_one = class_name in ("RFE", "RFECV", "SequentialFeatureSelector")
    return cls(DecisionTreeClassifier()) if needs_one else cls()


def _for(estimator: Any, limit: Any) -> Any:
    """The estimator with a setting under which this limit is the one that holds."""
    from sklearn.base import clone

    rows = [one.rows for one in LIMITS[type(estimator).__name__]]
    if len(rows) == 1:
        return estimator
    strict = limit.rows == min(rows)
    names = estimator.get_params()
    given = {"bin_seeding": not strict} if "bin_seeding" in names else {}
    given |= {"affinity": "rbf" if strict else "nearest_neighbors"} if "affinity" in names else {}
    return clone(estimator).set_params(**given)


def test_what_is_connected_is_limited_too_unless_it_gets_samples() -> None:
    from sklearn.ensemble import BaggingClassifier
    from sklearn.svm import SVC

    with pytest.raises(OperatorError, match="SVC, connected to BaggingClassifier"):
        require_size(BaggingClassifier(SVC()), 1_000_000, ["a"])
    require_size(BaggingClassifier(SVC(), max_samples=500), 1_000_000, ["a"])


def test_birch_is_limited_by_its_groups() -> None:
    from sklearn.cluster import Birch

    rng = np.random.default_rng(0)
    scattered = pd.DataFrame({"a": rng.random(30_000) * 1e6})
    with pytest.raises(OperatorError, match=r"threshold 0\.5.* groups of 30,000 rows of columns a"):
        require_few_groups(Birch(), scattered)
    require_few_groups(Birch(threshold=10_000.0), scattered)
    require_few_groups(Birch(), scattered.head(20_000))
    require_few_groups(Birch(n_clusters=None), scattered)


def test_adding_many_columns_is_as_adding_them_one_by_one() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None], "c": pd.Categorical(["u", "v", "u"])}, index=[5, 3, 9])
    more: dict[str, Any] = {f"n{number}": np.arange(3) * 0.5 + number for number in range(MANY_COLUMNS)}
    more |= {"b": 7, "s": pd.Series([1, 2, 3], index=[9, 5, 3]), "self": [True, False, True]}
    expected = frame.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of many columns, which is what this is about
        for name, values in more.items():
            expected[name] = values
    pd.testing.assert_frame_equal(with_columns(frame, more), expected)
    assert frame.columns.to_list() == ["a", "b", "c"]


@operator
def fills_the_memory(data: Table) -> Table:
    return data.assign(sum=np.ones((200_000, 200_000)).sum())


@operator
def never_ends(data: Table) -> Table:
    while True:
        pass


@operator
def falls_over(data: Table) -> Table:
    raise KeyError("b")


@operator
def says_nothing(data: Table) -> Table:
    raise OperatorError("that isn't possible here", "try again")


@operator
def counts_pairs(data: Table) -> Table:
    end = time.process_time() + (len(data) / 60_000) ** 2
    while time.process_time() < end:
        pass
    return data


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (fills_the_memory, sizes.MEMORY_OUT),
        (never_ends, sizes.SLOW),
        (falls_over, sizes.CRASH),
        (says_nothing, sizes.GENERIC),
        (counts_pairs, sizes.SLOW),
    ],
)
def test_the_campaign_finds_what_is_planted(planted: Any, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(name: str, size: str, count: int) -> Any:
        return {"data": pa.table({"a": np.zeros(count)})}, {}

    monkeypatch.setattr(sizes, "shipped", lambda: {planted.algo_name: planted})
    monkeypatch.setattr(sizes, "_given", given)
    found = sizes.outcome(planted.algo_name, sizes.LONG, seconds=4 if planted is counts_pairs else 2)
    assert (found.outcome, found.good) == (expected, False), found
    if planted is counts_pairs:
        assert "growing with rows^" in found.said
