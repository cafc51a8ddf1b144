"""Writing a hundred thousand rows while other writers wait: straight to the database, no object and no compiled statement per row."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, NewType

from django.db import connection, models

from sportello.kernel.operations import in_operation
from sportello.kernel.scope import OutsideOperation

SORTED_FROM: Final = 10_000
"""Rows from which sorting an index anew is worth its start."""

Ready = NewType("Ready", list[list[Any]])
"""Rows in the form in which this database takes them: made before its lock is held."""


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


def last_id(model: type[models.Model]) -> int | None:
    """Return the newest id that a table of SQLite has given out; None on PostgreSQL, whose ids are given out once whoever asks."""
    if connection.vendor == "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])  # noqa: SLF001 - Django's documented door to a model's table
        return int((cursor.fetchone() or (0,))[0])


@contextmanager
def rebuilding_indexes(*writes: tuple[type[models.Model], int]) -> Iterator[None]:
    """Let SQLite sort the entries of a table's indexes once at the end, not put each into its place: a third of the writing, for a file
    that brings a table at least as many rows (model, how many) as it ever held. Inside the transaction: who reads sees nothing of it.

    Indexes that hold rows apart from each other stay.
    """  # noqa: D205
    statements: list[str] = []
    for model, count in writes:
        held = last_id(model)
        if held is not None and count >= max(held, SORTED_FROM):
            statements += _dropped(model)
    yield
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _dropped(model: type[models.Model]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql LIKE 'CREATE INDEX %%'",
            [model._meta.db_table],  # noqa: SLF001 - Django's documented door to a model's table
        )
        found = cursor.fetchall()
        for name, _sql in found:
            cursor.execute(f"DROP INDEX {_quoted(name)}")
    return [sql for _name, sql in found]


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Return ids for rows to come, from the table's own sequence. On SQLite they hold while `last_id` stays as it is."""
    last = last_id(model)
    if last is not None:
        return list(range(last + 1, last + 1 + count))
    with connection.cursor() as cursor:
        table = model._meta.db_table  # noqa: SLF001 - Django's documented door to a model's table
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [int(one) for (one,) in cursor.fetchall()]


def ready(rows: Iterable[Sequence[Any]]) -> Ready:
    """Return rows of text, numbers, truth, aware instants and None as this database takes them."""
    adapted = _Adapting()
    return Ready([[adapted[value] if type(value) is datetime else value for value in row] for row in rows])


def insert(model: type[models.Model], names: Sequence[str], rows: Ready) -> None:
    """Insert rows whose values stand in the order of `names` (column names)."""
    columns = ", ".join(_quoted(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    _write(model, f"INSERT INTO {_table(model)} ({columns}) VALUES ({places})", rows)  # noqa: S608 - names of the model's own


def update(model: type[models.Model], names: Sequence[str], rows: Ready) -> None:
    """Update rows by id: each row's values stand in the order of `names` (column names), its id last."""
    columns = ", ".join(f"{_quoted(name)} = %s" for name in names)
    _write(model, f"UPDATE {_table(model)} SET {columns} WHERE id = %s", rows)  # noqa: S608 - names of the model's own


def _write(model: type[models.Model], statement: str, rows: Ready) -> None:
    if not in_operation():
        msg = f"{model.__name__} is written inside an operation only"
        raise OutsideOperation(msg)
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


class _Adapting(dict[datetime, Any]):
    """How this database takes an instant. A file's lines begin on few days: each is put into its form once."""

    def __missing__(self, instant: datetime) -> Any:
        self[instant] = connection.ops.adapt_datetimefield_value(instant)
        return self[instant]


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)  # noqa: SLF001 - Django's documented door to a model's table


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
