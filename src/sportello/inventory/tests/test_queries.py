from datetime import UTC, date, datetime, timedelta

import pytest

from sportello.inventory import operations, queries
from sportello.inventory.models import Line, LinePeriod
from sportello.inventory.tests.factories import (
    ICCID,
    LONG_AGO,
    NOW,
    SYSTEM,
    make_cost_centre,
    make_line,
    make_plan,
    make_site,
)
from sportello.inventory.types import MonthCount, PlacingPeriod, Share
from sportello.kernel.refusals import NotFound

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(at):
    return (at - EPOCH) // timedelta(microseconds=1)


def test_lines_are_those_in_reach(world):
    make_line(world.a, "+393510000101", person=world.memberships["bo"].person)
    make_line(world.a, "+393510000102")
    make_line(world.b, "+393510000901")
    seen = {name: [row.number[-4:] for row in queries.lines(world.actor(name)).order_by("number")] for name in world.memberships}
    assert {name: seen[name] for name in ("ada", "bo", "cy", "pia", "olga")} == {
        "ada": ["0101", "0102"], "bo": ["0101"], "cy": ["0901"], "pia": ["0101", "0102"], "olga": ["0101", "0102", "0901"],
    }  # fmt: skip


def test_line_as_of_tells_how_it_stood(world, ada, cy):
    line = make_line(world.a, "+393510000101", plan=make_plan())
    at = datetime(2026, 3, 1, tzinfo=UTC)
    operations.change_line(actor=SYSTEM, line=line, changes={"plan": make_plan("TOP")}, at=at, now=NOW)
    operations.end_line(actor=SYSTEM, line=line, at=NOW, now=NOW)
    step = timedelta(microseconds=1)
    stood = {
        moment: (found := queries.line_as_of(ada, line.pk, moment)) and found.period.plan.code
        for moment in (LONG_AGO - step, LONG_AGO, at - step, at, NOW - step, NOW)
    }
    assert list(stood.values()) == [None, "BASE", "BASE", "TOP", "TOP", None]
    with pytest.raises(NotFound):
        queries.line_as_of(cy, line.pk, at)


def test_holder_at_names_who_held_the_number_then(world, ada, cy, olga):
    former = make_line(world.a, "+393510000101")
    operations.end_line(actor=SYSTEM, line=former, at=NOW, now=NOW)
    make_line(world.b, "+393510000101", active_from=NOW)
    held = {
        (who.name, at): (found := queries.holder_at(who, "+393510000101", at)) and found.organisation_id
        for who in (ada, cy, olga)
        for at in (NOW - DAY, NOW)
    }
    assert list(held.values()) == [world.a.pk, None, None, world.b.pk, world.a.pk, world.b.pk]


def test_g12_placing_knows_every_holder_with_exact_instants(world):
    end = NOW + timedelta(microseconds=7)
    line = operations.end_line(actor=SYSTEM, line=make_line(world.a, "+393510000101"), at=end, now=NOW + DAY)
    later = make_line(world.b, "+393510000101", active_from=end)
    periods = {row.line_id: row for row in queries.line_periods_for_placing(reason="test", numbers=["+393510000101"] * 2)}
    ids = dict(LinePeriod.objects.for_(SYSTEM).values_list("line_id", "pk"))
    assert periods == {
        line.pk: PlacingPeriod(ids[line.pk], line.pk, world.a.pk, "+393510000101", us(LONG_AGO), us(end), "Europe/Rome"),
        later.pk: PlacingPeriod(ids[later.pk], later.pk, world.b.pk, "+393510000101", us(end), None, "Europe/Rome"),
    }
    assert list(queries.line_periods_for_placing(reason="test", numbers=[])) == []
    assert len(list(queries.line_periods_for_placing(reason="test"))) == 2


def test_instants_before_1970_are_exact(world):
    start = datetime(1965, 5, 5, 3, 4, 5, 678901, tzinfo=UTC)
    make_line(world.a, "+390655500101", kind="fixed", active_from=start)
    assert [row.active_from_us for row in queries.line_periods_for_placing(reason="test")] == [us(start)]


@pytest.mark.parametrize("count", [1, 3])
def test_placing_takes_one_query(world, django_assert_max_num_queries, count):
    for n in range(count):
        make_line(world.a, f"+39351000010{n}")
    with django_assert_max_num_queries(3):  # PostgreSQL's wall is opened by two more
        assert len(list(queries.line_periods_for_placing(reason="test"))) == count


def test_totals_count_what_has_not_ended(world, ada, olga):
    make_line(world.a, "+393510000101", plan=make_plan(), site=make_site(world.a))
    make_line(world.a, "+393510000102", plan=make_plan())
    make_line(world.a, "+393510000103", active_to=NOW - DAY)
    make_line(world.b, "+390655500901", kind="fixed")
    assert queries.totals(ada, "kind") == [Share("mobile", "Mobile", 2)]
    assert queries.totals(olga, "kind") == [Share("mobile", "Mobile", 2), Share("fixed", "Fixed", 1)]
    assert queries.totals(ada, "status", ended=True) == [Share("active", "Active", 2), Share("terminated", "Terminated", 1)]
    assert [(share.label, share.lines) for share in queries.totals(ada, "plan")] == [("BASE", 2)]
    assert sorted((share.label, share.lines) for share in queries.totals(ada, "site")) == [("", 1), ("HQ", 1)]
    assert queries.active_lines(ada) == 2


def test_lines_by_month_follow_local_months_and_the_change_of_clocks(world, ada):
    """A line that begins at midnight of 1 April in Rome begins on 31 March at 22:00 UTC; it is April's."""
    make_line(world.a, "+393510000101", active_from=datetime(2026, 3, 31, 22, tzinfo=UTC))
    make_line(world.a, "+393510000102", active_from=datetime(2026, 1, 31, 22, 59, tzinfo=UTC), active_to=datetime(2026, 3, 31, 21, tzinfo=UTC))
    counts = queries.active_lines_by_month(ada, now=datetime(2026, 4, 10, tzinfo=UTC), months=5)
    assert [count for count in counts if count.kind == "mobile"] == [
        MonthCount(date(2025, 12, 1), "mobile", 0), MonthCount(date(2026, 1, 1), "mobile", 1), MonthCount(date(2026, 2, 1), "mobile", 1),
        MonthCount(date(2026, 3, 1), "mobile", 0), MonthCount(date(2026, 4, 1), "mobile", 1),
    ]  # fmt: skip


def test_found_by_number_with_and_without_prefix_name_and_sim(world, ada):
    bo = world.memberships["bo"].person
    line = make_line(world.a, "+393510000101", person=bo)
    operations.change_sim(actor=SYSTEM, line=line, iccid=ICCID, at=NOW, now=NOW)
    make_line(world.a, "ADSL-1", kind="xdsl")
    found = {
        word: [row.number for row in queries.lines_sought(ada, Line.objects.for_(ada), word)]
        for word in ("+39351", "39351", "351", "0101", "+39 351 000 0101 bo", "Prova", "BO", "prova bo", ICCID[:6], "ADSL", "999", "+39352")
    }
    number = "+393510000101"
    assert found == {
        "+39351": [number], "39351": [number], "351": [number], "0101": [number], "+39 351 000 0101 bo": [number], "Prova": [number],
        "BO": [number], "prova bo": [number], ICCID[:6]: [number], "ADSL": ["ADSL-1"], "999": [], "+39352": [],
    }  # fmt: skip


def test_c02_people_of_others_do_not_find_lines(world, cy):
    make_line(world.b, "+393510000901", person=world.memberships["cy"].person)
    assert list(queries.lines_sought(cy, Line.objects.for_(cy), "Bo")) == []


def test_people_named_fits_one_exactly(world, ada):
    found = {text: [p.username for p in queries.people_named(ada, world.a.pk, text)] for text in ("bo", "Bo Prova", "prova BO", "prova", "cy")}
    assert found == {"bo": ["bo"], "Bo Prova": ["bo"], "prova BO": ["bo"], "prova": [], "cy": []}


def test_choices_are_those_in_reach(world, ada, cy):
    centre = make_cost_centre(world.a)
    assert queries.cost_centre_choices(ada) == [(str(centre.pk), "CC1")]
    assert queries.cost_centre_choices(cy) == []
    assert queries.cost_centre_choices(cy, [world.a.pk]) == []


def test_holder_keeps_the_time_they_held_the_line(world, ada):
    bo = world.memberships["bo"].person
    line = make_line(world.a, "+393510000101", person=bo)
    operations.change_line(actor=ada, line=line, changes={"person": None}, at=NOW, now=NOW)
    entries = [(period.active_from, period.active_to, period.person) for period in queries.history(ada, line)]
    assert entries == [(NOW, None, None), (LONG_AGO, NOW, bo)]
    assert list(queries.lines_of_person(ada, bo)) == []
