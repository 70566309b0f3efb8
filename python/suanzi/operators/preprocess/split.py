"""`split`: cuts a table into a training and a test part."""

from __future__ import annotations

from typing import Annotated

from suanzi.operators.preprocess.splitting import Parts, random_positions, take
from suanzi.operators.train.parameters import RandomState
from suanzi.sdk import ArrowTable, Column, OperatorError, Param, operator
from suanzi.sdk.columns import require_columns


@operator(
    name_en="Split (Train/Test)",
    name_zh="拆分",
    category="preprocess",
    doc_en="Cuts a table into a training and a test part, as scikit-learn's train_test_split does.",
    doc_zh="将表拆分为训练集和测试集，与 scikit-learn 的 train_test_split 一致。",
    random=True,
)
def split(
    data: ArrowTable,
    *,
    test_size: Annotated[
        float,
        Param(
            gt=0,
            label_en="Test part",
            label_zh="测试集大小",
            help_en="A share below 1, or a number of rows from 1.",
            help_zh="小于 1 为比例，否则为行数。",
        ),
    ] = 0.2,
    stratify: Annotated[
        Column | None,
        Param(
            label_en="Stratify by",
            label_zh="分层列",
            help_en="Both parts get each of this column's values in the same share.",
            help_zh="两部分中该列各取值的占比保持一致。",
        ),
    ] = None,
    shuffle: Annotated[
        bool,
        Param(
            label_en="Shuffle",
            label_zh="打乱",
            help_en="Otherwise the last rows are the test part.",
            help_zh="否则取末尾的行作为测试集。",
            advanced=True,
        ),
    ] = True,
    random_state: RandomState = None,
) -> Parts:
    if test_size >= 1 and not float(test_size).is_integer():
        raise OperatorError(f"parameter 'test_size' is {test_size}", "give a share below 1, or a whole number of rows")
    labels = None
    if stratify is not None:
        if not shuffle:
            raise OperatorError("stratify needs shuffle", "set shuffle to true, or leave stratify empty")
        require_columns(data, [stratify], "stratify names it")
        labels = data.column(stratify)
        if labels.null_count:
            raise OperatorError(
                f"column '{stratify}' has {labels.null_count:,} missing values; it can't stratify", "fill them first"
            )
        labels = labels.to_pandas().to_numpy()
    size = int(test_size) if test_size >= 1 else test_size
    parts = random_positions(data.num_rows, test_size=size, random_state=random_state, shuffle=shuffle, stratify=labels)
    return take(data, *parts)
