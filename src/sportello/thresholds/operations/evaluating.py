"""Holding counters against thresholds: what was passed is recorded once and told once.

One evaluation at a time: every load, every setting or changing of a threshold, and every lifting of a bar takes the same lock of the
database until its transaction ends (`lock.py`). So two loads that each stay below a step and pass it together are seen by the second of
them, and a threshold that is set while a load runs is held against what that load counted (ABUSE G05, G06). The lock is taken after the
counters are written and held for the evaluation and the commit only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.operations import operation, publish
from sportello.thresholds.events import PeriodsTurned, ThresholdsCrossed
from sportello.thresholds.models import Bar, Crossing, Tally, Threshold
from sportello.thresholds.operations.barring import bar_full, lift
from sportello.thresholds.operations.by_days import hold_by_days
from sportello.thresholds.operations.lock import hold_evaluations
from sportello.thresholds.operations.recording import Told, record_once
from sportello.thresholds.operations.tallying import keep_tallies, turn_tallies
from sportello.thresholds.operations.telling import tell
from sportello.thresholds.queries.counting import current_month, reached
from sportello.thresholds.states import Lifted, State

LINES_AT_ONCE: Final = 5_000
TOLD_IN_ONE_EVENT: Final = 200
CUSTOMERS_APART: Final = 50
"""Up to so many customers get the event in their own audit chain; each chain costs a lock."""
TOLD_AT_ONCE: Final = 10
"""So many are told in the same transaction, for speed; more by the worker, so that a large load does not hold the lock."""
_GATHERED: Final[ContextVar[list[Told] | None]] = ContextVar("thresholds_gathered", default=None)


@operation(section=None, why="a load of usage records changed these counters")
def evaluate(*, actor: Actor, line_ids: Collection[int], months: Collection[date], now: datetime) -> None:
    """Hold the counters of these lines and months (first days, local) against their thresholds; record, bar and tell what they passed.

    To be called in the transaction that changes the counters, after it wrote them. Calling it again, in any order and with any split
    of the lines, records, bars and tells nothing new.
    """
    hold_evaluations()
    told: list[Told] = []
    for lines in in_chunks(_watched(actor, line_ids), LINES_AT_ONCE):
        told += hold(actor, Q(line_id__among=lines), months, now)
    _tell(actor, told, now)


def _watched(actor: Actor, line_ids: Collection[int]) -> list[int]:
    """Return those of the lines that have a threshold; of very many, all that have one are read and the others left out."""
    rows = Threshold.objects.for_(actor).exclude(state=State.CANCELLED).order_by()
    if len(line_ids) <= LINES_AT_ONCE:
        rows = rows.filter(line_id__among=line_ids)
    return sorted(set(line_ids).intersection(rows.values_list("line_id", flat=True).distinct()))


@operation(section=None, why="a period ended by the clock")
def turn_periods(*, actor: Actor, now: datetime, most: int = LINES_AT_ONCE) -> int:
    """Begin the present period of tallies whose period is over, up to `most` lines of them, and end the bars of the old one.

    Returns how many lines were turned. Counters that are there already (records dated ahead) are held against the thresholds at once.
    """
    hold_evaluations()
    over = Tally.objects.for_(actor).filter(period_to__lte=now).order_by("line_id").values_list("line_id", flat=True)
    lines = list(over.distinct()[:most])
    ended = Bar.objects.for_(actor).filter(Q(ends_at__lte=now) | ~Q(line__active_to=None), lifted_at=None)
    bars = list(ended.select_related("switch", "line")[:most])
    lift(actor, [bar for bar in bars if bar.ends_at <= now], Lifted.PERIOD, now)
    lift(actor, [bar for bar in bars if bar.ends_at > now], Lifted.LINE, now)
    if lines:
        _tell(actor, hold(actor, Q(line_id__among=lines), set(), now), now)
        publish(PeriodsTurned(organisation_id=None, subject_type="tally", subject_id=lines[0], lines=len(lines)))
    return len(lines)


def evaluate_one(*, actor: Actor, threshold: Threshold, told_before: int, now: datetime) -> None:
    """Hold the present counter against a threshold just set or changed, in its operation; up to `told_before` nothing is told."""
    month = current_month(now, threshold.organisation.time_zone)
    _tell(actor, hold(actor, Q(pk=threshold.pk), {month}, now, told_before=told_before), now)


def evaluate_many(*, actor: Actor, threshold_ids: Sequence[int], zone: str, now: datetime) -> None:
    """Do the same for many thresholds just set, of customers in one time zone."""
    told: list[Told] = []
    for chunk in in_chunks(threshold_ids, LINES_AT_ONCE):
        told += hold(actor, Q(pk__among=chunk), {current_month(now, zone)}, now)
    _tell(actor, told, now)


def hold(actor: Actor, which: Q, months: Collection[date], now: datetime, *, told_before: int = 0) -> list[Told]:
    """Bring tallies up to date, record the steps that were passed and bar what is full, under the lock; return what is to be told."""
    of_threshold = Q(threshold__in=Threshold.objects.for_(actor).filter(which).order_by().values("pk"))
    touched = set(months) | turn_tallies(actor, of_threshold, now)
    told: list[Told] = []
    for month in sorted(touched):
        keep_tallies(actor, which, month)
        told += record_once(reached(actor, which, month), month=month, now=now, told_before=told_before)
    told += hold_by_days(actor, which, touched, now, told_before=told_before)
    bar_full(actor, which, now)
    return told


@contextmanager
def gathered() -> Iterator[list[Told]]:
    """Gather what the evaluations of the block passed instead of telling of each by itself: one piece of work is told of once.

    Whoever gathers tells (`tell_gathered`), in the same transaction.
    """
    told: list[Told] = []
    before = _GATHERED.set(told)
    try:
        yield told
    finally:
        _GATHERED.reset(before)


def tell_gathered(
    actor: Actor, told: Sequence[Told], now: datetime, *, managers: bool = True
) -> tuple[int, int] | None:
    """Tell of what was gathered, and return the first and last id of it; without `managers` the lines' users alone."""
    if not told:
        return None
    ids = [crossing for crossing, _organisation in told]
    _tell(actor, told, now, managers=managers)
    return min(ids), max(ids)


def _tell(actor: Actor, told: Sequence[Told], now: datetime, *, managers: bool = True) -> None:
    """Tell of one evaluation's crossings: a few at once, many by the worker; `span` holds their ids together for the list by mail."""
    together = _GATHERED.get()
    if together is not None:
        together += told
        return
    if not told:
        return
    at_once = len(told) <= TOLD_AT_ONCE
    ids = [crossing for crossing, _organisation in told]
    span = (min(ids), max(ids))
    by_customer: dict[int | None, list[int]] = {}
    for crossing, organisation in sorted(told, key=lambda one: (one[1], one[0])):
        by_customer.setdefault(organisation, []).append(crossing)
    if len(by_customer) > CUSTOMERS_APART:
        by_customer = {None: [crossing for some in by_customer.values() for crossing in some]}
    for organisation_id, some in by_customer.items():
        for chunk in in_chunks(some, TOLD_IN_ONE_EVENT):
            publish(
                ThresholdsCrossed(
                    organisation_id=organisation_id,
                    crossings=chunk,
                    told_at_once=at_once,
                    first=span[0],
                    last=span[1],
                    managers=managers,
                )
            )
    if at_once:
        tell(actor=actor, crossings=ids, span=span, now=now, managers=managers)


def highest_told(actor: Actor, threshold: Threshold, month: date, *, any_revision: bool = False) -> int:
    """Return the highest step on record in a month for the threshold as it is, or as it last passed one; 0 when none was passed."""
    on_record = Crossing.objects.for_(actor).filter(threshold=threshold, period_start=month)
    if not any_revision:
        on_record = on_record.filter(revision=threshold.revision)
    return on_record.order_by("-revision", "-step").values_list("step", flat=True).first() or 0
