"""Parquet: columns of text, numbers, truth, days and instants; counted and measured by its footer before it is read."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.tabular.table import Limits, Row, RowError, Table, TableRefused, bounded, column_names, make_row
from sportello.kernel.tabular.xlsx_table import cell_text

BATCH_ROWS = 8_192


def _check_footer(metadata: Any, limits: Limits) -> None:
    if metadata.num_rows > limits.rows:
        raise TableRefused(_("The file has more than %(limit)d rows.") % {"limit": limits.rows})
    unpacked = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if unpacked > limits.unpacked_bytes:
        raise TableRefused(gettext_lazy("The file would unpack to more than is allowed."))


def _readable(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _readable(kind.value_type)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_date,
        pa.types.is_timestamp,
        pa.types.is_time,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _check_schema(schema: pa.Schema) -> None:
    for column in schema:
        if not _readable(column.type):
            sentence = _("The column %(column)s holds values of a type that cannot be read (%(type)s).")
            refusal = sentence % {"column": column.name, "type": column.type}
            raise TableRefused(refusal, column=column.name)


def _row(line: int, values: list[Any], columns: tuple[str, ...], limits: Limits) -> Row:
    errors, texts = [], []
    for column, value in zip(columns, values, strict=True):
        finite = not isinstance(value, float) or value - value == 0
        if not finite:
            errors.append(RowError(line, column, _("is not a number")))
        texts.append(cell_text(value) if finite else "")
    return make_row(line, columns, texts, errors, limits)


def _rows(file: pq.ParquetFile, columns: tuple[str, ...], limits: Limits) -> Iterator[Row]:
    line = 0
    batches = file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
    try:
        for batch in batches:
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield _row(line, list(values), columns, limits)
    except (pa.ArrowException, OSError, ValueError) as error:
        refusal = _("The file is damaged after row %(line)d.") % {"line": line}
        raise TableRefused(refusal, line=line) from error


def open_parquet(file: BinaryIO, limits: Limits) -> Table:
    """Open a Parquet file; the line of a row is its number, the first being 1. Raises `TableRefused`."""
    try:
        parquet = pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise TableRefused(gettext_lazy("The file is damaged or cut off.")) from error
    _check_footer(parquet.metadata, limits)
    _check_schema(parquet.schema_arrow)
    columns = column_names(parquet.schema_arrow.names, limits)
    return Table(columns, bounded(_rows(parquet, columns, limits), limits), [], (parquet,))
