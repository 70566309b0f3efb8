"""Tables between the store and Spark: its workers read and write the files, a piece each, so no process holds a table.

The functions that workers run are sent by value and import only pyarrow.
"""

from __future__ import annotations

import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from suanzi.sdk.context import current
from suanzi.sdk.errors import OperatorError
from suanzi.spark.session import session

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame

PIECE_ROWS = 250_000
"""Rows of a table that one worker reads at a time."""
BATCH_ROWS = 10_000


def read(name: str) -> DataFrame:
    """The input of that name as a DataFrame, in the order of its rows within each partition."""
    path = current().input_files.get(name)
    if path is None:
        raise OperatorError(f"'{name}' is no table among this operator's inputs")
    spark = session()
    with pa.memory_map(path) as source:
        reader = pa.ipc.open_file(source)
        stored = reader.schema
        rows = sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
    from pyspark.sql.pandas.types import from_arrow_schema

    schema = pa.schema([pa.field(field.name, plain(field.type), True) for field in stored])
    pieces = max(1, math.ceil(rows / PIECE_ROWS))
    numbers = spark.range(0, pieces, 1, pieces)
    return numbers.mapInArrow(reading(path, schema), from_arrow_schema(schema))


def plain(kind: pa.DataType) -> pa.DataType:
    """The nearest type that Spark has."""
    if pa.types.is_dictionary(kind):
        return plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_float16(kind):
        return pa.float32()
    for unsigned, signed in ((pa.uint8(), pa.int16()), (pa.uint16(), pa.int32()), (pa.uint32(), pa.int64())):
        if kind == unsigned:
            return signed
    if kind == pa.uint64():
        return pa.int64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return kind


def reading(path: str, schema: pa.Schema) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with the numbers of pieces: it gives the rows of each."""
    piece_rows, batch_rows = PIECE_ROWS, BATCH_ROWS

    def rows_of(numbers: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        for batch in numbers:
            for number in batch.column(0).to_pylist():
                with pyarrow.memory_map(path) as source:
                    table = pyarrow.ipc.open_file(source).read_all()
                    yield from table.slice(number * piece_rows, piece_rows).cast(schema).to_batches(batch_rows)

    return rows_of


def table(frame: DataFrame) -> pa.Table:
    """A DataFrame's rows, in the order of its partitions. The workers write them beside the attempt's outputs."""
    session()
    folder = f"{current().stem or os.path.join(os.getcwd(), '')}pieces-{uuid.uuid4().hex[:8]}"
    os.makedirs(folder)
    try:
        report = frame.mapInArrow(writing(folder), "piece int, path string").toArrow()
        written = [name for _, name in sorted(zip(*(column.to_pylist() for column in report.columns), strict=True))]
        if not written:
            return frame.limit(0).toArrow()
        # The maps keep the bytes when the folder goes.
        return pa.concat_tables([pa.ipc.open_file(pa.memory_map(name)).read_all() for name in written])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def writing(folder: str) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with a partition: it writes it, and says under which name."""

    def name_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import os
        import uuid

        import pyarrow
        from pyspark import TaskContext

        place: Any = TaskContext.get()
        piece = 0 if place is None else place.partitionId()
        # An attempt of the task that Spark gave up may still write: each has a file of its own.
        path = os.path.join(folder, f"{piece}-{uuid.uuid4().hex}.arrow")
        writer = None
        with pyarrow.OSFile(path, "wb") as sink:
            for batch in batches:
                if writer is None:
                    writer = pyarrow.ipc.new_file(sink, batch.schema)
                writer.write_batch(batch)
            if writer is not None:
                writer.close()
        if writer is not None:
            yield pyarrow.RecordBatch.from_pydict(
                {"piece": pyarrow.array([piece], pyarrow.int32()), "path": pyarrow.array([path], pyarrow.string())}
            )

    return name_of
