"""`hyper_tune`: the best of many settings of an algorithm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.parameters import Features, Folds, Label, PositiveLabel, RandomState
from suanzi.operators.tune.judging import FIGURES, SCORERS, Trial, figure_sign, prepare
from suanzi.operators.tune.space import MAX_TRIALS, candidates, read_space, short
from suanzi.operators.tune.trials import Search, Tried, setting_text
from suanzi.sdk import Estimator, Metrics, Model, OperatorError, Param, Report, Table, TrainedModel, operator
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

TRIALS_SHOWN = 50
FEWEST_PER_FOLD = 10
"""Rows of the rarest class in a fold, on average, in the first round of a halving search."""


class Tuned(NamedTuple):
    """The best setting trained on all rows, its figures, something to read, and a row per trial."""

    model: Model
    metrics: Metrics
    report: Report
    trials: Table


@operator(
    name_en="Hyper-parameter Search",
    name_zh="超参数搜索",
    category="train",
    doc_en="Tries settings of an estimator by cross validation, and trains the best on all rows (as scikit-learn's "
    "GridSearchCV, RandomizedSearchCV, HalvingRandomSearchCV and HalvingGridSearchCV). As many fits run at a time as "
    "it has cpu under resources; one that fails is a row of trials with its reason.",
    doc_zh="用交叉验证尝试估计器的多组参数，并以最优参数在全部数据上训练"
    "（同 GridSearchCV、RandomizedSearchCV、HalvingRandomSearchCV、HalvingGridSearchCV）。"
    "同时进行的拟合数为 resources 中的 cpu；失败的尝试在 trials 表中占一行并注明原因。",
    random=True,
)
def hyper_tune(
    estimator: Estimator,
    data: Table,
    *,
    x_cols: Features = None,
    y_col: Label,
    pre_value: PositiveLabel = None,
    space: Annotated[
        dict[str, Any],
        Param(
            label_en="Space",
            label_zh="搜索空间",
            help_en="Parameter to list of values, or where values are drawn to {low, high, log, int}.",
            help_zh="参数到取值列表；随机抽取时也可为 {low, high, log, int}。",
        ),
    ],
    search: Annotated[
        Literal["grid", "random", "halving", "halving_grid"],
        Param(
            label_en="Search",
            label_zh="搜索方式",
            help_en="All combinations; some by chance; some, or all, on few rows first and the best of them on more.",
            help_zh="全部组合；随机抽取；随机抽取或全部组合，先用少量数据再逐步淘汰。",
        ),
    ] = "grid",
    n_trials: Annotated[
        int,
        Param(
            ge=1,
            le=MAX_TRIALS,
            label_en="Trials",
            label_zh="尝试次数",
            help_en="For random and halving.",
            help_zh="用于随机搜索和逐步淘汰。",
        ),
    ] = 20,
    factor: Annotated[
        int,
        Param(
            ge=2,
            le=MAX_TRIALS,
            label_en="Halving factor",
            label_zh="淘汰倍数",
            help_en="Of halving: each round has so many times more rows, and so many times fewer settings.",
            help_zh="逐步淘汰：每轮数据量增至若干倍，参数组数减至若干分之一。",
        ),
    ] = 3,
    first_rows: Annotated[
        int | None,
        Param(
            ge=1,
            label_en="First rows",
            label_zh="首轮行数",
            help_en="Of halving: rows of the first round; empty: enough for some of each class in each fold.",
            help_zh="逐步淘汰：首轮使用的行数；留空则保证各折中每个类别都有若干行。",
        ),
    ] = None,
    figure: Annotated[
        str | None,
        Param(
            label_en="Judge by",
            label_zh="评价指标",
            help_en="auc, accuracy, f1, r2, rmse and so on; empty: AUC, accuracy or R².",
            help_zh="auc、accuracy、f1、r2、rmse 等；留空为 AUC、准确率或 R²。",
        ),
    ] = None,
    folds: Folds = 5,
    random_state: RandomState = None,
) -> Tuned:
    trial = prepare(estimator, data, x_cols, y_col, pre_value, folds, random_state)
    known = FIGURES[trial.task]
    figure = known[0] if figure is None else figure
    if figure not in known:
        raise OperatorError(f"'{figure}' is no figure of a {trial.task} task", f"choose one of {listed(known)}")
    scorer = SCORERS.get(figure, figure)
    settings = candidates(read_space(estimator, space, search), search, n_trials, random_state)
    made = Search(estimator, trial, scorer)
    if search in ("grid", "random"):
        made.try_all(settings)
    else:
        made.halve(settings, _first_rows(trial, first_rows), factor, random_state)
    made.notes.tell()
    found = made.best()
    best = _refit(estimator, found, trial, data[y_col])
    types = {name: str(data[name].dtype) for name in trial.columns}
    model = TrainedModel(
        best, trial.columns, trial.task, y_col, trial.positive, algo_name="hyper_tune", column_types=types
    )
    trials = _trials(made.tried, figure, search)
    winner = {short(name): value for name, value in found.params.items()}
    metrics = {
        "kind": "hyper_tune",
        "task": trial.task,
        "rows": len(data),
        "figure": figure,
        "metrics": {figure: figure_sign(figure) * found.mean},
        "best_params": {name: value if _plain(value) else str(value) for name, value in winner.items()},
        "trials": len(trials),
        "failed": sum(bool(one.failed) for one in made.tried),
        "findings": [],
    }
    return Tuned(model, metrics, _report(trials, figure), trials)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _first_rows(trial: Trial, given: int | None) -> int:
    """Rows of the first round of a halving search: enough that each fold is likely to hold every class."""
    import numpy as np

    folds = int(trial.folds.get_n_splits())
    if given is not None:
        if given > len(trial.y):
            raise OperatorError(f"first_rows is {given:,}, and there are {len(trial.y):,} rows", "set first_rows lower")
        if given < 2 * folds:
            raise OperatorError(f"first_rows is {given:,}, too few for {folds} folds", "set it higher, or leave it out")
        return given
    share = 1.0
    if trial.task != "regression":
        share = float(np.unique(trial.y, return_counts=True)[1].min()) / len(trial.y)
    return min(len(trial.y), math.ceil(FEWEST_PER_FOLD * folds / share))


def _refit(estimator: Any, best: Tried, trial: Trial, labels: Any) -> Any:
    """The best setting trained on all rows: on the labels themselves, where the trials used 0 and 1."""
    from sklearn.base import clone

    same = trial.task != "binary" or (list(trial.labels) == [0, 1] and trial.positive == 1)
    made = clone(estimator).set_params(**clone(best.params, safe=False))
    try:
        return made.fit(trial.x, trial.y if same else labels)
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1]
        raise OperatorError(
            f"the best setting, {setting_text(best.params)}, can't be trained on all rows: {reason}",
            f"check columns {listed(trial.columns)} (summary shows them)",
        ) from error


def _trials(tried: list[Tried], figure: str, search: str) -> pd.DataFrame:
    """A row for each, the best of the last round first; ranks are those over all rounds, as scikit-learn's."""
    import pandas as pd

    sign = figure_sign(figure)
    columns: dict[str, Any] = {}
    for name in tried[0].params:
        values = [one.params[name] for one in tried]
        same = len({type(value) for value in values}) == 1 and _plain(values[0])
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        columns[f"param_{short(name)}"] = values if same or numbers else [str(value) for value in values]
    if search.startswith("halving"):
        columns["round"] = [one.round + 1 for one in tried]
        columns["rows_used"] = [one.rows for one in tried]
    columns[figure] = [sign * one.mean for one in tried]
    columns[f"{figure}_std"] = [one.std for one in tried]
    for fold in range(len(tried[0].scores)):
        columns[f"{figure}_fold_{fold + 1}"] = [sign * one.scores[fold] for one in tried]
    means = pd.Series([one.mean for one in tried])
    columns["rank"] = means.rank(method="min", ascending=False, na_option="bottom").astype("int64")
    columns["failed"] = pd.array([one.failed or None for one in tried], dtype="str")
    order = sorted(range(len(tried)), key=lambda at: (-tried[at].round, columns["rank"][at]))
    return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def _report(trials: pd.DataFrame, figure: str) -> dict[str, Any]:
    top = trials.head(TRIALS_SHOWN)
    rows = top.astype(object).to_numpy().tolist()
    axes = [name for name in trials.columns if name.startswith("param_")] + [figure]
    lines = top.loc[top["failed"].isna(), axes].astype(object).to_numpy().tolist()
    better = "low" if figure_sign(figure) < 0 else "high"
    names = [name.removeprefix("param_") for name in axes]
    drawn = chart("parallel", "Trials", "各次尝试", axes=names, lines=lines, better=better)
    return report(
        "Hyper-parameter search", "超参数搜索", [section("Best trials", "最优尝试", list(top.columns), rows)], [drawn]
    )
