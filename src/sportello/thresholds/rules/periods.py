"""The periods that counters run in: local days, so that months across a change of clocks and the local midnight come out right.

A record counts in the period in which it started; a call across midnight counts whole in the day it began (ABUSE G08).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sportello.kernel.calendar import day_bounds, first_of_month, local_day, next_month, previous_month
from sportello.thresholds.states import Period

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period: its local days (`end` exclusive), and the instants (UTC) at which it begins and ends."""

    start: date
    end: date
    at: datetime
    to: datetime


def days_of(period: str, day: date, *, cut_off: int = 1) -> tuple[date, date]:
    """Return the first day of the period that `day` lies in, and the first day after it."""
    if period == Period.DAY:
        return day, day + ONE_DAY
    if period == Period.MONTH or cut_off == 1:
        return first_of_month(day), next_month(first_of_month(day))
    month = first_of_month(day) if day.day >= cut_off else previous_month(first_of_month(day))
    return month.replace(day=cut_off), next_month(month).replace(day=cut_off)


def span_of(period: str, day: date, zone: str, *, cut_off: int = 1) -> Span:
    """Return the period that a local day lies in."""
    start, end = days_of(period, day, cut_off=cut_off)
    where = ZoneInfo(zone)
    return Span(start, end, day_bounds(start, where)[0], day_bounds(end, where)[0])


def present_span(period: str, now: datetime, zone: str, *, cut_off: int = 1) -> Span:
    """Return the period that it is now in a customer's time zone."""
    return span_of(period, local_day(now, ZoneInfo(zone)), zone, cut_off=cut_off)
