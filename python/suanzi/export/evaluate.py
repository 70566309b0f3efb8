"""Figures of predictions, by scikit-learn's own functions."""

from __future__ import annotations

from suanzi.export.script import Script, Step, literal

BINARY = '''
def binary_figures(frame, y_col, pre_col, score_col, positive):
    """The figures of a two-class evaluation; those that can't be computed are None."""
    labels = sorted(frame[y_col].unique().tolist())
    positive = labels[-1] if positive is None else positive
    truth = (frame[y_col] == positive).to_numpy()
    score = None if score_col is None or score_col not in frame else frame[score_col].to_numpy(dtype="float64")
    guess = score >= 0.5 if pre_col is None else (frame[pre_col] == positive).to_numpy()
    found = {
        "accuracy": score_of.accuracy_score(truth, guess),
        "precision": score_of.precision_score(truth, guess, zero_division=0),
        "recall": score_of.recall_score(truth, guess),
        "specificity": score_of.recall_score(~truth, ~guess),
        "f1": score_of.f1_score(truth, guess, zero_division=0),
    }
    if score is not None:
        fpr, tpr, thresholds = score_of.roc_curve(truth, score, drop_intermediate=False)
        gap = np.abs(tpr - fpr)[1:]
        found["auc"] = score_of.roc_auc_score(truth, score)
        found["gini"] = 2 * found["auc"] - 1
        found["ks"] = gap.max()
        found["ks_threshold"] = thresholds[1:][gap.argmax()]
        found["average_precision"] = score_of.average_precision_score(truth, score)
        if (score >= 0).all() and (score <= 1).all():
            found["log_loss"] = score_of.log_loss(truth, score)
            found["brier"] = score_of.brier_score_loss(truth, score)
    return {name: float(value) for name, value in found.items()}
'''
MULTICLASS = '''
def multiclass_figures(frame, y_col, pre_col):
    """The figures of an evaluation of several classes."""
    truth, guess = frame[y_col], frame[pre_col]
    found = {"accuracy": score_of.accuracy_score(truth, guess), "kappa": score_of.cohen_kappa_score(truth, guess)}
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = score_of.precision_recall_fscore_support(
            truth, guess, average=average, zero_division=0
        )
        found.update({f"precision_{average}": precision, f"recall_{average}": recall, f"f1_{average}": f1})
    labels = sorted({*truth.unique().tolist(), *guess.unique().tolist()})
    columns = [f"predict_score_{label}" for label in labels]
    if all(name in frame.columns for name in columns):
        each = frame[columns].to_numpy()
        own = each[np.arange(len(frame)), truth.map({label: n for n, label in enumerate(labels)})]
        found["log_loss"] = -np.log(own.clip(np.finfo(float).eps, 1 - np.finfo(float).eps)).mean()
        areas = [score_of.roc_auc_score(truth == label, each[:, n]) for n, label in enumerate(labels)]
        found["auc_macro"] = np.mean(areas)
    return {name: float(value) for name, value in found.items()}
'''
REGRESSION = '''
def regression_figures(frame, y_col, pre_col):
    """The figures of a regression; mape is left out where a true value is 0."""
    truth, guess = frame[y_col].to_numpy(dtype="float64"), frame[pre_col].to_numpy(dtype="float64")
    found = {
        "r2": score_of.r2_score(truth, guess),
        "mae": score_of.mean_absolute_error(truth, guess),
        "rmse": score_of.root_mean_squared_error(truth, guess),
        "median_absolute_error": score_of.median_absolute_error(truth, guess),
        "max_error": score_of.max_error(truth, guess),
        "bias": (guess - truth).mean(),
        "explained_variance": score_of.explained_variance_score(truth, guess),
    }
    if (truth != 0).all():
        found["mape"] = score_of.mean_absolute_percentage_error(truth, guess)
    return {name: float(value) for name, value in found.items()}
'''
IMPORTS = ("import numpy as np", "from sklearn import metrics as score_of")


def binary(script: Script, step: Step) -> None:
    script.helper(BINARY, *IMPORTS)
    params = step.params
    score = params.get("score_col", "predict_score")
    arguments = [params["y_col"], params["pre_col"], score, params.get("pre_value")]
    _figures(script, step, "binary_figures", arguments)


def multiclass(script: Script, step: Step) -> None:
    script.helper(MULTICLASS, *IMPORTS)
    _figures(script, step, "multiclass_figures", [step.params["y_col"], step.params["pre_col"]])


def regression(script: Script, step: Step) -> None:
    script.helper(REGRESSION, *IMPORTS)
    _figures(script, step, "regression_figures", [step.params["y_col"], step.params["pre_col"]])


def _figures(script: Script, step: Step, function: str, arguments: list[object]) -> None:
    shown = ", ".join(literal(one) for one in arguments)
    script.line(f"metrics[{literal(step.id)}] = {function}({step.table()}, {shown})")


PSI = '''
def psi(expected, actual, bins):
    """Population stability index of a numeric column, over bins of equal parts of the expected values."""
    edges = np.unique(np.quantile(expected.dropna(), np.linspace(0, 1, bins + 1)[1:-1]))
    shares = []
    for column in (expected, actual):
        counts = np.bincount(np.searchsorted(edges, column.dropna(), side="left"), minlength=len(edges) + 1)
        shares.append(np.append(counts, column.isna().sum()) / len(column))
    wanted, seen = shares
    return float(((seen - wanted) * np.log(np.maximum(seen, 1e-4) / np.maximum(wanted, 1e-4))).sum())
'''


def stability(script: Script, step: Step) -> None:
    script.helper(PSI, "import numpy as np")
    expected, actual = step.table("expected"), step.table("actual")
    named = step.params.get("columns")
    columns = literal(named) if named else f"[name for name in {expected}.columns if name in {actual}.columns]"
    bins = step.params["bins"]
    script.line(
        f"{step.variable} = {{",
        f"    name: psi({expected}[name], {actual}[name], {bins}) for name in {columns}",
        "}",
        f"metrics[{literal(step.id)}] = {step.variable}",
    )


TEMPLATES = {
    "algo_local_model_2c_eval": binary,
    "eval_binary": binary,
    "eval_multiclass": multiclass,
    "eval_regression": regression,
    "psi": stability,
}
