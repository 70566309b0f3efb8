"""Conditions on a table's rows, in a small language that can compute but not act.

An expression is parsed by `ast` and walked by hand: no name but a column's, no attribute, no call but those listed here
is ever looked up, and nothing of it is evaluated by Python itself.
"""

from __future__ import annotations

import ast
import operator as op
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from suanzi.sdk import OperatorError
from suanzi.sdk.columns import require_columns

if TYPE_CHECKING:
    import pandas as pd

MAX_EXPRESSION_CHARS = 10_000
MAX_NODES = 1_000
MAX_DEPTH = 64
LARGEST_INTEGER = 2**63 - 1

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: op.eq,
    ast.NotEq: op.ne,
    ast.Lt: op.lt,
    ast.LtE: op.le,
    ast.Gt: op.gt,
    ast.GtE: op.ge,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: op.add,
    ast.Sub: op.sub,
    ast.Mult: op.mul,
    ast.Div: op.truediv,
    ast.FloorDiv: op.floordiv,
    ast.Mod: op.mod,
}
TEXT_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "length": (1, lambda text: text.str.len()),
    "lower": (1, lambda text: text.str.lower()),
    "upper": (1, lambda text: text.str.upper()),
    "contains": (2, lambda text, part: text.str.contains(part, regex=False)),
    "startswith": (2, lambda text, part: text.str.startswith(part)),
    "endswith": (2, lambda text, part: text.str.endswith(part)),
}
FUNCTIONS = ("isnull", "notnull", "abs", *TEXT_FUNCTIONS)


def rows_where(frame: pd.DataFrame, expression: str) -> pd.Series[bool]:
    """True for the rows that meet the expression; a missing answer counts as false."""
    if len(expression) > MAX_EXPRESSION_CHARS:
        raise OperatorError(f"the expression is longer than {MAX_EXPRESSION_CHARS:,} characters", "cut it in several")
    text, quoted = _without_backticks(expression)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" near character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        hint = "use == to compare, quotes around texts, backticks around column names with spaces"
        raise OperatorError(f"the expression can't be read{where}: {expression}", hint) from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise OperatorError(f"the expression has more than {MAX_NODES:,} parts", "cut it in several")
    found = _Reader(frame, quoted).value(tree.body, 0)
    if not _is_column(found) or not _is_boolean(found):
        raise OperatorError(
            f"the expression is not a condition: {expression}", "compare something, for example `AGE >= 18`"
        )
    return found.fillna(False).astype(bool)


def _without_backticks(expression: str) -> tuple[str, dict[str, str]]:
    """Names in backticks replaced by identifiers, and what those stand for."""
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = f"__column_{len(quoted)}"
        quoted[name] = match.group(1)
        return name

    return re.sub(r"`([^`]+)`", stand_in, expression), quoted


def _is_column(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "index")


def _is_boolean(column: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_bool_dtype(column.dtype)) or set(column.dropna().unique()) <= {True, False}


class _Reader:
    """Walks the tree; every kind of node that is not named here is refused."""

    def __init__(self, frame: pd.DataFrame, quoted: dict[str, str]) -> None:
        self.frame = frame
        self.quoted = quoted
        self.normal = {unicodedata.normalize("NFKC", str(name)): str(name) for name in frame.columns}

    def value(self, node: ast.expr, depth: int) -> Any:
        """A column, or a constant."""
        if depth > MAX_DEPTH:
            raise OperatorError(f"the expression is nested more than {MAX_DEPTH} levels deep", "simplify it")
        below = depth + 1
        match node:
            case ast.Constant():
                return self._constant(node.value)
            case ast.Name():
                return self._column(node.id)
            case ast.Compare():
                return self._compare(node, below)
            case ast.BoolOp():
                parts = [self._condition(part, below) for part in node.values]
                result = parts[0]
                for part in parts[1:]:
                    result = result & part if isinstance(node.op, ast.And) else result | part
                return result
            case ast.UnaryOp(op=ast.Not() | ast.Invert()):
                return ~self._condition(node.operand, below)
            case ast.UnaryOp(op=ast.USub()):
                return -self._number(node.operand, below)
            case ast.BinOp(op=ast.BitAnd()):
                return self._condition(node.left, below) & self._condition(node.right, below)
            case ast.BinOp(op=ast.BitOr()):
                return self._condition(node.left, below) | self._condition(node.right, below)
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                left, right = self._number(node.left, below), self._number(node.right, below)
                if not _is_column(right) and right == 0 and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
                    raise OperatorError("the expression divides by zero", "correct it")
                return ARITHMETIC[type(node.op)](left, right)
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
                return self._call(name, node.args, below)
        raise OperatorError(
            f"the expression holds something that is not allowed: {ast.unparse(node)[:80]}",
            f"use columns, constants, comparisons, and, or, not, in, arithmetic and {', '.join(FUNCTIONS)}",
        )

    def _constant(self, value: Any) -> Any:
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise OperatorError("a number in the expression is too large", "use a number below 2^63")
        if isinstance(value, (bool, int, float, str)):
            return value
        raise OperatorError(f"the expression holds {value!r}", "use isnull(column) for missing values")

    def _column(self, name: str) -> Any:
        name = self.quoted.get(name, name)
        name = name if name in self.frame.columns else self.normal.get(name, name)
        require_columns(self.frame, [name], "the expression names it")
        return self.frame[name]

    def _condition(self, node: ast.expr, depth: int) -> Any:
        found = self.value(node, depth)
        if not _is_column(found) or not _is_boolean(found):
            raise OperatorError(f"`{self._text(node)}` is not a condition", "compare it with something")
        return found.fillna(False).astype(bool)

    def _number(self, node: ast.expr, depth: int) -> Any:
        found = self.value(node, depth)
        fits = found.dtype.kind in "iufb" if _is_column(found) else isinstance(found, (int, float))
        if not fits:
            raise OperatorError(f"`{self._text(node)}` is not a number, so it can't be computed with", "use a number")
        return found if _is_column(found) else float(found) if abs(found) > 2**53 else found

    def _compare(self, node: ast.Compare, depth: int) -> Any:
        left_node, left = node.left, self.value(node.left, depth)
        result = None
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                right = None
                part = self._among(left_node, left, right_node, depth)
                part = ~part & left.notna() if isinstance(operator, ast.NotIn) else part
            elif type(operator) in COMPARISONS:
                right = self.value(right_node, depth)
                part = self._compared(COMPARISONS[type(operator)], left_node, left, right_node, right)
            else:
                raise OperatorError("`is` can't be used in an expression", "use == or isnull(column)")
            result = part if result is None else result & part
            left_node, left = right_node, right
        return result

    def _compared(
        self, compare: Callable[[Any, Any], Any], left_node: ast.expr, left: Any, right_node: ast.expr, right: Any
    ) -> Any:
        column, other = (left, right) if _is_column(left) else (right, left)
        if not _is_column(column):
            raise OperatorError(f"`{self._text(left_node)}` is compared, but no column is involved", "name a column")
        texts = [_is_text(column), _is_text(other)]
        numbers = [_is_number(column), _is_number(other)]
        known = True
        if (texts[0] and numbers[1]) or (numbers[0] and texts[1]):
            known = False
        if known:
            try:
                present = column.notna() & other.notna() if _is_column(other) else column.notna()
                return compare(left, right).fillna(False).astype(bool) & present
            except (TypeError, ValueError):
                known = False
        raise OperatorError(
            f"`{self._text(left_node)}` and `{self._text(right_node)}` can't be compared: "
            f"{_kind(left)} with {_kind(right)}",
            "put quotes around texts, none around numbers",
        )

    def _among(self, node: ast.expr, column: Any, listed: ast.expr, depth: int) -> Any:
        if not isinstance(listed, (ast.List, ast.Tuple, ast.Set)) or not _is_column(column):
            raise OperatorError(f"`{self._text(node)} in …` needs a list", "write it as `column in [1, 2]`")
        values = [self.value(item, depth) for item in listed.elts]
        if any(_is_column(value) for value in values):
            raise OperatorError("a list in an expression holds constants only", "compare columns with ==")
        for value in values:
            if (_is_text(column) and _is_number(value)) or (_is_number(column) and _is_text(value)):
                raise OperatorError(
                    f"`{self._text(node)}` holds {_kind(column)}, the list {value!r}", "use values of the column's type"
                )
        return column.isin(values)

    def _call(self, name: str, args: list[ast.expr], depth: int) -> Any:
        expected = TEXT_FUNCTIONS[name][0] if name in TEXT_FUNCTIONS else 1
        if len(args) != expected:
            raise OperatorError(f"{name}() takes {expected} value{'s' if expected > 1 else ''}", "correct the call")
        if name == "abs":
            return abs(self._number(args[0], depth))
        found = self.value(args[0], depth)
        if not _is_column(found):
            raise OperatorError(f"{name}() needs a column", "name a column")
        if name in ("isnull", "notnull"):
            return found.isna() if name == "isnull" else found.notna()
        if not _is_text(found):
            raise OperatorError(f"{name}() needs a column of texts; `{self._text(args[0])}` is {_kind(found)}", "")
        others = [self.value(arg, depth) for arg in args[1:]]
        if not all(isinstance(other, str) for other in others):
            raise OperatorError(f"{name}() looks for a text in quotes", "put it in quotes")
        return TEXT_FUNCTIONS[name][1](found, *others)

    def _text(self, node: ast.expr) -> str:
        text = ast.unparse(node)
        for stand_in, name in self.quoted.items():
            text = text.replace(stand_in, f"`{name}`")
        return text[:80]


def _is_text(value: Any) -> bool:
    import pandas as pd

    if not _is_column(value):
        return isinstance(value, str)
    return isinstance(value.dtype, pd.StringDtype) or (value.dtype == object and value.dropna().map(type).eq(str).all())


def _is_number(value: Any) -> bool:
    return bool(value.dtype.kind in "iuf") if _is_column(value) else type(value) in (int, float)


def _kind(value: Any) -> str:
    if _is_text(value):
        return "text"
    return "numbers" if _is_number(value) else str(value.dtype) if _is_column(value) else type(value).__name__
