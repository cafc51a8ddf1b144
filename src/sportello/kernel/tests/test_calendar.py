from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.calendar import (
    NoWorkingDay,
    WorkingCalendar,
    day_bounds,
    first_of_month,
    local_day,
    local_month,
    month_bounds,
    next_month,
    previous_month,
)

ROME, MADRID, CANARY = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Madrid"), ZoneInfo("Atlantic/Canary")
MILAN = WorkingCalendar(patron_saint=(12, 7))
DAYS = st.dates(date(2012, 1, 1), date(2060, 12, 31))  # 2 June was no feast before 2001, 17 March was one in 2011
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants it so
ITALIAN_FEASTS = {(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)}


def easter(year: int) -> date:
    """Reckon Easter by the method of Meeus, Jones and Butcher: independent of the library under test."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def worked_in_milan(day: date) -> bool:
    saint_francis = day.month == 10 and day.day == 4 and day.year >= 2026  # law 151/2025
    feast = (day.month, day.day) in ITALIAN_FEASTS | {(12, 7)} or saint_francis
    return not (feast or day.weekday() >= 5 or day - timedelta(1) == easter(day.year))


@given(DAYS)
def test_working_day_agrees_with_the_written_list_of_feasts(day: date) -> None:
    assert MILAN.is_working_day(day) == worked_in_milan(day)


@given(DAYS, st.integers(-60, 60))
def test_added_working_days_agree_with_counting_day_by_day(day: date, count: int) -> None:
    step = timedelta(1 if count >= 0 else -1)
    found, left = day, abs(count)
    if count == 0:
        while not worked_in_milan(found):
            found += step
    while left:
        found += step
        left -= worked_in_milan(found)
    assert MILAN.add_working_days(day, count) == found


def test_working_days_jump_over_easter_and_the_year_end() -> None:
    assert MILAN.add_working_days(date(2026, 4, 3), 1) == date(2026, 4, 7)
    assert MILAN.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert MILAN.add_working_days(date(2026, 12, 4), 1) == date(2026, 12, 9)
    assert WorkingCalendar().add_working_days(date(2026, 12, 4), 1) == date(2026, 12, 7)


def test_spain_rests_on_good_friday_and_its_regions_on_their_own_days() -> None:
    spain = WorkingCalendar(country="ES", time_zone=MADRID)
    madrid = WorkingCalendar(country="ES", region="MD", time_zone=MADRID)
    good_friday, second_of_may = date(2026, 4, 3), date(2025, 5, 2)
    assert (spain.is_working_day(good_friday), WorkingCalendar().is_working_day(good_friday)) == (False, True)
    assert (spain.is_working_day(second_of_may), madrid.is_working_day(second_of_may)) == (True, False)


def minutes_worked(start: datetime, end: datetime) -> int:
    minutes = (start + timedelta(minutes=n) for n in range(int((end - start) / timedelta(minutes=1))))
    local = (at.astimezone(ROME) for at in minutes)
    return sum(1 for at in local if worked_in_milan(at.date()) and time(9) <= at.time() < time(18))


@given(INSTANTS.map(lambda at: at.replace(second=0, microsecond=0)), st.integers(0, 6 * 24 * 60))
def test_working_time_agrees_with_counting_minute_by_minute(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert MILAN.working_time_between(start, end) == timedelta(minutes=minutes_worked(start, end))
    assert MILAN.working_time_between(end, start) == -timedelta(minutes=minutes_worked(start, end))


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(hours=80)))
def test_k07_working_hours_added_are_the_working_time_that_passes(start: datetime, hours: timedelta) -> None:
    deadline = MILAN.add_working_hours(start, hours)
    assert MILAN.working_time_between(start, deadline) == hours
    assert deadline >= start


def test_k07_eight_working_hours_over_a_week_end_and_a_feast() -> None:
    friday_afternoon = datetime(2026, 12, 4, 16, 0, tzinfo=ROME)
    assert MILAN.add_working_hours(friday_afternoon, 8) == datetime(2026, 12, 9, 15, 0, tzinfo=ROME)
    assert MILAN.add_working_hours(friday_afternoon, 2) == datetime(2026, 12, 4, 18, 0, tzinfo=ROME)
    assert MILAN.add_working_hours(datetime(2026, 12, 5, 10, tzinfo=UTC), 0) == datetime(2026, 12, 9, 8, tzinfo=UTC)


def test_working_hours_cross_the_change_of_clocks_in_local_time() -> None:
    assert MILAN.add_working_hours(datetime(2026, 3, 27, 16, tzinfo=UTC), 2) == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_a_calendar_open_day_and_night_counts_the_23_and_25_hours_of_clock_changes() -> None:
    canary_sunday_shop = WorkingCalendar(country="ES", hours=(time(0), time(0)), time_zone=CANARY)
    monday = date(2026, 10, 26)
    assert canary_sunday_shop.working_hours_of(monday) == day_bounds(monday, CANARY)
    opens, closes = canary_sunday_shop.working_hours_of(date(2026, 10, 25))
    assert closes - opens == timedelta(hours=25)


def test_a_calendar_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="close after it opens"):
        WorkingCalendar(hours=(time(18), time(9)))
    with pytest.raises(ValueError, match="day is out of range"):
        WorkingCalendar(patron_saint=(2, 30))
    with pytest.raises(NotImplementedError):
        WorkingCalendar(country="XX")
    with pytest.raises(ValueError, match="without a time zone"):
        MILAN.add_working_hours(datetime(2026, 1, 1), 1)  # noqa: DTZ001  the fault under test
    with pytest.raises(ValueError, match="only be added"):
        MILAN.add_working_hours(datetime(2026, 1, 1, tzinfo=UTC), -1)


def test_a_calendar_without_working_days_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkingCalendar, "is_working_day", lambda _calendar, _day: False)
    with pytest.raises(NoWorkingDay):
        MILAN.add_working_days(date(2026, 1, 1), 1)


def test_g08_local_days_of_clock_changes_have_23_and_25_hours() -> None:
    lengths = [
        end - start for start, end in (day_bounds(date(2026, 10, 25), ROME), day_bounds(date(2027, 3, 28), ROME))
    ]
    assert lengths == [timedelta(hours=25), timedelta(hours=23)]


def test_g08_month_begins_an_hour_later_on_the_canary_islands() -> None:
    assert month_bounds(date(2026, 11, 17), MADRID) == (
        datetime(2026, 10, 31, 23, tzinfo=UTC),
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    )
    assert month_bounds(date(2026, 11, 1), CANARY)[0] == datetime(2026, 11, 1, tzinfo=UTC)
    midnight = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert (local_month(midnight, MADRID), local_month(midnight, CANARY)) == (date(2026, 11, 1), date(2026, 10, 1))


@given(INSTANTS, st.sampled_from([ROME, MADRID, CANARY]))
def test_every_instant_lies_in_its_local_day_and_month_and_in_no_other(at: datetime, zone: ZoneInfo) -> None:
    start, end = day_bounds(local_day(at, zone), zone)
    month_start, month_end = month_bounds(local_month(at, zone), zone)
    assert month_start <= start <= at < end <= month_end
    assert local_day(end, zone) == local_day(at, zone) + timedelta(1)


@given(DAYS)
def test_next_and_previous_month_are_inverse(day: date) -> None:
    assert previous_month(next_month(day)) == first_of_month(day)
    assert next_month(previous_month(day)) == first_of_month(day)
