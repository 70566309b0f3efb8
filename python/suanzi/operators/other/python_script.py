"""`python_script`: runs code written in place."""

from __future__ import annotations

import inspect
import linecache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from suanzi.sdk import AnyValue, Code, Metrics, OperatorError, Param, Table, current, operator

if TYPE_CHECKING:
    import pandas as pd


class ScriptResult(NamedTuple):
    """The table the script gives (empty if none) and its figures."""

    data: Table
    metrics: Metrics


EXAMPLE = """def run(*inputs, params):
    data = inputs[0]
    return data
"""


@operator(
    name_en="Python Script",
    name_zh="Python脚本",
    category="other",
    doc_en="Runs code written in place. Define `def run(*inputs, params)`, or assign `output`; `inputs` and "
    "`params` are there. Give a DataFrame, a dict of figures, or both as a tuple.",
    doc_zh="运行就地编写的代码。定义 `def run(*inputs, params)`，或给 `output` 赋值；可使用 inputs 和 params。"
    "返回 DataFrame、指标字典，或二者的元组。",
    random=True,
)
def python_script(
    *inputs: AnyValue,
    code: Annotated[
        Code,
        Param(
            label_en="Code",
            label_zh="代码",
            help_en="Python; tables are pandas DataFrames.",
            help_zh="Python 代码；表为 pandas DataFrame。",
        ),
    ] = EXAMPLE,
    params: Annotated[
        dict[str, Any] | None,
        Param(label_en="Parameters", label_zh="参数", help_en="Given to the code.", help_zh="传给代码的参数。"),
    ] = None,
) -> ScriptResult:
    name = f"<python_script {current().operator_id}>"
    try:
        compiled = compile(code, name, "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise OperatorError(f"the code can't be read{where}: {getattr(error, 'msg', error)}", "correct it") from None
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    given = dict(params or {})
    space: dict[str, Any] = {"__name__": "python_script", "inputs": list(inputs), "params": given}
    exec(compiled, space)
    run = space.get("run")
    if callable(run):
        return _result(run(*inputs, params=given) if _takes_params(run) else run(*inputs))
    if "output" not in space:
        raise OperatorError(
            "the code neither defines run() nor assigns output", "write `def run(*inputs, params):` and return a table"
        )
    return _result(space["output"])


def _takes_params(run: Any) -> bool:
    parameters = inspect.signature(run).parameters.values()
    return any(p.name == "params" or p.kind is p.VAR_KEYWORD for p in parameters)


def _result(value: Any) -> ScriptResult:
    if isinstance(value, tuple) and len(value) == 2:
        table, figures = value
    elif isinstance(value, dict):
        table, figures = None, value
    else:
        table, figures = value, {}
    return ScriptResult(_empty() if table is None else table, {} if figures is None else figures)


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()
