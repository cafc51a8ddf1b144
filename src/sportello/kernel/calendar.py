"""Working days, working hours and the edges of local days and months.

Instants are aware UTC datetimes; local days exist only together with a time zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SATURDAY = 5
LAST_MONTH = 12
ONE_DAY = timedelta(days=1)
MIDNIGHT = time(0)
ROME = ZoneInfo("Europe/Rome")
# A calendar that finds no working day in this many days is misconfigured; say so instead of running to year 9999.
LONGEST_PAUSE = 60


class NoWorkingDay(ValueError):
    """Say that a calendar holds no working day where one was looked for."""


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    import holidays  # a fifth of a second that only what counts working days needs

    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone has no place in a calendar.")
    return instant.astimezone(UTC)


def _local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True)
class WorkingCalendar:
    """Count working days (Monday to Friday, no public holiday) and working hours of one place.

    `country` is ISO 3166 alpha-2 (`IT`, `ES`), `region` a subdivision of it, `patron_saint` the (month, day) on which
    the place itself rests. `hours` opens and closes each working day in local time; closing at 00:00 means the midnight
    that ends the day. Working day = Monday to Friday without public holidays: AGCOM circular of 9 April 2008.
    """

    country: str = "IT"
    patron_saint: tuple[int, int] | None = None
    hours: tuple[time, time] = (time(9), time(18))
    time_zone: ZoneInfo = ROME
    region: str | None = None

    def __post_init__(self) -> None:
        opens, closes = self.hours
        if opens >= closes != MIDNIGHT:
            raise ValueError("The working day must close after it opens.")
        if self.patron_saint is not None:
            date(2024, *self.patron_saint)  # a leap year: 29 February is a day on which a saint may be honoured
        _public_holidays(self.country, self.region, 2024)

    def is_holiday(self, day: date) -> bool:
        """Tell whether the day is a public holiday or the patron saint's day."""
        return (day.month, day.day) == self.patron_saint or day in _public_holidays(self.country, self.region, day.year)

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on this day."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the working day `count` working days after `day` (before it, when negative).

        0 gives the day itself when it is worked, else the next one that is.
        """
        if count == 0:
            return day if self.is_working_day(day) else self._neighbour(day, ONE_DAY)
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day = self._neighbour(day, step)
        return day

    def _neighbour(self, day: date, step: timedelta) -> date:
        for _ in range(LONGEST_PAUSE):
            day += step
            if self.is_working_day(day):
                return day
        raise NoWorkingDay(f"No working day within {LONGEST_PAUSE} days of {day.isoformat()}.")

    def working_hours_of(self, day: date) -> tuple[datetime, datetime]:
        """Return the instants (UTC) at which the day's work opens and closes, whether it is worked or not."""
        opens, closes = self.hours
        last_day = day + ONE_DAY if closes == MIDNIGHT else day
        return _local_instant(day, opens, self.time_zone), _local_instant(last_day, closes, self.time_zone)

    def add_working_hours(self, instant: datetime, hours: timedelta | int) -> datetime:
        """Return the instant (UTC) at which `hours` of working time have passed since `instant`.

        A deadline that falls on closing time stays there: it does not slip to the next morning.
        """
        left = hours if isinstance(hours, timedelta) else timedelta(hours=hours)
        if left < timedelta():
            raise ValueError("Working hours can only be added, not taken away.")
        windows = self._windows(_utc(instant))
        opens, closes = next(windows)
        while closes - opens < left:
            left -= closes - opens
            opens, closes = next(windows)
        return opens + left

    def _windows(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = self.add_working_days(since.astimezone(self.time_zone).date(), 0)
        while True:
            opens, closes = self.working_hours_of(day)
            if closes > since:
                yield max(opens, since), closes
            day = self._neighbour(day, ONE_DAY)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; negative when `end` is the earlier one."""
        start, end = _utc(start), _utc(end)
        if end < start:
            return -self.working_time_between(end, start)
        day, last = (at.astimezone(self.time_zone).date() for at in (start, end))
        total = timedelta()
        while day <= last:
            if self.is_working_day(day):
                opens, closes = self.working_hours_of(day)
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += ONE_DAY
        return total


def first_of_month(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after that of `month`."""
    return date(month.year + month.month // LAST_MONTH, month.month % LAST_MONTH + 1, 1)


def previous_month(month: date) -> date:
    """Return the first day of the month before that of `month`."""
    return first_of_month(first_of_month(month) - ONE_DAY)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day it is in the zone at this instant."""
    return _utc(instant).astimezone(zone).date()


def local_month(instant: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the month it is in the zone at this instant."""
    return first_of_month(local_day(instant, zone))


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which the local day begins and ends (exclusive): 23, 24 or 25 hours apart."""
    return _local_instant(day, MIDNIGHT, zone), _local_instant(day + ONE_DAY, MIDNIGHT, zone)


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which the local month of `month` begins and ends (exclusive)."""
    return _local_instant(first_of_month(month), MIDNIGHT, zone), _local_instant(next_month(month), MIDNIGHT, zone)
