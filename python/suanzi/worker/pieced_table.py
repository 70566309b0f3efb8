"""Tables that lie in pieces, each a file, and their way into one file without being in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from suanzi.sdk.errors import BadOutputError

SHOWN_COLUMNS = 10


@dataclass(frozen=True)
class PiecedTable:
    """The pieces' files in order, and the schema that holds them all."""

    schema: pa.Schema
    paths: list[str]
    rows: int

    @classmethod
    def of(cls, output: str, pieces: Sequence[Any], paths: list[str]) -> PiecedTable:
        """Raises BadOutputError where the pieces' columns don't fit below each other."""
        schema: pa.Schema | None = None
        rows = 0
        for piece, path in zip(pieces, paths, strict=True):
            with pa.memory_map(path) as source:
                reader = pa.ipc.open_file(source)
                rows += sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
                schema = reader.schema if schema is None else _common(output, str(piece), schema, reader.schema)
        assert schema is not None
        return cls(schema, paths, rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Of the common schema; one after the other is in memory where its types had to change, else mapped."""
        for path in self.paths:
            with pa.memory_map(path) as source:
                reader = pa.ipc.open_file(source)
                for index in range(reader.num_record_batches):
                    yield _cast(reader.get_batch(index), self.schema)

    def write(self, path: str) -> None:
        """As one Arrow file, batch by batch."""
        if any(pa.types.is_dictionary(field.type) for field in self.schema):
            # A file has one dictionary for each column; only the whole table tells which.
            table = pa.Table.from_batches(list(self.batches()), self.schema).unify_dictionaries()
            with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, self.schema) as writer:
                writer.write_table(table)
            return
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, self.schema) as writer:
            for batch in self.batches():
                if batch.num_rows:
                    writer.write_batch(batch)


def write_piece(path: str, table: pa.Table) -> str:
    """Returns the path."""
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def _common(output: str, piece: str, schema: pa.Schema, other: pa.Schema) -> pa.Schema:
    if schema.equals(other):
        return schema
    if schema.names != other.names:
        odd = [name for name in [*schema.names, *other.names] if (name in schema.names) != (name in other.names)]
        what = f"the difference: {', '.join(odd[:SHOWN_COLUMNS])}" if odd else "they stand in another order"
        raise BadOutputError(
            f"output '{output}': {piece} has other columns than the pieces before it; {what}",
            "an operator that is given pieces must give each of them the same columns; leave out partition otherwise",
        )
    try:
        return pa.unify_schemas([schema, other], promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        name = next(
            (one.name for one, two in zip(schema, other, strict=True) if not _fit(one, two)),
            schema.names[0],
        )
        raise BadOutputError(
            f"column '{name}' of output '{output}': {piece} has {other.field(name).type}, "
            f"the pieces before it {schema.field(name).type}",
            "convert the column to one type, for example with astype(str)",
        ) from error


def _fit(one: pa.Field, two: pa.Field) -> bool:
    try:
        pa.unify_schemas([pa.schema([one]), pa.schema([two])], promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return False
    return True


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.equals(schema):
        return batch
    # Whole numbers beside broken ones become floats, as they do in a table that is made at once.
    columns = [
        column if column.type.equals(field.type) else column.cast(field.type, safe=False)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
