"""Writing a hundred thousand rows while other writers wait: straight to the database, no object and no compiled statement per row."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models

from sportello.kernel.operations import in_operation
from sportello.kernel.scope import OutsideOperation


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python from walking a file's hundred thousand rows for garbage while writers wait: a third of the time they would wait."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


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
    columns = ", ".join(_quoted(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    _write(model, f"INSERT INTO {_table(model)} ({columns}) VALUES ({places})", rows)  # noqa: S608 - names of the model's own


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Update rows by id: each row's values stand in the order of `names` (column names), its id last."""
    columns = ", ".join(f"{_quoted(name)} = %s" for name in names)
    _write(model, f"UPDATE {_table(model)} SET {columns} WHERE id = %s", rows)  # noqa: S608 - names of the model's own


def _write(model: type[models.Model], statement: str, rows: Iterable[Sequence[Any]]) -> None:
    if not in_operation():
        msg = f"{model.__name__} is written inside an operation only"
        raise OutsideOperation(msg)
    adapted = _Adapting()
    texts = [[adapted[value] if type(value) is datetime else value for value in row] for row in rows]
    if texts:
        with connection.cursor() as cursor:
            cursor.executemany(statement, texts)


class _Adapting(dict[datetime, Any]):
    """How this database takes an instant. A file's lines begin on few days: each is put into its form once."""

    def __missing__(self, instant: datetime) -> Any:
        self[instant] = connection.ops.adapt_datetimefield_value(instant)
        return self[instant]


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)  # noqa: SLF001 - Django's documented door to a model's table


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
