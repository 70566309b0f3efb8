"""`hyper_tune`: the best of many settings of an algorithm."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from suanzi.operators.reporting import chart, report, section
from suanzi.operators.train.parameters import Features, Folds, Label, PositiveLabel, RandomState
from suanzi.operators.tune.estimator import MODEL_STEP
from suanzi.operators.tune.judging import FIGURES, SCORERS, Trial, figure_sign, prepare
from suanzi.sdk import Estimator, Metrics, Model, OperatorError, Param, Report, Table, TrainedModel, current, operator
from suanzi.sdk.names import listed, nearest

if TYPE_CHECKING:
    import pandas as pd

MAX_TRIALS = 10_000
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
    doc_en="Tries settings of an estimator by cross validation, and trains the best on all rows (scikit-learn's "
    "GridSearchCV, RandomizedSearchCV, HalvingRandomSearchCV).",
    doc_zh="用交叉验证尝试估计器的多组参数，并以最优参数在全部数据上训练"
    "（GridSearchCV、RandomizedSearchCV、HalvingRandomSearchCV）。",
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
            help_en="Parameter to list of values, or for random search to {low, high, log}.",
            help_zh="参数到取值列表；随机搜索也可为 {low, high, log}。",
        ),
    ],
    search: Annotated[
        Literal["grid", "random", "halving"],
        Param(
            label_en="Search",
            label_zh="搜索方式",
            help_en="All combinations, some by chance, or many on few rows first.",
            help_zh="全部组合、随机抽取，或先用少量数据逐步淘汰。",
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
    made = _search(estimator, _space(estimator, space, search), search, n_trials, scorer, trial, random_state)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made.fit(trial.x, trial.y)
        except ValueError as error:
            reason = str(error).strip().splitlines()[-1]
            raise OperatorError(
                f"the search over columns {listed(trial.columns)} failed: {reason}",
                "check the values in space, and these columns (summary shows them)",
            ) from error
    for text in list(dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught))[:TRIALS_SHOWN]:
        current().note(text)
    best = _refit(made.best_estimator_, trial, data[y_col])
    types = {name: str(data[name].dtype) for name in trial.columns}
    model = TrainedModel(
        best, trial.columns, trial.task, y_col, trial.positive, algo_name="hyper_tune", column_types=types
    )
    trials = _trials(made, figure)
    winner = {_short(name): value for name, value in made.best_params_.items()}
    metrics = {
        "kind": "hyper_tune",
        "task": trial.task,
        "rows": len(data),
        "figure": figure,
        "metrics": {figure: figure_sign(figure) * float(made.best_score_)},
        "best_params": {name: value if _plain(value) else str(value) for name, value in winner.items()},
        "trials": len(trials),
        "findings": [],
    }
    return Tuned(model, metrics, _report(trials, figure), trials)


def _short(name: str) -> str:
    return name.removeprefix(f"{MODEL_STEP}__")


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _space(estimator: Any, space: dict[str, Any], search: str) -> dict[str, Any]:
    """Names completed with the pipeline's step, values as lists or distributions."""
    if not space:
        raise OperatorError("space is empty", "name a parameter and its values, such as max_depth: [3, 5, 8]")
    known = estimator.get_params()
    found = {}
    for name, values in space.items():
        full = name if name in known else f"{MODEL_STEP}__{name}"
        if full not in known:
            names = sorted({_short(key) for key in known})
            meant = nearest(name, names)
            raise OperatorError(
                f"the estimator has no parameter '{name}'; it has: {listed(names)}",
                f"did you mean '{meant}'?" if meant else "correct the name in space",
            )
        found[full] = _values(name, values, search)
    return found


def _values(name: str, values: Any, search: str) -> Any:
    if isinstance(values, list) and values:
        return [tuple(value) if isinstance(value, list) else value for value in values]
    numbers = (int, float)
    if isinstance(values, dict) and search != "grid" and {"low", "high"} <= set(values) <= {"low", "high", "log"}:
        from scipy import stats

        low, high = values["low"], values["high"]
        fits = isinstance(low, numbers) and isinstance(high, numbers) and low < high
        if fits and (not values.get("log") or low > 0):
            if values.get("log"):
                return stats.loguniform(low, high)
            whole = isinstance(low, int) and isinstance(high, int)
            return stats.randint(low, high + 1) if whole else stats.uniform(low, high - low)
    example = "a list of values" if search == "grid" else "a list of values, or {low: 0.01, high: 1, log: true}"
    raise OperatorError(f"space of parameter '{name}' is {values!r}", f"give {example}")


def _search(
    estimator: Any,
    space: dict[str, Any],
    search: str,
    n_trials: int,
    scorer: str,
    trial: Trial,
    random_state: int | None,
) -> Any:
    from sklearn import model_selection

    shared: dict[str, Any] = {"scoring": scorer, "cv": trial.folds, "refit": True, "error_score": "raise"}
    if search == "grid":
        count = math.prod(len(values) for values in space.values())
        if count > MAX_TRIALS:
            raise OperatorError(f"the space has {count:,} combinations (limit {MAX_TRIALS:,})", "use search 'random'")
        return model_selection.GridSearchCV(estimator, space, **shared)
    if search == "random":
        return model_selection.RandomizedSearchCV(
            estimator, space, n_iter=n_trials, random_state=random_state, **shared
        )
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401

    return model_selection.HalvingRandomSearchCV(
        estimator,
        space,
        n_candidates=n_trials,
        min_resources=_first_rows(trial),
        random_state=random_state,
        **shared,
    )


def _first_rows(trial: Trial) -> int:
    """Rows of the first round of a halving search: enough that each fold is likely to hold every class."""
    import numpy as np

    share = 1.0
    if trial.task != "regression":
        share = float(np.unique(trial.y, return_counts=True)[1].min()) / len(trial.y)
    folds = int(trial.folds.get_n_splits())
    return min(len(trial.y), math.ceil(FEWEST_PER_FOLD * folds / share))


def _refit(best: Any, trial: Trial, labels: Any) -> Any:
    """The best setting trained on the labels themselves, where the trials used 0 and 1."""
    if trial.task != "binary" or (list(trial.labels) == [0, 1] and trial.positive == 1):
        return best
    from sklearn.base import clone

    return clone(best).fit(trial.x, labels)


def _trials(made: Any, figure: str) -> pd.DataFrame:
    import pandas as pd

    found = made.cv_results_
    sign = figure_sign(figure)
    columns: dict[str, Any] = {}
    for name in found["params"][0]:
        values = [params[name] for params in found["params"]]
        same = len({type(value) for value in values}) == 1 and _plain(values[0])
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        columns[f"param_{_short(name)}"] = values if same or numbers else [str(value) for value in values]
    if "n_resources" in found:
        columns["rows_used"] = found["n_resources"]
    columns[figure] = sign * found["mean_test_score"]
    columns[f"{figure}_std"] = found["std_test_score"]
    columns["rank"] = found["rank_test_score"]
    return pd.DataFrame(columns).sort_values("rank", kind="stable", ignore_index=True)


def _report(trials: pd.DataFrame, figure: str) -> dict[str, Any]:
    top = trials.head(TRIALS_SHOWN)
    rows = top.astype(object).to_numpy().tolist()
    axes = [name for name in trials.columns if name.startswith("param_")] + [figure]
    drawn = chart("parallel", "Trials", "各次尝试", axes=axes, lines=top[axes].astype(object).to_numpy().tolist())
    return report(
        "Hyper-parameter search", "超参数搜索", [section("Best trials", "最优尝试", list(top.columns), rows)], [drawn]
    )
