"""`cross_validate`: how an algorithm does on rows it has not seen, several times over."""

from __future__ import annotations

from typing import NamedTuple

from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.parameters import Features, Folds, Label, PositiveLabel, RandomState
from suanzi.operators.tune.judging import figure_sign, prepare
from suanzi.operators.tune.trials import Fit, Notes, Scored, reason, scored
from suanzi.sdk import Estimator, FailedJob, Metrics, OperatorError, Report, Table, operator
from suanzi.sdk.names import listed


class Validated(NamedTuple):
    """Figures of each fold and their means, and the same to read."""

    metrics: Metrics
    report: Report


@operator(
    name_en="Cross Validation",
    name_zh="交叉验证",
    category="evaluate",
    doc_en="Trains on all folds but one and judges on that one, in turn (scikit-learn's cross_validate; folds are "
    "stratified by class and shuffled). As many folds at a time as it has cpu under resources.",
    doc_zh="轮流以一折为验证、其余折为训练（scikit-learn 的 cross_validate；按类别分层并打乱）。"
    "同时进行的折数为 resources 中的 cpu。",
    random=True,
)
def cross_validate(
    estimator: Estimator,
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    folds: Folds = 5,
    random_state: RandomState = None,
) -> Validated:
    import numpy as np

    trial = prepare(estimator, data, x_cols, y_col, pre_value, folds, random_state)
    cuts = [Fit({}, train, test) for train, test in trial.folds.split(trial.x, trial.y)]
    found = scored(estimator, trial, trial.scorers(), cuts, "folds", (0.0, 1.0))
    fits = [fit for fit in found if isinstance(fit, Scored)]
    for number, fit in enumerate(found, 1):
        if isinstance(fit, FailedJob):
            raise OperatorError(
                f"{type(estimator).__name__} refuses columns {listed(trial.columns)} in fold {number}: {reason(fit)}",
                "check these columns (summary shows them) and the estimator's parameters",
            )
    notes = Notes()
    notes.take(found)
    notes.tell()
    names = list(trial.scorers())
    values_of = {name: np.array([fit.scores[name] for fit in fits]) for name in names}
    by_fold = {name: (figure_sign(name) * values_of[name]).tolist() for name in names}
    metrics: dict[str, float] = {}
    for name in names:
        values = values_of[name]
        metrics[name] = float(figure_sign(name) * values.mean())
        metrics[f"{name}_std"] = float(values.std(ddof=1))
    rows = [[name, metrics[name], metrics[f"{name}_std"], *by_fold[name]] for name in names]
    header = ["figure", "mean", "std", *(f"fold {number}" for number in range(1, folds + 1))]
    drawn = chart("line", "Figures by fold", "各折指标", x=list(range(1, folds + 1)), series=by_fold)
    result = {
        "kind": "cross_validation",
        "task": trial.task,
        "rows": len(data),
        "metrics": metrics,
        "folds": [{name: by_fold[name][fold] for name in names} for fold in range(folds)],
        "findings": [],
    }
    shown = report("Cross validation", "交叉验证", [section("Figures", "指标", header, rows)], [drawn])
    return Validated(result, shown)
