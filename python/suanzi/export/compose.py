"""A bound DAG as a script: the operators in the order they run, each by the template of its kind."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from suanzi.export import evaluate, features, own, sources, train, tune
from suanzi.export.script import Input, Script, Step, variable_of
from suanzi.sdk.names import listed

Template = Callable[[Script, Step], None]
TEMPLATES: dict[str, Template] = {
    **sources.TEMPLATES,
    **features.TEMPLATES,
    **train.TEMPLATES,
    **tune.TEMPLATES,
    **evaluate.TEMPLATES,
    **own.TEMPLATES,
}


HELPERS = (
    "FIGURES",
    "SCORERS",
    "SMALLER_IS_BETTER",
    "WholeLog",
    "bin_feature",
    "binary_figures",
    "current",
    "data_file",
    "first_rows",
    "model_selection",
    "multiclass_figures",
    "numeric_columns",
    "people",
    "positive",
    "psi",
    "read_table",
    "regression_figures",
    "scaled",
    "score_of",
    "scored",
    "stats",
    "transformed",
    "trial_data",
    "trials_table",
    "weighed",
    "weights",
)
"""Names of functions in the script: an operator's variable can't have them."""


USUAL = ("pandas", "pyarrow", "scikit-learn")
"""What a script needs in any case."""


class Unknown(Exception):
    """Operators that have no template; the message is for the user."""


def script(dag: Mapping[str, Any]) -> str:
    """The whole script. `dag` is what `suanzi export` hands over: operators in order, parameters and inputs bound."""
    steps, made = [], Script()
    taken = {*dir(builtins), *HELPERS, *(op["function"] for op in dag["operators"] if op.get("dir"))}
    outputs: dict[str, list[str]] = {}
    unknown = [op for op in dag["operators"] if template_of(op) is None]
    if unknown:
        names = listed(f"{op['id']} ({op['algo_name']})" for op in unknown)
        raise Unknown(
            f"error: no Python can be written for {names}\nhint: it can for {listed(sorted(TEMPLATES))}, sk_…"
        )
    for op in dag["operators"]:
        variable = variable_of(op["id"], taken)
        step = Step(
            op["id"], op["algo_name"], op["params"], {}, op.get("files", {}), op["outputs"], variable, op, dag["seed"]
        )
        outputs[op["id"]] = [step.output(name) for name in op["outputs"]]
        taken.update(outputs[op["id"]])
        for one in op["inputs"]:
            source = outputs[one["source"]][one["output"]]
            step.inputs.setdefault(one["name"], []).append(Input(source, made.facts.get(source, {})))
        template = template_of(op)
        assert template is not None
        made.line("", f"# {op['id']}: {op.get('title') or op['algo_name']}")
        template(made, step)
        steps.append(step)
    return assembled(made, dag)


def template_of(op: Mapping[str, Any]) -> Template | None:
    """The kind's own template, the generated family's, or that of the user's own code."""
    if op.get("dir"):
        return own.user_operator
    if op["algo_name"].startswith("sk_"):
        return train.generated if train.knows(op["algo_name"]) else None
    return TEMPLATES.get(op["algo_name"])


def needed(operators: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a script runner is to install (PEP 723), where operators name requirements of their own."""
    by_package: dict[str, tuple[str, str]] = {}
    for op in operators:
        for requirement in op.get("requirements", ()):
            package = re.split(r"[^a-z0-9-]", requirement, maxsplit=1)[0]
            other, first = by_package.setdefault(package, (requirement, op["id"]))
            if other != requirement:
                raise Unknown(
                    f"error: {first} needs {other} and {op['id']} needs {requirement}: one script can't have both\n"
                    "hint: give both one version, or export them apart with --only"
                )
    if not by_package:
        return []
    listed_all = [one for one in USUAL if one not in by_package] + [one for one, _ in by_package.values()]
    return [
        "# /// script",
        '# requires-python = ">=3.11"',
        f"# dependencies = {json.dumps(sorted(listed_all))}",
        "# ///",
    ]


def assembled(made: Script, dag: Mapping[str, Any]) -> str:
    """Imports, helpers, body, and the figures as JSON at the end."""
    made.need("import json")
    plain = sorted(line for line in made.imports if line.startswith("import "))
    froms = sorted(line for line in made.imports if line.startswith("from "))
    standard = [line for line in (*plain, *froms) if line.split()[1].split(".")[0] in STANDARD]
    others = [line for line in (*plain, *froms) if line not in standard]
    head = [
        *needed(dag["operators"]),
        f'"""{dag["name"]}: made by `suanzi export --python`. It needs pandas, scikit-learn and pyarrow only."""',
        "",
        *standard,
        "",
        *others,
        "",
    ]
    files = dag.get("datasets", {})
    constants = [f"SEED = {dag['seed']}"]
    if files:
        made_files = ", ".join(f'"{key}": {path!r}' for key, path in files.items())
        constants.append(f"FILES = {{{made_files}}}  # another file: python SCRIPT {next(iter(files))}=FILE")
    helpers = [text for source in made.helpers.values() for text in ("", source.rstrip(), "")]
    body = ["", "metrics = {}", *made.body, "", "print(json.dumps(metrics, ensure_ascii=False, indent=1))", ""]
    return "\n".join([*head, *constants, *helpers, *body])


STANDARD = ("json", "math", "sys", "typing", "itertools", "dataclasses", "__future__")
