"""Writing crossings in bulk: a large load can pass hundreds of thousands of steps, for which a model instance each would take minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from sportello.thresholds.models import Crossing
from sportello.thresholds.queries.counting import Reached

ROWS_AT_ONCE: Final = 2_000
COLUMNS: Final = (
    "organisation_id", "line_id", "threshold_id", "revision", "step", "used_units", "limit_units", "told", "period_start", "crossed_at",
)  # fmt: skip
ARRAYS: Final = ", ".join([*["%s::bigint[]"] * 7, "%s::boolean[]"])

Told = tuple[int, int]
"""The id of a crossing and of its organisation."""


def record_once(found: Iterable[Reached], *, month: date, now: datetime, told_before: int = 0) -> Iterator[Told]:
    """Insert the steps that were passed and yield those that are to be told: the highest of each threshold, if above `told_before`.

    A step that is on record already stays as it is and is not told: the unique constraint is the last word.
    """
    rows: list[tuple[Any, ...]] = []
    for one in found:
        rows += _rows(one, told_before)
        if len(rows) >= ROWS_AT_ONCE:
            yield from _insert(rows, month, now)
            rows = []
    if rows:
        yield from _insert(rows, month, now)


def _rows(found: Reached, told_before: int) -> Iterator[tuple[Any, ...]]:
    for step in found.passed:
        if step > found.highest:
            told = step == found.passed[-1] and step > told_before
            yield (
                found.organisation_id, found.line_id, found.threshold_id, found.revision, step, found.used_units,
                found.limit_units, told,
            )  # fmt: skip


def _insert(rows: Sequence[tuple[Any, ...]], month: date, now: datetime) -> list[Told]:
    into = f'INSERT INTO "{Crossing._meta.db_table}" ({", ".join(COLUMNS)})'  # noqa: SLF001 - its documented name
    when = [connection.ops.adapt_datefield_value(month), connection.ops.adapt_datetimefield_value(now)]
    if connection.vendor == "postgresql":
        source = f"SELECT *, %s::date, %s::timestamptz FROM unnest({ARRAYS})"  # noqa: S608 - no value in it
        values: list[Any] = [*when, *(list(column) for column in zip(*rows, strict=True))]
    else:
        source = "VALUES " + ", ".join(["(" + ", ".join(["%s"] * len(COLUMNS)) + ")"] * len(rows))
        values = [value for row in rows for value in (*row, *when)]
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {source} ON CONFLICT DO NOTHING RETURNING id, organisation_id, told", values)
        return [(pk, organisation) for pk, organisation, told in cursor.fetchall() if told]
