"""When an order is expected, in working days of the operator's calendar; waits for the customer do not count (DOMAIN §8.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sportello.kernel.calendar import ONE_DAY, WorkingCalendar, local_day
from sportello.orders.states import ENDED, State


def expected_on(calendar: WorkingCalendar, *, submitted_at: datetime, days: int) -> date:
    """Return the working day on which an order is expected: so many working days after the local day of its submission."""
    return calendar.add_working_days(local_day(submitted_at, calendar.time_zone), days)


def after_wait(calendar: WorkingCalendar, expected: date, *, since: datetime, until: datetime) -> date:
    """Return the expected day moved by the working days that the order waited; a wait within one day moves nothing."""
    waited = working_days(calendar, local_day(since, calendar.time_zone), local_day(until, calendar.time_zone))
    return calendar.add_working_days(expected, waited) if waited else expected


def working_days(calendar: WorkingCalendar, first: date, last: date) -> int:
    """Return how many working days lie after `first`, up to `last` inclusive."""
    days = ((first + timedelta(days=one)) for one in range(1, (last - first) // ONE_DAY + 1))
    return sum(calendar.is_working_day(day) for day in days)


def is_late(state: str, expected: date, *, today: date) -> bool:
    """Tell whether an order should have been done by now; while it waits for the customer it is not late."""
    still = state in ENDED or state in {State.DRAFT, State.APPROVAL, State.WAITING_CUSTOMER}
    return not still and expected < today


def code_of(year: int, number: int) -> str:
    """Return the code of an order: `ORD-2026-000123`."""
    return f"ORD-{year}-{number:06d}"
