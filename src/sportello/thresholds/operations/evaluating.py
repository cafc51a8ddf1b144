"""Holding counters against thresholds: what was passed is recorded once and told once.

One evaluation at a time: every load, and every setting or changing of a threshold, takes the same lock of the database until its
transaction ends. So two loads that each stay below a step and pass it together are seen by the second of them, and a threshold that is
set while a load runs is held against what that load counted (ABUSE G05, G06). The lock is taken after the counters are written and held
for the evaluation and the commit only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from django.db import connection

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.thresholds import rules
from sportello.thresholds.events import ThresholdsCrossed
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.operations.telling import tell
from sportello.thresholds.queries.counting import Reached, current_month, reached, reached_by

LOCK: Final = 0x7468_7265_7368  # "thresh"
LINES_AT_ONCE: Final = 5_000
ROWS_AT_ONCE: Final = 1_000
TOLD_IN_ONE_EVENT: Final = 200
TOLD_AT_ONCE: Final = 10
"""So many are told in the same transaction, for speed; more are left to the worker, so that a large load does not hold the lock for them."""

T = TypeVar("T")


@operation(section=None, why="a load of usage records changed these counters")
def evaluate(*, actor: Actor, line_ids: Collection[int], months: Collection[date], now: datetime) -> list[Crossing]:
    """Hold the counters of these lines and months (first days, local) against their thresholds; return what is told.

    To be called in the transaction that changes the counters, after it wrote them. Calling it again, in any order and with any split
    of the lines, records and tells nothing new.
    """
    hold_evaluations()
    told: list[Crossing] = []
    for lines in _chunks(sorted(line_ids), LINES_AT_ONCE):
        for month in sorted(months):
            told += _record(actor, reached(actor, lines, month), month=month, now=now)
    _tell(actor, told, now)
    return told


def evaluate_one(*, actor: Actor, threshold: Threshold, told_before: int, now: datetime) -> list[Crossing]:
    """Hold the present month's counter against a threshold just set or changed, inside its operation; steps up to `told_before` stay silent."""
    month = current_month(now, threshold.organisation.time_zone)
    told = _record(actor, reached_by(actor, threshold, month), month=month, now=now, told_before=told_before)
    _tell(actor, told, now)
    return told


def hold_evaluations() -> None:
    """Wait until no other transaction evaluates, and keep others waiting until this one ends (SQLite writes one at a time anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _record(
    actor: Actor, found: Iterable[Reached], *, month: date, now: datetime, told_before: int = 0
) -> list[Crossing]:
    told: list[Crossing] = []
    rows = (row for one in found for row in _crossings(one, month=month, now=now, told_before=told_before))
    for chunk in _chunks(rows, ROWS_AT_ONCE):
        # A step that is on record already stays as it is: the unique constraint is the last word (INSERT … ON CONFLICT DO NOTHING).
        Crossing.objects.bulk_create(chunk, ignore_conflicts=True)
        told += _written(actor, [row for row in chunk if row.told])
    return told


def _crossings(found: Reached, *, month: date, now: datetime, told_before: int) -> Iterator[Crossing]:
    passed = [step for step in rules.steps_passed(found.used_units, found.limit_units, found.steps) if step > found.highest]
    for step in passed:
        yield Crossing(
            organisation_id=found.organisation_id,
            line_id=found.line_id,
            threshold_id=found.threshold_id,
            revision=found.revision,
            period_start=month,
            step=step,
            used_units=found.used_units,
            limit_units=found.limit_units,
            told=step == passed[-1] and step > told_before,
            crossed_at=now,
        )


def _written(actor: Actor, rows: Sequence[Crossing]) -> list[Crossing]:
    if not rows:
        return []
    kept = set(Crossing.objects.for_(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in kept]


def _tell(actor: Actor, told: Sequence[Crossing], now: datetime) -> None:
    at_once = len(told) <= TOLD_AT_ONCE
    by_place: dict[tuple[int, date], list[str]] = {}
    for row in told:
        by_place.setdefault((row.organisation_id, row.period_start), []).append(str(row.pk))
    for (organisation, month), ids in by_place.items():
        for chunk in _chunks(ids, TOLD_IN_ONE_EVENT):
            publish(
                ThresholdsCrossed(
                    organisation_id=organisation, period_start=month, crossings=chunk, told_at_once=at_once
                )
            )
    if at_once:
        tell(actor=actor, crossings=[row.pk for row in told], now=now)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def highest_told(actor: Actor, threshold: Threshold, month: date, *, any_revision: bool = False) -> int:
    """Return the highest step on record in a month for the threshold as it is, or as it last passed one; 0 when none was passed."""
    on_record = Crossing.objects.for_(actor).filter(threshold=threshold, period_start=month)
    if not any_revision:
        on_record = on_record.filter(revision=threshold.revision)
    return on_record.order_by("-revision", "-step").values_list("step", flat=True).first() or 0
