"""Trials of a search: each setting's fits by fold, done side by side, and rounds of successive halving."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from suanzi.operators.tune.judging import Trial
from suanzi.operators.tune.space import short
from suanzi.sdk import FailedJob, OperatorError, current
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import numpy as np

NOTES_SHOWN = 50
FITTED = 0.95
"""How much of a search its fits are; then the best is trained on all rows."""


class Fit(NamedTuple):
    """One setting on the rows of one fold."""

    params: dict[str, Any]
    train: np.ndarray
    test: np.ndarray


class Scored(NamedTuple):
    """What came of a fit."""

    scores: dict[str, float]
    warnings: list[str]


@dataclass
class Tried:
    """A setting that was tried. Scores are higher where better; NaN where it failed."""

    params: dict[str, Any]
    scores: list[float]
    mean: float
    std: float
    round: int
    rows: int
    failed: str = ""
    """Why, where one of its fits did."""


@dataclass
class Notes:
    """Warnings of libraries, each once."""

    texts: dict[str, None] = field(default_factory=dict)

    def take(self, fits: Sequence[Scored | FailedJob]) -> None:
        for fit in fits:
            if isinstance(fit, Scored):
                self.texts.update(dict.fromkeys(fit.warnings))

    def tell(self) -> None:
        for text in list(self.texts)[:NOTES_SHOWN]:
            current().note(text)


def scored(
    estimator: Any, trial: Trial, scorers: dict[str, str], fits: list[Fit], what: str, share: tuple[float, float]
) -> list[Scored | FailedJob]:
    """Trains and scores each, as many at a time as the operator has processors."""

    def one(fit: Fit) -> Scored:
        from sklearn.base import clone
        from sklearn.model_selection import cross_validate

        made = clone(estimator).set_params(**clone(fit.params, safe=False))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = cross_validate(
                made, trial.x, trial.y, cv=[(fit.train, fit.test)], scoring=scorers, error_score="raise"
            )
        said = [str(warning.message).splitlines()[0] for warning in caught if str(warning.message)]
        return Scored({name: float(found[f"test_{name}"][0]) for name in scorers}, said)

    return current().map(one, fits, what=what, keep_failures=True, share=share)


class Search:
    """Tries settings on a trial's data, judged by one scorer."""

    def __init__(self, estimator: Any, trial: Trial, scorer: str) -> None:
        self.estimator, self.trial, self.scorer = estimator, trial, scorer
        self.folds = list(trial.folds.split(trial.x, trial.y))
        self.tried: list[Tried] = []
        self.notes = Notes()

    def try_all(self, settings: list[dict[str, Any]]) -> None:
        """Each on all rows: scikit-learn's GridSearchCV and RandomizedSearchCV."""
        self._round(settings, self.folds, len(self.trial.y), 0, "", (0.0, FITTED))

    def halve(self, settings: list[dict[str, Any]], first_rows: int, factor: int, random_state: int | None) -> None:
        """All on some rows, the best of them on more, and so on: HalvingGridSearchCV and HalvingRandomSearchCV."""
        rounds = halving_rounds(len(settings), len(self.trial.y), first_rows, factor)
        work = [count * rows for count, rows in rounds]
        for number, (count, rows) in enumerate(rounds):
            share = (FITTED * sum(work[:number]) / sum(work), FITTED * sum(work[: number + 1]) / sum(work))
            folds = self._fewer(rows, random_state)
            found = self._round(settings, folds, rows, number, f"round {number + 1} of {len(rounds)}: ", share)
            settings = best_of(found, math.ceil(count / factor))

    def best(self) -> Tried:
        """Of the last round, the first with the best mean."""
        last = [one for one in self.tried if one.round == self.tried[-1].round]
        return max(last, key=lambda one: -math.inf if math.isnan(one.mean) else one.mean)

    def _round(
        self,
        settings: list[dict[str, Any]],
        folds: list[tuple[np.ndarray, np.ndarray]],
        rows: int,
        number: int,
        named: str,
        share: tuple[float, float],
    ) -> list[Tried]:
        fits = [Fit(params, train, test) for params in settings for train, test in folds]
        what = f"fits ({named}{len(settings):,} trials × {len(folds)} folds)"
        found = scored(self.estimator, self.trial, {"score": self.scorer}, fits, what, share)
        self.notes.take(found)
        by_setting = [found[at : at + len(folds)] for at in range(0, len(found), len(folds))]
        tried = [tried_of(params, of, number, rows) for params, of in zip(settings, by_setting, strict=True)]
        self.tried += tried
        failed = [one for one in tried if one.failed]
        if len(failed) == len(tried):
            raise OperatorError(
                f"the search over columns {listed(self.trial.columns)} failed in every trial; the first with "
                f"{setting_text(failed[0].params)}, {failed[0].failed}",
                "check the values in space, and these columns (summary shows them)",
            )
        if failed:
            first = f"{setting_text(failed[0].params)}, {failed[0].failed}"
            current().note(f"{len(failed):,} of {len(tried):,} trials failed; the first with {first}")
        return tried

    def _fewer(self, rows: int, random_state: int | None) -> list[tuple[np.ndarray, np.ndarray]]:
        """The folds with their share of so many rows, drawn as scikit-learn's halving searches draw them."""
        from sklearn.utils import resample

        share = rows / len(self.trial.y)

        def drawn(part: np.ndarray) -> np.ndarray:
            chosen: np.ndarray = resample(
                part, replace=False, random_state=random_state, n_samples=int(share * len(part))
            )
            return chosen

        return [(drawn(train), drawn(test)) for train, test in self.folds]


def halving_rounds(settings: int, rows: int, first_rows: int, factor: int) -> list[tuple[int, int]]:
    """Settings and rows of each round: as many as leave fewer than `factor` settings, or as there are rows for."""
    needed = 1 + math.floor(math.log(settings, factor))
    possible = 1 + math.floor(math.log(rows // first_rows, factor))
    rounds = []
    for number in range(min(needed, possible)):
        rounds.append((settings, min(rows, factor**number * first_rows)))
        settings = math.ceil(settings / factor)
    return rounds


def best_of(tried: list[Tried], count: int) -> list[dict[str, Any]]:
    """The settings of the best, worst first; those that failed are the worst. Ties go as in scikit-learn."""
    import numpy as np

    means = np.array([one.mean for one in tried])
    order = np.roll(np.argsort(means), np.count_nonzero(np.isnan(means)))
    return [tried[at].params for at in order[-count:]]


def setting_text(params: dict[str, Any]) -> str:
    """A setting to read."""
    return ", ".join(f"{short(name)}={value!r}" for name, value in params.items())


def tried_of(params: dict[str, Any], fits: Sequence[Scored | FailedJob], number: int, rows: int) -> Tried:
    """What came of a setting's fits, one for each fold."""
    import numpy as np

    scores = [fit.scores["score"] if isinstance(fit, Scored) else math.nan for fit in fits]
    failed = next((f"fold {at}: {why}" for at, fit in enumerate(fits, 1) if (why := _failure(fit))), "")
    return Tried(params, scores, float(np.average(scores)), float(np.std(scores)), number, rows, failed)


def _failure(fit: Scored | FailedJob) -> str:
    """Why a fit is of no use; empty for others."""
    if isinstance(fit, FailedJob):
        return reason(fit)
    return f"its score is no number: {'; '.join(fit.warnings)}" if math.isnan(fit.scores["score"]) else ""


def reason(failed: FailedJob) -> str:
    """Its last line: libraries put the point there."""
    return (failed.reason.strip().splitlines() or [failed.kind])[-1]
