"""Service levels: when a ticket is to be answered and resolved, on the working calendar; the time stands still while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.kernel.calendar import WorkingCalendar


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When the first answer and the resolution are due (None: no service level)."""

    answer_due_at: datetime | None
    resolution_due_at: datetime | None


def clock_of(calendar: WorkingCalendar, *, since: datetime, minutes: tuple[int, int] | None) -> Clock:
    """Return the clock of a ticket from its opening, of (answer, resolution) minutes of working time."""
    if minutes is None:
        return Clock(answer_due_at=None, resolution_due_at=None)
    answer, resolution = (calendar.add_working_hours(since, timedelta(minutes=one)) for one in minutes)
    return Clock(answer_due_at=answer, resolution_due_at=resolution)


def due_after_wait(
    calendar: WorkingCalendar, due: datetime | None, *, since: datetime, now: datetime
) -> datetime | None:
    """Return a due instant after a wait from `since` to `now`: the working time that was left then is left now.

    What was overdue before the wait stays as it was.
    """
    if due is None or due <= since:
        return due
    return calendar.add_working_hours(now, calendar.working_time_between(since, due))
