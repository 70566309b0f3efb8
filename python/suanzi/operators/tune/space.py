"""The space that a search goes through: what a parameter's entry may say, and the settings that come of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from suanzi.operators.tune.estimator import MODEL_STEP
from suanzi.sdk import OperatorError
from suanzi.sdk.names import listed, nearest

MAX_TRIALS = 10_000
GRIDS = ("grid", "halving_grid")
"""Searches of all combinations; the others draw."""
RANGE_KEYS = frozenset({"low", "high", "log", "int"})


@dataclass(frozen=True)
class WholeLog:
    """Whole numbers from `low` to `high` whose logarithms are spread evenly."""

    low: int
    high: int

    def rvs(self, random_state: Any = None) -> int:
        """As scipy's distributions have it, which ParameterSampler draws from."""
        from scipy import stats

        drawn = float(stats.loguniform(self.low - 0.5, self.high + 0.5).rvs(random_state=random_state))
        return min(self.high, max(self.low, round(drawn)))


def short(name: str) -> str:
    """A parameter as its user wrote it, without the pipeline's step."""
    return name.removeprefix(f"{MODEL_STEP}__")


def read_space(estimator: Any, space: dict[str, Any], search: str) -> dict[str, Any]:
    """Names completed with the pipeline's step, values as lists or distributions."""
    if not space:
        raise OperatorError("space is empty", "name a parameter and its values, such as max_depth: [3, 5, 8]")
    known = estimator.get_params()
    found = {}
    for name, values in space.items():
        full = name if name in known else f"{MODEL_STEP}__{name}"
        if full not in known:
            names = sorted({short(key) for key in known})
            meant = nearest(name, names)
            raise OperatorError(
                f"the estimator has no parameter '{name}'; it has: {listed(names)}",
                f"did you mean '{meant}'?" if meant else "correct the name in space",
            )
        found[full] = _values(name, values, search)
    return found


def candidates(space: dict[str, Any], search: str, n_trials: int, random_state: int | None) -> list[dict[str, Any]]:
    """The settings to try, in scikit-learn's order."""
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    if search not in GRIDS:
        return list(ParameterSampler(space, n_trials, random_state=random_state))
    count = math.prod(len(values) for values in space.values())
    if count > MAX_TRIALS:
        raise OperatorError(f"the space has {count:,} combinations (limit {MAX_TRIALS:,})", "use search 'random'")
    return list(ParameterGrid(space))


def _values(name: str, values: Any, search: str) -> Any:
    if isinstance(values, list) and values:
        return [tuple(value) if isinstance(value, list) else value for value in values]
    if isinstance(values, dict) and search not in GRIDS:
        found = distribution(values)
        if found is not None:
            return found
    example = "a list of values" if search in GRIDS else "a list of values, or {low: 0.01, high: 1, log: true}"
    raise OperatorError(f"space of parameter '{name}' is {values!r}", f"give {example}")


def distribution(values: dict[str, Any]) -> Any:
    """The distribution of `{low, high, log, int}`; None where it is none. Whole bounds alone mean whole numbers."""
    from scipy import stats

    if not {"low", "high"} <= set(values) <= RANGE_KEYS:
        return None
    low, high, log = values["low"], values["high"], values.get("log", False)
    bounds_whole = all(isinstance(bound, int) for bound in (low, high))
    whole = values.get("int", bounds_whole and not log)
    if any(isinstance(bound, bool) or not isinstance(bound, (int, float)) for bound in (low, high)):
        return None
    if not low < high or not all(isinstance(flag, bool) for flag in (log, whole)):
        return None
    if (log and low <= 0) or (whole and not bounds_whole):
        return None
    if log:
        return WholeLog(low, high) if whole else stats.loguniform(low, high)
    return stats.randint(low, high + 1) if whole else stats.uniform(low, high - low)
