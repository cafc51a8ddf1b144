from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.kernel.actor import system_actor
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import handlers, operations, queries, rules
from sportello.thresholds.models import Crossing, Tally, Threshold
from sportello.thresholds.operations.tallying import keep_tallies
from sportello.thresholds.queries.counting import reached, with_standing
from sportello.thresholds.states import State
from sportello.thresholds.tests.factories import NOVEMBER, NOW, OCTOBER, a_line, a_threshold, count, euro, tallied
from sportello.thresholds.types import Totals

SYSTEM = system_actor(reason="a test looks")
pytestmark = pytest.mark.django_db

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

KINDS = [
    ("all", "amount"),
    ("data", "amount"),
    ("sms", "amount"),
    ("data", "volume"),
    ("voice", "minutes"),
    ("sms", "messages"),
]
an_amount = st.integers(-2_000_000, 2_000_000)
counted = st.tuples(
    st.sampled_from(["voice", "sms", "mms", "data"]),
    st.sampled_from(["national", "eu", "extra_eu"]),
    st.booleans(),
    st.sampled_from([NOVEMBER, OCTOBER]),
    an_amount,
    st.integers(0, 3000),
    st.integers(0, 50),
)


class Undo(Exception):
    pass


def apply(line, one):
    """Write one record's worth of counters, and return it as totals."""
    traffic, zone, personal, month, amount, quantity, received = one
    sums = {"records": quantity + received, "records_in": received}
    if traffic == "voice":
        sums = {"records": 1, "duration_s": quantity + received, "duration_in_s": received}
    if traffic == "data":
        sums = {"volume_bytes": quantity * 1000}
    text = f"{abs(amount) // 100_000}.{abs(amount) % 100_000:05d}"
    count(line, f"-{text}" if amount < 0 else text, month=month, traffic=traffic, zone=zone, personal=personal, **sums)
    message = traffic in ("sms", "mms")
    return Totals(
        line_id=line.pk, month=month, traffic_type=traffic, zone=zone, personal=personal, person_id=line.person_id, amount=amount,
        volume_bytes=quantity * 1000 if traffic == "data" else 0, seconds=quantity if traffic == "voice" else 0,
        messages=quantity if message else 0,
    )  # fmt: skip


@FEW
@given(
    kind=st.sampled_from(KINDS),
    zone=st.sampled_from(["any", "national", "eu", "extra_eu"]),
    private=st.booleans(),
    records=st.lists(counted, max_size=12),
)
def test_database_counts_what_the_rule_counts(world, kind, zone, private, records):
    with pytest.raises(Undo), transaction.atomic():
        person = world.memberships["bo"].person
        line, other = a_line(world.a, person=person), a_line(world.a, person=person)
        row = a_threshold(line, 1000, traffic=kind[0], measure=kind[1], zone=zone, owner=person if private else None)
        totals = [apply(place, one) for one in records for place in (line, other)]
        with arrange():
            keep_tallies(SYSTEM, Q(pk=row.pk), NOVEMBER)
        [found] = with_standing(SYSTEM, Threshold.objects.for_(SYSTEM).filter(pk=row.pk), NOW)
        assert found.used_units == rules.used(row, [one for one in totals if one.month == NOVEMBER])
        raise Undo


@settings(FEW, max_examples=8)  # each writes every record three times over, and evaluates after each
@given(
    records=st.lists(counted, min_size=1, max_size=6),
    data=st.data(),
)
def test_any_split_or_repetition_of_totals_gives_the_same_notices(world, records, data):
    """One load of everything, or many loads with repetitions: the highest step told, and every step on record, are the same.

    Steps that were passed on the way are told in a split and passed over in one go; none is ever told twice.
    """
    records = [(*one[:4], abs(one[4]), *one[5:]) for one in records]  # counters that only grow: credits are G10

    def notices(split):
        line = a_line(world.a)
        a_threshold(line, "10", traffic="all")
        for part in split:
            for one in part:
                apply(line, one)
            months = {one[3] for one in records}
            for _again in range(data.draw(st.integers(1, 2))):
                handlers.counters_changed(load_id=1, line_ids=[line.pk], months=months, now=NOW)
        rows = Crossing.objects.for_(SYSTEM).filter(line=line)
        on_record = sorted(rows.values_list("period_start", "step"))
        told = sorted(rows.filter(told=True).values_list("period_start", "step"))
        sms = Message.objects.across_tenants(reason="a test reads").filter(channel="sms", address=line.number).count()
        assert (len(told), sms) == (len(set(told)), len(told))
        return on_record, {month: max(step for at, step in told if at == month) for month, _step in told}

    order = data.draw(st.permutations(records))
    cut = data.draw(st.integers(0, len(order)))
    with pytest.raises(Undo), transaction.atomic():
        assert notices([records]) == notices([order[:cut], order[cut:]]) == notices([[one] for one in order])
        raise Undo


def test_thresholds_of_a_load_are_found_in_two_queries(world):
    lines = [a_line(world.a) for _line in range(3)]
    for line in lines:
        for traffic, measure in KINDS:
            a_threshold(line, 1000, traffic=traffic, measure=measure)
        count(line, "0.00100", volume_bytes=10)
    with CaptureQueriesContext(connection) as seen:
        assert len(reached(SYSTEM, Q(line_id__in=[line.pk for line in lines]), NOVEMBER)) == 0
    assert len([one for one in seen if "thresholds_threshold" in one["sql"]]) == 2


def test_standings_come_fullest_first(world, ada):
    line = a_line(world.a)
    for zone, limit in (("any", "100"), ("eu", "10"), ("national", "50")):
        a_threshold(line, limit, zone=zone, state=State.SUSPENDED if zone == "any" else State.ACTIVE)
    tallied(line, "9", zone="eu")
    tallied(line, "60", zone="national")
    found = [(one.threshold.zone, one.share) for one in queries.standings(ada, line, NOW)]
    assert found == [("national", Decimal(120)), ("eu", Decimal(90)), ("any", Decimal(69))]


def test_shares_far_beyond_the_limit_are_sorted_too_and_no_counter_leaves_64_bits(world, ada):
    used = {"12.25": 12_250, "14.82": 14_820, "-7.005": -7005, "5000000": 2_000_000_000, "90000000000": 2_000_000_000}
    lines = [a_line(world.a) for _amount in used]
    for line, amount in zip(lines, used, strict=True):
        a_threshold(line, "1")
        tallied(line, amount)
    a_threshold(lines[4], 10**15, traffic="all", measure="volume")
    tallied(lines[4], month=NOVEMBER, traffic="voice", volume_bytes=2**62)
    by_share = queries.close_to_limit(ada, NOW)
    assert [one.threshold.line_id for one in by_share][-2:] == [lines[1].pk, lines[0].pk]
    kept = Tally.objects.for_(SYSTEM).order_by("pk").values_list("permille", flat=True)
    assert list(kept) == [*used.values(), 2**62 * 1000 // 10**15]


def test_shares_kept_up_to_five_times_are_reckoned_anew(world):
    for amount in ("12.25", "4", "-8"):
        line = a_line(world.a)
        a_threshold(line, "1")
        tallied(line, amount)
    rows = Tally.objects.for_(SYSTEM).order_by("pk")
    with arrange():
        for row in rows:
            Tally.objects.for_(SYSTEM).filter(pk=row.pk).update(permille=max(-5000, min(5000, row.permille)))
    migration = import_module("sportello.thresholds.migrations.0009_shares_beyond_five_times")
    with connection.cursor() as cursor:
        migration.reckon(None, cursor)
    assert list(rows.values_list("permille", flat=True)) == [12_250, 4000, -8000]


def test_close_to_limit_shows_what_passed_a_step_of_ones_own_customer(world, ada, cy):
    for organisation, amount in ((world.a, "9"), (world.a, "6"), (world.a, "1"), (world.b, "10")):
        line = a_line(organisation)
        a_threshold(line, "10")
        count(line, amount)
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    assert [[one.share for one in queries.close_to_limit(who, NOW)] for who in (ada, cy)] == [[90, 60], [100]]


def test_used_beyond_any_reason_is_still_compared(world, ada):
    line = a_line(world.a)
    a_threshold(line, 10**6, measure="volume")
    count(line, volume_bytes=9 * 10**18)
    handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    assert queries.crossings(ada, line).count() == 3
    assert [one.used_units for one in queries.standings(ada, line, NOW)] == [9 * 10**18]


def test_c06_lines_are_found_by_digits_or_name_inside_ones_scope(world, ada, cy, bo):
    mine = a_line(world.a, number="+393511112233", person=world.memberships["bo"].person)
    a_line(world.a, number="+393511112244", active_to=NOW)
    theirs = a_line(world.b, number="+393511112255")
    found = {
        (who.name, text): [line.pk for line in queries.lines_matching(who, text)]
        for who in (ada, cy, bo)
        for text in ("351\u00a0111 22", "0039351111", "prova", "x", " ")
    }
    a, b = [mine.pk], [theirs.pk]
    assert found == {
        ("Ada Prova", "351\u00a0111 22"): a, ("Ada Prova", "0039351111"): a, ("Ada Prova", "prova"): a, ("Ada Prova", "x"): [],
        ("Ada Prova", " "): [], ("Cy Prova", "351\u00a0111 22"): b, ("Cy Prova", "0039351111"): b, ("Cy Prova", "prova"): [],
        ("Cy Prova", "x"): [], ("Cy Prova", " "): [], ("Bo Prova", "351\u00a0111 22"): a, ("Bo Prova", "0039351111"): a,
        ("Bo Prova", "prova"): a, ("Bo Prova", "x"): [], ("Bo Prova", " "): [],
    }  # fmt: skip


def test_month_turns_by_each_customers_clock(world, olga):
    with_canary = [a_line(world.a), a_line(world.b)]
    with arrange():
        world.b.time_zone = "Atlantic/Canary"
        world.b.save()
    for line in with_canary:
        a_threshold(line, "10")
        count(line, "3", month=OCTOBER)
        count(line, "4", month=NOVEMBER)
    turning = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    with arrange():
        Tally.objects.for_(SYSTEM).update(period_start=OCTOBER, period_to=datetime(2026, 10, 31, 23, tzinfo=UTC))
        canary = Tally.objects.for_(SYSTEM).filter(organisation=world.b)
        canary.update(period_to=datetime(2026, 11, 1, tzinfo=UTC), used_units=euro("3"))
    operations.turn_periods(actor=SYSTEM, now=turning)
    rows = with_standing(olga, queries.thresholds(olga), turning).order_by("pk")
    assert [(row.period_start, row.used_units) for row in rows] == [(NOVEMBER, euro("4")), (OCTOBER, euro("3"))]
    operations.turn_periods(actor=SYSTEM, now=turning + timedelta(hours=1))
    rows = with_standing(olga, queries.thresholds(olga), turning).order_by("pk")
    assert [(row.period_start, row.used_units) for row in rows] == [(NOVEMBER, euro("4")), (NOVEMBER, euro("4"))]
