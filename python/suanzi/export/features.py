"""Fitted steps: what was learnt on one table is kept in a variable and applied to others."""

from __future__ import annotations

import inspect
import re
from typing import Any

from suanzi.export.script import Script, Step, literal

NUMERIC = '''
def numeric_columns(frame, without=()):
    """Names of the columns of numbers and truth values."""
    return [name for name in frame.columns if name not in without and frame[name].dtype.kind in "iufb"]
'''
APPLY_SCALER = '''
def scaled(scaler, frame, columns):
    """The table with these columns as the fitted scaler makes them."""
    values = scaler.transform(frame[columns].to_numpy(dtype="float64"))
    return frame.assign(**{name: values[:, position] for position, name in enumerate(columns)})
'''
APPLY_GENERATED = '''
def transformed(step, frame, columns):
    """The table with these columns replaced by what the fitted step makes of them."""
    values = step.transform(frame[columns])
    values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    try:
        names = [str(name) for name in step.get_feature_names_out()]
    except (AttributeError, ValueError, TypeError):
        names = []
    if len(names) != values.shape[1]:
        same = values.shape[1] == len(columns)
        names = columns if same else [f"{type(step).__name__.lower()}{n}" for n in range(values.shape[1])]
    if names == list(columns):
        return frame.assign(**{name: values[:, n] for n, name in enumerate(names)})
    added = pd.DataFrame({name: values[:, n] for n, name in enumerate(names)}, index=frame.index)
    return pd.concat([frame.drop(columns=columns), added], axis=1)
'''


def chosen(script: Script, step: Step, key: str = "columns") -> str:
    """The expression of the columns a step works on."""
    params = step.params
    excluded = params.get("exclude") or []
    if params.get(key) is not None:
        return literal([name for name in dict.fromkeys(params[key]) if name not in excluded])
    script.helper(NUMERIC)
    without = f", without={literal(excluded)}" if excluded else ""
    return f"numeric_columns({step.table()}{without})"


def standardize(script: Script, step: Step) -> None:
    options = {name: step.params[name] for name in ("with_mean", "with_std")}
    _scaler(script, step, script.estimator("sklearn.preprocessing", "StandardScaler", options))


def normalize(script: Script, step: Step) -> None:
    params = step.params
    if params.get("method", "min_max") == "max_abs":
        call = script.estimator("sklearn.preprocessing", "MaxAbsScaler", {})
    else:
        call = script.estimator(
            "sklearn.preprocessing", "MinMaxScaler", {"feature_range": (params["low"], params["high"])}
        )
    _scaler(script, step, call)


def _scaler(script: Script, step: Step, call: str) -> None:
    script.helper(APPLY_SCALER)
    columns, scaler = f"{step.variable}_columns", step.output("transform")
    script.line(
        f"{columns} = {chosen(script, step)}",
        f'{scaler} = {call}.fit({step.table()}[{columns}].to_numpy(dtype="float64"))',
        f"{step.output('data')} = scaled({scaler}, {step.table()}, {columns})",
    )
    script.facts[scaler] = {"apply": f"scaled({scaler}, {{frame}}, {columns})"}


def woe_binning(script: Script, step: Step) -> None:
    from suanzi.operators.feature import woe

    params = step.params
    script.need(
        "import math", "from dataclasses import dataclass", "from itertools import pairwise", "import numpy as np"
    )
    for name in ("FINE_BINS", "SMOOTHING"):
        script.helpers.setdefault(name, f"{name} = {getattr(woe, name)}\n")
    for part in (
        woe.Binning,
        woe.bin_feature,
        woe.weights,
        woe._quantile_cuts,
        woe._merge,
        woe._against_the_trend,
        woe._chi_square,
    ):
        source = re.sub(r"(?m)^ +import numpy as np\n\n?", "", inspect.getsource(part))
        script.helpers.setdefault(part.__name__, unhinted(source))
    table, y = step.table(), literal(params["y_col"])
    positive = literal(params["pre_value"]) if params["pre_value"] is not None else f"{table}[{y}].max()"
    columns = literal(params["columns"]) if params["columns"] else f"[name for name in {table}.columns if name != {y}]"
    transform = step.output("transform")
    script.helpers.setdefault("weighed", WEIGHED)
    suffix = "_woe" if params["keep_columns"] else ""
    script.line(
        f"positive = ({table}[{y}] == {positive}).to_numpy()",
        f"{transform} = [",
        f"    bin_feature({table}[name], positive, max_bins={params['max_bins']}, "
        f"min_share={params['min_share']}, monotone={params['monotone']})",
        f"    for name in {columns}",
        "]",
        f'{step.output("data")} = weighed({transform}, {table}, "{suffix}")',
    )
    script.facts[transform] = {"apply": f'weighed({transform}, {{frame}}, "{suffix}")'}


WEIGHED = '''def weighed(binnings, frame, suffix):
    """The table with each feature's weight of evidence."""
    found = {b.feature + suffix: np.asarray(b.woe)[b.bins_of(frame[b.feature])] for b in binnings}
    return frame.assign(**found)
'''


def apply_transform(script: Script, step: Step) -> None:
    facts = step.inputs["transform"][0].facts
    call = facts.get("apply", f"{step.table('transform')}.transform({{frame}})")
    script.line(f"{step.output('data')} = {call.format(frame=step.table())}")


def scorecard_points(script: Script, step: Step) -> None:
    script.need("import numpy as np")
    params = step.params
    column = literal(params["score_col"])
    script.line(
        f"bad = {step.table()}[{column}].to_numpy().clip(1e-9, 1 - 1e-9)",
        f"points = {params['base_points']} + {params['pdo']} / np.log(2) * (np.log((1 - bad) / bad) - "
        f"np.log({params['base_odds']}))",
        f"{step.output('data')} = {step.table()}.assign(**{{{literal(params['output'])}: points}})",
    )


def unhinted(source: str) -> str:
    """Code without its type hints, which would need imports."""
    import ast

    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
        if isinstance(node, (ast.FunctionDef, ast.If)):
            node.body = [_plain(one) for one in node.body]
            if isinstance(node, ast.If):
                node.orelse = [_plain(one) for one in node.orelse]
    text = ast.unparse(tree)
    return text.replace("list[Any]", "list") + "\n"


def _plain(node: Any) -> Any:
    import ast

    if isinstance(node, ast.AnnAssign) and node.value is not None:
        made = ast.Assign([node.target], node.value)
        return ast.copy_location(ast.fix_missing_locations(made), node) if hasattr(node, "lineno") else made
    return node


TEMPLATES = {
    "standardize": standardize,
    "normalize": normalize,
    "woe_binning": woe_binning,
    "apply_transform": apply_transform,
    "scorecard_points": scorecard_points,
}
