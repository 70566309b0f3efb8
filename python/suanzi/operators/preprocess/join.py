"""`join`: two tables side by side where their keys agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from suanzi.sdk import Columns, OperatorError, Param, Table, operator
from suanzi.sdk.columns import is_numeric, require_columns
from suanzi.sdk.names import listed

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 500_000_000
"""More rows than this come from keys that repeat on both sides by mistake."""


@operator(
    name_en="Join",
    name_zh="表连接",
    category="preprocess",
    doc_en="Puts the rows of two tables side by side where the keys are equal (pandas.merge). "
    "A missing key matches nothing.",
    doc_zh="按键相等将两张表的行横向连接（pandas.merge）；缺失的键不与任何行匹配。",
    role="join",
)
def join(
    left: Table,
    right: Table,
    *,
    on: Annotated[
        Columns,
        Param(label_en="Keys", label_zh="键", help_en="Key columns (of the left).", help_zh="（左表的）键列。"),
    ],
    right_on: Annotated[
        Columns | None,
        Param(
            label_en="Keys on the right",
            label_zh="右表键",
            help_en="If they are called otherwise there.",
            help_zh="右表键名不同时填写。",
        ),
    ] = None,
    how: Annotated[
        Literal["inner", "left", "right", "outer", "semi", "anti"],
        Param(
            label_en="Which rows",
            label_zh="连接方式",
            help_en="semi, anti: rows of the left with or without a match.",
            help_zh="semi、anti：保留左表中有匹配或无匹配的行。",
        ),
    ] = "inner",
    suffix: Annotated[
        str,
        Param(
            label_en="Suffix",
            label_zh="后缀",
            help_en="For columns of the right whose name the left has too.",
            help_zh="右表与左表同名列的后缀。",
        ),
    ] = "_right",
    expect: Annotated[
        Literal["any", "one_to_one", "many_to_one", "one_to_many"],
        Param(
            label_en="Expected",
            label_zh="期望关系",
            help_en="Refuse if keys repeat otherwise.",
            help_zh="键的重复不符时拒绝。",
        ),
    ] = "any",
) -> Table:
    import numpy as np

    keys = right_on or on
    if len(keys) != len(on):
        raise OperatorError(
            f"{len(on)} keys on the left, {len(keys)} on the right", "name as many in right_on as in on"
        )
    require_columns(left, on, "on names it; this is the left table")
    require_columns(right, keys, "it is a key of the right table")
    for one, other in zip(on, keys, strict=True):
        _require_comparable(left[one], right[other], one, other)
    _require_expected(left, on, right, keys, expect)
    if how in ("semi", "anti"):
        with_key = left.dropna(subset=on)
        wanted = right[keys].dropna().drop_duplicates().set_axis(on, axis="columns")
        found = with_key[on].merge(wanted, on=on, how="left", indicator="__match__")["__match__"] == "both"
        mask = left[on].notna().all(axis=1).to_numpy(copy=True)
        mask[np.flatnonzero(mask)] = found.to_numpy()
        return left[mask if how == "semi" else ~mask].reset_index(drop=True)
    return _merged(left, right, on, keys, how, suffix)


def _merged(
    left: pd.DataFrame, right: pd.DataFrame, on: list[str], keys: list[str], how: str, suffix: str
) -> pd.DataFrame:
    """pandas would match missing keys with each other: those rows are set aside, put back where `how` keeps them."""
    import pandas as pd

    right = right.rename(columns=dict(zip(keys, on, strict=True)))
    taken = set(left.columns)
    renamed = {name: f"{name}{suffix}" for name in right.columns if name in taken and name not in on}
    right = right.rename(columns=renamed)
    columns = [*left.columns, *(name for name in right.columns if name not in on)]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise OperatorError(f"the joined table would have several columns called {listed(twice)}", "set another suffix")
    lost_left, lost_right = left[on].isna().any(axis=1), right[on].isna().any(axis=1)
    rows = _size(left[~lost_left][on], right[~lost_right][on])
    if rows > MAX_ROWS:
        raise OperatorError(
            f"the keys {listed(on)} repeat on both sides: the join would have {rows:,} rows",
            "drop_duplicates on one side, or name more keys",
        )
    if how in ("left", "right"):
        sides = (left, right[~lost_right]) if how == "left" else (left[~lost_left], right)
        return sides[0].merge(sides[1], how=how, on=on)[columns]
    joined = left[~lost_left].merge(right[~lost_right], how="outer" if how == "outer" else "inner", on=on)
    parts = [joined]
    if how == "outer":
        parts += [part for part in (left[lost_left], right[lost_right]) if len(part)]
    return (parts[0] if len(parts) == 1 else pd.concat(parts))[columns].reset_index(drop=True)


def _size(left: pd.DataFrame, right: pd.DataFrame) -> int:
    names = list(left.columns)
    counts = (
        left.value_counts().rename("a").reset_index().merge(right.value_counts().rename("b").reset_index(), on=names)
    )
    return int((counts["a"].astype("float64") * counts["b"]).sum())


def _require_comparable(one: pd.Series, other: pd.Series, name: str, right_name: str) -> None:
    if one.isna().all() or other.isna().all() or one.dtype == other.dtype:
        return
    if is_numeric(one) != is_numeric(other) or (one.dtype.kind == "M") != (other.dtype.kind == "M"):
        raise OperatorError(
            f"key '{name}' holds {one.dtype} on the left, but '{right_name}' {other.dtype} on the right",
            "put type_cast before one of them",
        )


def _require_expected(left: pd.DataFrame, on: list[str], right: pd.DataFrame, keys: list[str], expect: str) -> None:
    for side, frame, names, single in (
        ("left", left, on, expect in ("one_to_one", "one_to_many")),
        ("right", right, keys, expect in ("one_to_one", "many_to_one")),
    ):
        repeated = frame[names].dropna().duplicated() if single else None
        if repeated is not None and repeated.any():
            example = frame[names].dropna()[repeated].iloc[0].tolist()
            raise OperatorError(
                f"{int(repeated.sum()):,} keys of the {side} table repeat ({listed(names)} = {listed(example)}); "
                f"{expect} was expected",
                "put drop_duplicates before it, or set expect to 'any'",
            )
