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
from sportello.thresholds.events import ThresholdsCrossed
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.operations.recording import Told, record_once
from sportello.thresholds.operations.telling import tell
from sportello.thresholds.queries.counting import current_month, reached, reached_by

LOCK: Final = 0x7468_7265_7368  # "thresh"
LINES_AT_ONCE: Final = 5_000
TOLD_IN_ONE_EVENT: Final = 200
CUSTOMERS_APART: Final = 50
"""Up to so many customers get the event in their own audit chain; each chain costs a lock."""
TOLD_AT_ONCE: Final = 10
"""So many are told in the same transaction, for speed; more by the worker, so that a large load does not hold the lock."""

T = TypeVar("T")


@operation(section=None, why="a load of usage records changed these counters")
def evaluate(*, actor: Actor, line_ids: Collection[int], months: Collection[date], now: datetime) -> None:
    """Hold the counters of these lines and months (first days, local) against their thresholds; record and tell what they passed.

    To be called in the transaction that changes the counters, after it wrote them. Calling it again, in any order and with any split
    of the lines, records and tells nothing new.
    """
    hold_evaluations()
    told: list[Told] = []
    for lines in _chunks(sorted(line_ids), LINES_AT_ONCE):
        for month in sorted(months):
            told += record_once(reached(actor, lines, month), month=month, now=now)
    _tell(actor, told, now)


def evaluate_one(*, actor: Actor, threshold: Threshold, told_before: int, now: datetime) -> None:
    """Hold this month's counter against a threshold just set or changed, in its operation; up to `told_before` nothing is told."""
    month = current_month(now, threshold.organisation.time_zone)
    found = reached_by(actor, threshold, month)
    _tell(actor, list(record_once(found, month=month, now=now, told_before=told_before)), now)


def hold_evaluations() -> None:
    """Wait until no other transaction evaluates, and keep others waiting until this one ends (SQLite writes one at a time anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _tell(actor: Actor, told: Sequence[Told], now: datetime) -> None:
    at_once = len(told) <= TOLD_AT_ONCE
    by_customer: dict[int | None, list[int]] = {}
    for crossing, organisation in told:
        by_customer.setdefault(organisation, []).append(crossing)
    if len(by_customer) > CUSTOMERS_APART:
        by_customer = {None: [crossing for crossing, _organisation in told]}
    for organisation_id, ids in by_customer.items():
        for chunk in _chunks(ids, TOLD_IN_ONE_EVENT):
            publish(ThresholdsCrossed(organisation_id=organisation_id, crossings=chunk, told_at_once=at_once))
    if at_once:
        tell(actor=actor, crossings=[crossing for crossing, _organisation in told], now=now)


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
