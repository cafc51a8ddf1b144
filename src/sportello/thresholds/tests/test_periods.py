"""Calendar months, bill periods and days: by local days, over changes of the clock, from files to warnings (ABUSE G08)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import operations as thresholds
from sportello.thresholds import queries, rules
from sportello.thresholds.models import Crossing, CutOff, Tally
from sportello.thresholds.tests.factories import a_line, a_threshold, euro, terms
from sportello.usage import operations as usage
from sportello.usage.tests.factories import row, usage_file

SYSTEM = system_actor(reason="a test of periods")
NUMBER = "+393510000002"
ZONES = ("Europe/Rome", "Atlantic/Canary")
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@given(
    period=st.sampled_from(["month", "bill", "day"]), day=days, zone=st.sampled_from(ZONES), cut_off=st.integers(1, 28)
)
def test_g08_periods_follow_each_other_without_gap_or_overlap(period, day, zone, cut_off):
    span = rules.span_of(period, day, zone, cut_off=cut_off)
    after = rules.span_of(period, span.end, zone, cut_off=cut_off)
    assert (span.start <= day < span.end, span.end, span.to) == (True, after.start, after.at)
    assert span.at.astimezone(ZoneInfo(zone)).hour == 0
    assert rules.present_span(period, span.at, zone, cut_off=cut_off) == span
    assert rules.present_span(period, span.to - timedelta(microseconds=1), zone, cut_off=cut_off) == span


@pytest.mark.parametrize(
    ("period", "day", "zone", "hours"),
    [
        ("day", date(2026, 10, 25), "Europe/Rome", 25),
        ("day", date(2027, 3, 28), "Europe/Rome", 23),
        ("day", date(2026, 10, 25), "Atlantic/Canary", 25),
        ("day", date(2027, 3, 28), "Atlantic/Canary", 23),
        ("month", date(2026, 10, 3), "Europe/Rome", 31 * 24 + 1),
        ("month", date(2027, 3, 3), "Atlantic/Canary", 31 * 24 - 1),
    ],
)
def test_g08_periods_over_a_change_of_the_clock(period, day, zone, hours):
    span = rules.span_of(period, day, zone)
    assert (span.to - span.at).total_seconds() / 3600 == hours


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 11, 14), date(2026, 10, 15), date(2026, 11, 15)),
        (date(2026, 11, 15), date(2026, 11, 15), date(2026, 12, 15)),
        (date(2027, 1, 3), date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_bill_period_begins_on_its_day(day, start, end):
    assert rules.days_of("bill", day, cut_off=15) == (start, end)


@pytest.fixture
def line(world):
    return a_line(world.a, person=world.memberships["bo"].person, number=NUMBER)


def load(*records, now):
    usage.load_file(actor=SYSTEM, path=usage_file(*records), now=now)


def at(instant, record_id, amount, **others):
    return row(record_id=record_id, msisdn=NUMBER, started_at=instant, amount=amount, **others)


def passed(line):
    rows = Crossing.objects.for_(SYSTEM).filter(line=line).order_by("period_start", "step")
    return [(one.period_start, one.step, one.used_units) for one in rows]


def told():
    rows = Message.objects.across_tenants(reason="a test reads").filter(channel="sms").order_by("pk")
    return [(one.context["period"], one.context["percent"]) for one in rows]


@pytest.mark.django_db
def test_g08_days_turn_at_local_midnight_also_on_the_day_of_25_hours(line, ada):
    set_at = datetime(2026, 10, 24, 8, tzinfo=UTC)
    thresholds.set_threshold(
        actor=ada, line=line, terms=terms("1", traffic="all", period="day", steps=(100,)), now=set_at
    )
    load(
        at("2026-10-24T21:59:59Z", "1", "0.6"),  # 23:59:59 of the 24th
        at("2026-10-24T22:00:00Z", "2", "0.6"),  # midnight of the 25th
        at("2026-10-25T00:30:00Z", "3", "0.2"),  # 02:30 the first time
        at("2026-10-25T01:30:00Z", "4", "0.1"),  # 02:30 again
        at("2026-10-25T22:59:59Z", "5", "0.1"),  # 23:59:59 of the 25th, in its 25th hour
        at("2026-10-25T23:00:00Z", "6", "0.9"),  # midnight of the 26th
        now=datetime(2026, 10, 26, 12, tzinfo=UTC),
    )
    assert passed(line) == [(date(2026, 10, 25), 100, euro("1"))]


@pytest.mark.django_db
def test_g08_the_same_instants_lie_in_other_days_on_the_canary_islands(world, line, ada):
    with arrange():
        world.a.time_zone = "Atlantic/Canary"
        world.a.save()
    line.refresh_from_db()
    thresholds.set_threshold(
        actor=ada,
        line=line,
        terms=terms("1", traffic="all", period="day", steps=(100,)),
        now=datetime(2026, 10, 24, 8, tzinfo=UTC),
    )
    load(at("2026-10-24T22:30:00Z", "1", "0.5"), at("2026-10-24T22:59:59Z", "2", "0.5"), at("2026-10-24T23:00:00Z", "3", "0.9"),
         now=datetime(2026, 10, 26, 12, tzinfo=UTC))  # fmt: skip
    assert passed(line) == [(date(2026, 10, 24), 100, euro("1"))]


@pytest.mark.django_db
def test_bill_period_of_the_agreement_runs_over_two_months(world, line, ada):
    with arrange():
        CutOff.objects.create(organisation=world.a, day=5)
        CutOff.objects.create(organisation=world.a, agreement=line.agreement, day=15)
    set_at = datetime(2026, 10, 20, 8, tzinfo=UTC)
    threshold = thresholds.set_threshold(
        actor=ada, line=line, terms=terms("10", traffic="all", period="bill"), now=set_at
    )
    assert (threshold.cut_off, threshold.counts_from) == (15, date(2026, 10, 15))
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    load(at("2026-10-30T12:00:00Z", "1", "6"), now=now - timedelta(days=10))
    load(at("2026-11-14T12:00:00Z", "2", "3"), at("2026-11-15T12:00:00Z", "3", "5"), now=now)
    assert passed(line) == [
        (date(2026, 10, 15), 50, euro("6")), (date(2026, 10, 15), 80, euro("9")), (date(2026, 11, 15), 50, euro("5")),
    ]  # fmt: skip
    assert told() == [("from 15 Oct 2026", "60"), ("from 15 Oct 2026", "90"), ("from 15 Nov 2026", "50")]
    tally = Tally.objects.for_(SYSTEM).get()
    assert (tally.period_start, tally.used_units, tally.permille) == (date(2026, 11, 15), euro("5"), 500)


@pytest.mark.django_db
def test_bill_period_without_a_day_of_its_own_is_the_calendar_month(line, ada):
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    threshold = thresholds.set_threshold(actor=ada, line=line, terms=terms("10", traffic="all", period="bill"), now=now)
    load(at("2026-11-14T12:00:00Z", "2", "5"), now=now)
    assert (threshold.by_days, passed(line)) == (False, [(date(2026, 11, 1), 50, euro("5"))])


@pytest.mark.django_db
def test_same_file_again_and_late_records_tell_each_period_once(line, ada):
    set_at, now = datetime(2026, 11, 1, 8, tzinfo=UTC), datetime(2026, 11, 16, 12, tzinfo=UTC)
    thresholds.set_threshold(
        actor=ada, line=line, terms=terms("1", traffic="all", period="day", steps=(100,)), now=set_at
    )
    first, late = at("2026-11-16T08:00:00Z", "1", "1.5"), at("2026-11-10T08:00:00Z", "2", "1")
    load(first, now=now)
    load(first, now=now)
    load(first, late, now=now)
    assert [period for period, _percent in told()] == ["16 Nov 2026", "10 Nov 2026"]


@pytest.mark.django_db
def test_personal_records_do_not_count_by_days_either(markers_count, line, ada):
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    thresholds.set_threshold(actor=ada, line=line, terms=terms("1", traffic="all", period="day"), now=now)
    load(at("2026-11-16T08:00:00Z", "1", "5", personal="1"), now=now)
    assert passed(line) == []


@pytest.mark.django_db
def test_day_that_is_over_begins_anew(line):
    threshold = a_threshold(line, "1", period="day")
    tally = Tally.objects.for_(SYSTEM).get(threshold=threshold)
    assert (tally.period_start, tally.period_to) == (date(2026, 11, 20), datetime(2026, 11, 20, 23, tzinfo=UTC))
    with arrange():
        Tally.objects.for_(SYSTEM).update(used_units=5, permille=900)
    thresholds.turn_periods(actor=SYSTEM, now=datetime(2026, 11, 20, 23, tzinfo=UTC))
    tally.refresh_from_db()
    assert (tally.period_start, tally.used_units, tally.permille) == (date(2026, 11, 21), 0, 0)
    assert queries.close_to_limit(SYSTEM, datetime(2026, 11, 20, 23, tzinfo=UTC)) == []
