"""Reading a usage file in Parquet: the same columns, as text or in types that hold them exactly."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.usage.pipeline.columns import COLUMNS, WHOLE_ENDS, column_problems
from sportello.usage.pipeline.read.blocks import TEXT_TYPES, TYPED_TYPES, Block
from sportello.usage.pipeline.read.rows import RawRow
from sportello.usage.types import FileRefused

BATCH_ROWS = 1_000_000
_TYPED = ("started_at", *WHOLE_ENDS)


def parquet_blocks(path: Path) -> Iterator[Callable[[], Block]]:
    """Give functions that read one block each. Raises `FileRefused` for what is no Parquet or has other columns or types."""
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow)
            row = 1
            for batch in file.iter_batches(BATCH_ROWS, columns=list(COLUMNS), use_threads=False):
                yield partial(parquet_block, pa.Table.from_batches([batch]).select(COLUMNS), row)
                row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(
            kept(gettext_noop("%(name)s: not a readable Parquet file: %(error)s"), name=path.name, error=str(error))
        ) from None


def check_schema(schema: Any) -> None:
    """Raise `FileRefused` with every column that is wrong or whose type cannot hold its values exactly."""
    reasons = column_problems(tuple(schema.names)) or [
        kept(
            gettext_noop("column %(name)s has type %(type)s, which does not hold its values exactly: use text"),
            name=name,
            type=str(schema.field(name).type),
        )
        for name in COLUMNS
        if not _tolerated(name, schema.field(name).type)
    ]
    if reasons:
        raise FileRefused(*reasons)


def _tolerated(name: str, kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    if name == "started_at" and pa.types.is_timestamp(kind):
        return kind.tz is not None
    if name in {*WHOLE_ENDS, "amount", "personal"} and pa.types.is_integer(kind):
        return True
    if name == "amount" and pa.types.is_decimal(kind):
        return True
    if name == "personal" and pa.types.is_boolean(kind):
        return True
    return _is_text(kind) or bool(pa.types.is_null(kind))


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


class ParquetRows(Sequence[RawRow]):
    """The rows of a batch as text, made only when one of them must be shown."""

    def __init__(self, table: Any, first_row: int) -> None:
        self.table = table
        self.first_row = first_row

    @cached_property
    def _texts(self) -> list[Any]:
        return [_text(self.table[name], name) for name in COLUMNS]

    def fields(self, _: RawRow, index: int) -> list[str]:
        """Return the sixteen texts of the row at that place in the batch."""
        return [column[index].as_py() for column in self._texts]

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, index: int) -> RawRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[RawRow]: ...
    def __getitem__(self, index: int | slice) -> RawRow | list[RawRow]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        line = io.StringIO()
        row = RawRow(self.first_row + index, b"")
        csv.writer(line, lineterminator="").writerow(self.fields(row, index))
        return row._replace(text=line.getvalue().encode())


def parquet_block(table: Any, first_row: int) -> Block:
    """Turn a batch into a block; started_at and the whole numbers stay typed where all of them are."""
    typed = all(_is_native(table[name].type) for name in _TYPED)
    columns = {
        name: _exact(table[name], TYPED_TYPES[name])
        if typed and name in _TYPED
        else _text(table[name], name).cast(TEXT_TYPES[name])
        for name in COLUMNS
    }
    rows = ParquetRows(table, first_row)
    return Block(pa.table(columns), typed=typed, lines=lambda: rows, fields=rows.fields)


def _is_native(kind: Any) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_integer(kind))


def _exact(column: Any, kind: Any) -> Any:
    """Cast without check where nothing can be lost unseen: finer digits of an instant, and below zero, which wraps above the limit."""
    finer = pa.types.is_timestamp(kind) and column.type.unit != "ns"
    return column.cast(kind, safe=bool(finer))


def _text(column: Any, name: str) -> Any:
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp(kind.unit, tz="UTC")).cast(pa.string())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.uint8()).cast(pa.string())
    else:
        column = column.cast(pa.string())
    if name == "amount" and pa.types.is_decimal(kind) and kind.scale > 0:
        column = pc.utf8_rtrim(pc.utf8_rtrim(column, "0"), ".")
    return pc.fill_null(column, "")
