"""Operators of one's own: found by `--operators examples/own-operators`."""

from typing import Annotated

from suanzi.sdk import Column, OperatorError, Param, Table, current, operator


@operator(name_en="Ratio", name_zh="比率", category="feature", partition="map")
def ratio(
    data: Table,
    *,
    numerator: Annotated[Column, Param(help_en="Divided.", help_zh="分子列。")],
    denominator: Annotated[Column, Param(help_en="By this.", help_zh="分母列。")],
    name: Annotated[str, Param(help_en="The new column.", help_zh="新列名。")] = "ratio",
) -> Table:
    """Adds a column: one column divided by another."""
    for column in (numerator, denominator):
        if column not in data.columns:
            raise OperatorError(f"there is no column '{column}'", f"there are: {', '.join(data.columns)}")
    zeros = int((data[denominator] == 0).sum())
    if zeros:
        current().note(f"{zeros} rows have 0 in '{denominator}'; their {name} is missing")
    return data.assign(**{name: data[numerator] / data[denominator].where(data[denominator] != 0)})
