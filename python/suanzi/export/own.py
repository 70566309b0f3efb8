"""Code that users wrote: scripts in the DAG, and their own operators without what ties them to Suanzi."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import Any

from suanzi.export.script import Script, Step, literal

CONTEXT = '''
class Running:
    """Stands for the running operator: notes and figures go to standard error."""

    def note(self, text):
        print(f"note: {text}", file=sys.stderr)

    def metric(self, name, value, step=None):
        print(f"{name} {value} (step {step})", file=sys.stderr)

    def progress(self, fraction, message=""):
        pass

    def map(self, function, jobs, *, what="jobs", keep_failures=False, share=(0.0, 1.0)):
        found = []
        for job in jobs:
            try:
                found.append(function(job))
            except Exception as error:
                if not keep_failures:
                    raise
                found.append(FailedJob("exception", f"{type(error).__name__}: {error}"))
        return found
'''
FAILED = '''
class FailedJob:
    """Stands for the result of a job that failed."""

    def __init__(self, kind, reason, hint=None):
        self.kind, self.reason, self.hint = kind, reason, hint
'''
CURRENT = """
def current():
    return Running()
"""
ERROR = '''
class OperatorError(Exception):
    """A refusal, with a remedy."""
'''


def python_script(script: Script, step: Step) -> None:
    """The code as it is, as a function of its own."""
    code = step.params["code"]
    inputs = [one.variable for one in step.inputs.get("inputs", [])]
    tree = ast.parse(code)
    runs = any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body)
    name = f"{step.variable}_code"
    takes = runs and "params" in _arguments(next(n for n in tree.body if getattr(n, "name", "") == "run"))
    params = literal(step.params.get("params") or {})
    called = f"return run(*inputs, params={params})" if takes else "return run(*inputs)"
    ending = called if runs else "return output"
    given = "" if runs else f"    inputs, params = list(inputs), {params}\n"
    source = f"def {name}(*inputs):\n{given}{textwrap.indent(code.rstrip(), '    ')}\n\n    {ending}\n"
    script.helper(source)
    data, figures = (step.output(port) for port in ("data", "metrics"))
    script.line(
        f"{data} = {name}({', '.join(inputs)})",
        f"{data}, {figures} = {data} if isinstance({data}, tuple) else (None, {data}) if isinstance({data}, dict) "
        f"else ({data}, {{}})",
        f'metrics[{literal(step.id)}] = {figures}.get("metrics", {figures})',
    )


def _arguments(function: Any) -> set[str]:
    named = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    return named | ({"params"} if function.args.kwarg else set())


def user_operator(script: Script, step: Step) -> None:
    """The module's code once, and a call of the operator's function."""
    folder, module = Path(step.origin["dir"]), step.origin["module"]
    path = folder.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = file.read_text(encoding="utf-8")
    source, imports, used = _untied(text)
    script.need(*imports)
    if used & {"current", "FailedJob"}:
        script.helper(FAILED)
    if "current" in used:
        script.helper(CONTEXT, "import sys")
        script.helper(CURRENT)
    if "OperatorError" in used:
        script.helper(ERROR)
    script.helpers.setdefault(f"module {module}", source)
    function = step.origin["function"]
    inputs = [one.variable for values in step.inputs.values() for one in values]
    params = dict(step.params)
    if step.origin.get("random") and "random_state" in params:
        params["random_state"] = step.random_state()
    arguments = [*inputs, *(f"{name}={literal(value)}" for name, value in params.items())]
    outputs = ", ".join(step.output(name) for name in step.outputs)
    call = _combined(text, function, f"{function}({', '.join(arguments)})", params)
    script.line(f"{outputs} = {call}" if outputs else call)


def _combined(source: str, function: str, call: str, params: dict[str, Any]) -> str:
    """The call, and what makes the operator's result of it where pieces of a table are combined: here there is one."""
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    for decorator in functions[function].decorator_list if function in functions else ():
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg != "partition" or not isinstance(keyword.value, ast.Call):
                continue
            given = [*keyword.value.args[:1], *(one.value for one in keyword.value.keywords if one.arg == "combine")]
            for combine in given:
                text = ast.unparse(combine)
                takes: Any = functions.get(text, combine)
                names = [argument.arg for argument in takes.args.kwonlyargs] if hasattr(takes, "args") else []
                named = "".join(f", {name}={literal(params[name])}" for name in names if name in params)
                return f"({text})([{call}]{named})" if isinstance(combine, ast.Lambda) else f"{text}([{call}]{named})"
    return call


def _untied(source: str) -> tuple[str, set[str], set[str]]:
    """The module without decorators, hints and imports of Suanzi; its other imports; names it used of Suanzi."""
    tree = ast.parse(source)
    imports: set[str] = set()
    known: set[str] = set()
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "suanzi":
            known |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if getattr(node, "module", "") not in ("typing", "__future__"):
                imports.add(ast.unparse(node))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            body.append(node)
    tree.body = body
    for part in ast.walk(tree):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            part.decorator_list = [one for one in part.decorator_list if _root(one) not in known]
            part.returns = None
            for argument in (*part.args.posonlyargs, *part.args.args, *part.args.kwonlyargs):
                argument.annotation = None
    _Plain().visit(tree)
    text = ast.unparse(ast.fix_missing_locations(tree))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & known
    return text, imports, used


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


class _Plain(ast.NodeTransformer):
    """Annotated assignments as plain ones."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return ast.Assign([node.target], node.value) if node.value is not None else None


TEMPLATES = {"python_script": python_script}
