"""Inserting a hundred thousand rows while other writers wait: straight to the database, no object and no statement per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from sportello.kernel.operations import in_operation


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Return ids for rows to come, taken from the table's own sequence (on SQLite its one writer holds the lock already)."""
    table = model._meta.db_table  # noqa: SLF001 - Django's documented door to a model's table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
            return [int(one) for (one,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
        return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `names` (column names): text, numbers, truth, aware instants, None."""
    if not in_operation():
        msg = f"{model.__name__} is written inside an operation only"
        raise RuntimeError(msg)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608, SLF001 - names of the model's own
    with connection.cursor() as cursor:
        cursor.executemany(statement, [[_adapted(value) for value in row] for row in rows])


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
