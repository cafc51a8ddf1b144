"""Adding the deltas of a load to the counters and to the sums that lists and first pages stand on."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow.csv as pa_csv
from django.db import connection, models

from sportello.usage.models import Counter, CustomerMonth, LineMonth, PeriodMonth
from sportello.usage.pipeline.engine import asked
from sportello.usage.types import TrafficType, Zone

ROWS_A_STATEMENT = 200
_AMOUNTS = {"amount_e5": "amount", "roaming_e5": "roaming_amount"}
_PARTS = ", ".join(
    f"coalesce(sum(amount_e5) FILTER (traffic_type IN {kinds}), 0)::BIGINT AS {name}_amount"
    for name, kinds in (("voice", "('voice')"), ("messages", "('sms', 'mms')"), ("data", "('data')"))
)

_LINE_MONTHS = f"""
SELECT any_value(organisation_id) AS organisation_id, line_id, month, sum(records)::BIGINT AS records,
    coalesce(sum(duration_s) FILTER (traffic_type = 'voice'), 0)::BIGINT AS voice_s,
    coalesce(sum(records) FILTER (traffic_type = 'sms'), 0)::BIGINT AS sms,
    coalesce(sum(records) FILTER (traffic_type = 'mms'), 0)::BIGINT AS mms,
    coalesce(sum(volume_bytes) FILTER (traffic_type = 'data'), 0)::BIGINT AS data_bytes,
    coalesce(sum(amount_e5) FILTER (zone <> 'national'), 0)::BIGINT AS roaming_e5, {_PARTS}, sum(amount_e5)::BIGINT AS amount_e5
FROM deltas WHERE personal = '0' GROUP BY line_id, month ORDER BY line_id, month
"""  # noqa: S608 - our own names
_CELLS = ", ".join(
    f"coalesce(sum(amount_e5) FILTER (traffic_type = '{kind}' AND zone = '{zone}'), 0)::BIGINT AS {kind}_{zone}"
    for kind in TrafficType
    for zone in Zone
)
_PERIOD_MONTHS = f"""
SELECT any_value(organisation_id) AS organisation_id, period_id, month, sum(records)::BIGINT AS records,
    coalesce(sum(duration_s) FILTER (traffic_type = 'voice'), 0)::BIGINT AS voice_s,
    coalesce(sum(records) FILTER (traffic_type = 'sms'), 0)::BIGINT AS sms_count,
    coalesce(sum(records) FILTER (traffic_type = 'mms'), 0)::BIGINT AS mms_count,
    coalesce(sum(volume_bytes) FILTER (traffic_type = 'data'), 0)::BIGINT AS data_bytes,
    {_CELLS}, sum(amount_e5)::BIGINT AS amount_e5
FROM deltas WHERE personal = '0' GROUP BY period_id, month ORDER BY period_id, month
"""  # noqa: S608 - our own names
_SUMS = ("records", "records_in", "duration_s", "duration_in_s", "volume_bytes", "units", "amount_e5")
_CUSTOMER_MONTHS = f"""
SELECT organisation_id, month, traffic_type, zone, {", ".join(f"sum({name})::BIGINT AS {name}" for name in _SUMS)}
FROM deltas WHERE personal = '0' GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - our own names
_COUNTERS = f"""
SELECT period_id, line_id, organisation_id, month, traffic_type, zone, personal = '1' AS personal, {", ".join(_SUMS)}
FROM deltas ORDER BY period_id, month
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class Target:
    """A table of sums: what its rows are made of, and the columns by which two rows are the same."""

    model: type[models.Model]
    sql: str
    keys: Sequence[str]


TARGETS = (
    Target(Counter, _COUNTERS, ("period_id", "month", "traffic_type", "zone", "personal")),
    Target(LineMonth, _LINE_MONTHS, ("line_id", "month")),
    Target(PeriodMonth, _PERIOD_MONTHS, ("period_id", "month")),
    Target(CustomerMonth, _CUSTOMER_MONTHS, ("organisation_id", "month", "traffic_type", "zone")),
)


def add_counters(deltas: Any) -> None:
    """Add the deltas of a load (`COUNTER_COLUMNS`) to all sums, in the caller's transaction; all of them are whole numbers."""
    with ThreadPoolExecutor(
        1
    ) as ahead:  # the sums of the next table are made while the database takes those of the one before
        sums = [ahead.submit(_summed_up, deltas, target.sql) for target in TARGETS]
        for target, rows in zip(TARGETS, sums, strict=True):
            _upsert(target, rows.result())


def _summed_up(deltas: Any, sql: str) -> Any:
    rows = asked(sql, deltas=deltas)
    return rows.rename_columns([_AMOUNTS.get(name, name) for name in rows.column_names])


def _upsert(target: Target, rows: Any) -> None:
    if connection.vendor == "postgresql":
        _copied(target, rows)
    else:
        _inserted(target, rows)


def _insert_sql(target: Target, columns: Sequence[str], source: str) -> str:
    """Write the statement that adds each row to the one with its key; every name in it is a column of our own models."""
    table = connection.ops.quote_name(target.model._meta.db_table)  # noqa: SLF001 - its documented name
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in columns if name in _summed(target.model))
    keys = ", ".join(target.keys)
    return f"INSERT INTO {table} ({', '.join(columns)}) {source} ON CONFLICT ({keys}) DO UPDATE SET {sums}"


def _summed(model: type[models.Model]) -> set[str]:
    """Return the columns that add up: all numbers with a default of nothing (False equals 0, and is none)."""
    fields = model._meta.concrete_fields  # noqa: SLF001
    return {str(field.column) for field in fields if field.default == 0 and field.default is not False}


def _inserted(target: Target, rows: Any) -> None:
    """Add many rows with each statement, on SQLite's own connection: half the time of one by one."""
    row = f"({', '.join('?' * rows.num_columns)})"
    for chunk in _chunks(rows):
        values = ", ".join([row] * len(chunk[0]))
        flat = [value for fields in zip(*chunk, strict=True) for value in fields]
        connection.connection.execute(_insert_sql(target, rows.column_names, f"VALUES {values}"), flat)


def _chunks(rows: Any) -> Iterator[list[list[Any]]]:
    """Give the columns of some rows at a time; days are text, as SQLite keeps them."""
    months = rows["month"].cast("string")
    rows = rows.set_column(rows.schema.get_field_index("month"), "month", months)
    for batch in rows.to_batches():
        columns = [column.to_pylist() for column in batch.columns]
        for start in range(0, batch.num_rows, ROWS_A_STATEMENT):
            yield [column[start : start + ROWS_A_STATEMENT] for column in columns]


def _copied(target: Target, rows: Any) -> None:
    """Copy rows into a table of this transaction and add them from there: the fastest that PostgreSQL offers."""
    table = connection.ops.quote_name(target.model._meta.db_table)  # noqa: SLF001
    columns = ", ".join(rows.column_names)
    text = io.BytesIO()
    pa_csv.write_csv(rows, text, pa_csv.WriteOptions(include_header=False))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS usage_deltas")
        cursor.execute(f"CREATE TEMPORARY TABLE usage_deltas ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608
        with cursor.cursor.copy(f"COPY usage_deltas ({columns}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getbuffer())
        cursor.execute(_insert_sql(target, rows.column_names, f"SELECT {columns} FROM usage_deltas"))  # noqa: S608
        cursor.execute("DROP TABLE usage_deltas")
