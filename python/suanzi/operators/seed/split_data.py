"""`algo_local_split_data`: cuts a table in two, at random or at a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from suanzi.operators.preprocess.splitting import Parts, random_positions, take
from suanzi.sdk import ArrowTable, OperatorError, Param, current, operator
from suanzi.sdk.columns import require_columns
from suanzi.sdk.context import RANDOM_STATE_LIMIT

if TYPE_CHECKING:
    import pyarrow as pa

RANDOM, THRESHOLD = 1, 2


@operator(
    name_en="Split",
    name_zh="拆分组件",
    category="preprocess",
    doc_en="Cuts a table in two: at random by ratio, or at a value of a column (rows up to it are the first part).",
    doc_zh="将表拆成两部分：按比例随机拆分，或按某列的阈值拆分（不大于阈值的行为第一部分）。",
    random=True,
    unknown_params="ignore",
)
def algo_local_split_data(
    data: ArrowTable,
    *,
    split_type: Annotated[
        Literal[1, 2],
        Param(label_en="Way", label_zh="拆分方式", help_en="1 at random, 2 at a value.", help_zh="1 随机，2 阈值。"),
    ] = 1,
    ext1: Annotated[
        Any,
        Param(
            label_en="Ratio or column",
            label_zh="比例或列名",
            help_en="At random: share of the first part, between 0 and 1. At a value: the column.",
            help_zh="随机：第一部分的比例（0 到 1 之间）。阈值：列名。",
        ),
    ] = 0.8,
    ext2: Annotated[
        Any,
        Param(
            label_en="Seed or value",
            label_zh="随机种子或阈值",
            help_en="At random: the seed; empty means the run's. At a value: the largest value of the first part.",
            help_zh="随机：随机种子，留空则用本次运行的种子。阈值：第一部分的最大值。",
        ),
    ] = None,
) -> Parts:
    if split_type == RANDOM:
        ratio, seed = _ratio(ext1), _seed(ext2)
        return take(data, *random_positions(data.num_rows, train_size=ratio, random_state=seed))
    return _at_value(data, ext1, ext2)


def _ratio(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < 1:
        raise OperatorError(
            f"parameter 'ext1' is {value!r}; with split_type 1 it is the first part's share",
            "give a number between 0 and 1, for example 0.8",
        )
    return float(value)


def _seed(value: Any) -> int:
    if value is None or value == "":
        return current().random_state
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or not 0 <= value < RANDOM_STATE_LIMIT:
        raise OperatorError(
            f"parameter 'ext2' is {value!r}; with split_type 1 it is the random seed",
            "give an integer from 0 to 4294967295, or null",
        )
    return int(value)


def _at_value(data: pa.Table, column: Any, value: Any) -> Parts:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(column, str):
        raise OperatorError(f"parameter 'ext1' is {column!r}; with split_type 2 it is a column", "name the column")
    require_columns(data, [column], "ext1 names it")
    if value is None or isinstance(value, (bool, list, dict)):
        raise OperatorError(f"parameter 'ext2' is {value!r}; with split_type 2 it is a value", "give the threshold")
    values = data.column(column)
    try:
        below = pc.fill_null(pc.less_equal(values, _scalar(value, values.type)), False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise OperatorError(
            f"column '{column}' holds {values.type}; it can't be compared with {value!r}",
            "give a value of the column's type in ext2",
        ) from None
    return Parts(data.filter(below), data.filter(pc.invert(below)))


def _scalar(value: Any, type_: pa.DataType) -> Any:
    import pyarrow as pa

    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return pa.scalar(float(value) if isinstance(value, (int, float)) and not float(value).is_integer() else value)
    return pa.scalar(value).cast(type_) if isinstance(value, str) else pa.scalar(value)
