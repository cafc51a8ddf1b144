"""Holding the thresholds whose periods are days or bill periods against their counters, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from django.db.models import Q

from sportello.kernel.actor import Actor
from sportello.kernel.calendar import next_month
from sportello.thresholds import rules
from sportello.thresholds.models import Crossing, Threshold
from sportello.thresholds.operations.recording import Told, record_once
from sportello.thresholds.operations.tallying import write_tally
from sportello.thresholds.queries.counting import BY_MONTH, Reached
from sportello.thresholds.queries.days import DayTotals, day_totals
from sportello.thresholds.rules.periods import ONE_DAY
from sportello.thresholds.states import State


def hold_by_days(
    actor: Actor, which: Q, months: Collection[date], now: datetime, *, told_before: int = 0
) -> list[Told]:
    """Sum the periods that touch these months, write the tallies, record what was passed; return what is to be told."""
    rows = Threshold.objects.for_(actor).filter(which).exclude(BY_MONTH).exclude(state=State.CANCELLED)
    by_zone: dict[str, list[Threshold]] = defaultdict(list)
    for row in rows.select_related("organisation", "tally").order_by("pk"):
        by_zone[row.organisation.time_zone].append(row)
    told: list[Told] = []
    for some in by_zone.values():
        told += _hold(actor, some, _window(some, months), now=now, told_before=told_before)
    return told


def _window(rows: Sequence[Threshold], months: Collection[date]) -> tuple[date, date]:
    """Return the days of all periods that touch the months, and of the present ones."""
    first = [*months, *(row.tally.period_start for row in rows)]
    last = [next_month(month) - ONE_DAY for month in months] + [row.tally.period_start for row in rows]
    spans = [rules.days_of(row.period, day, cut_off=row.cut_off) for row in rows for day in (min(first), max(last))]
    return min(start for start, _end in spans), max(end for _start, end in spans)


def _hold(
    actor: Actor, rows: Sequence[Threshold], window: tuple[date, date], *, now: datetime, told_before: int
) -> Iterator[Told]:
    zone = rows[0].organisation.time_zone
    totals: dict[int, list[DayTotals]] = defaultdict(list)
    for one in day_totals(actor, {row.line_id for row in rows}, *window, zone):
        totals[one.totals.line_id].append(one)
    passed: dict[date, list[Reached]] = defaultdict(list)
    for row in rows:
        used = _used(row, totals[row.line_id])
        write_tally(actor, row, used.get(row.tally.period_start, 0))
        for start, units in used.items():
            if row.state == State.ACTIVE and start >= row.counts_from:
                passed[start].append(_reached(row, units))
    for start in sorted(passed):
        yield from record_once(_news(actor, passed[start], start), month=start, now=now, told_before=told_before)


def _used(row: Threshold, totals: Sequence[DayTotals]) -> dict[date, int]:
    """Return the counter of each period of a threshold, by its first day."""
    by_period: dict[date, int] = defaultdict(int)
    for one in totals:
        by_period[rules.days_of(row.period, one.day, cut_off=row.cut_off)[0]] += rules.used(row, [one.totals])
    return by_period


def _reached(row: Threshold, units: int) -> Reached:
    return Reached(row.pk, row.organisation_id, row.line_id, row.revision, row.limit_units, row.steps, 0, units)


def _news(actor: Actor, found: Sequence[Reached], start: date) -> list[Reached]:
    """Return those that passed a step which is not on record for the period."""
    over = {one.threshold_id: one for one in found if one.passed}
    on_record = Crossing.objects.for_(actor).filter(threshold_id__in=over, period_start=start)
    highest: dict[tuple[int, int], int] = defaultdict(int)
    for threshold_id, revision, step in on_record.values_list("threshold_id", "revision", "step"):
        highest[threshold_id, revision] = max(step, highest[threshold_id, revision])
    fresh = [one.beyond(highest[one.threshold_id, one.revision]) for one in over.values()]
    return [one for one in fresh if any(one.highest < step for step in one.passed)]
