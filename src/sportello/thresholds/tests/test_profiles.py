"""Profiles that lines have and new lines inherit; the safeguard that is on unless somebody takes it away."""

from datetime import UTC, datetime

import pytest

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.kernel.testing import arrange
from sportello.messaging.models import Message
from sportello.thresholds import handlers, operations, queries, tasks
from sportello.thresholds.models import Bar, Enrolment, LineProfile, Tally, Threshold
from sportello.thresholds.operations.profiles import ProfileThere, TermThere
from sportello.thresholds.rules.profiles import FixedProfile, ProfileGone
from sportello.thresholds.tests.factories import NOVEMBER, NOW, a_line, count, euro, terms

pytestmark = pytest.mark.django_db
SYSTEM = system_actor(reason="a test looks")
ROAMING = terms("50", traffic="data", zone="extra_eu", kind="enforcing", steps=(80, 100))


def standing(line):
    rows = Threshold.objects.for_(SYSTEM).filter(line=line).exclude(state="cancelled").order_by("pk")
    return [(row.traffic_type, row.zone, row.limit_units, row.profile_id) for row in rows]


def a_profile(ada, world, name="Executives", *, default=False, add=(ROAMING,)):
    profile = operations.make_profile(actor=ada, organisation=world.a, name=name, default=default, now=NOW)
    for one in add:
        operations.add_term(actor=ada, profile=profile, terms=one, now=NOW)
    return profile


def test_line_that_joins_has_the_thresholds_and_loses_them_when_it_leaves(world, ada):
    profile, line = a_profile(ada, world), a_line(world.a)
    assert operations.enrol_lines(actor=ada, lines=[line], profile=profile, now=NOW) == 1
    assert operations.enrol_lines(actor=ada, lines=[line], profile=profile, now=NOW) == 0
    assert standing(line) == [("data", "extra_eu", euro("50"), profile.pk)]
    assert Tally.objects.for_(SYSTEM).filter(line=line).count() == 1
    operations.enrol_lines(actor=ada, lines=[line], profile=None, now=NOW)
    assert standing(line) == []


def test_line_that_is_over_already_is_barred_as_it_joins_and_freed_as_it_leaves(world, ada):
    profile, line = a_profile(ada, world), a_line(world.a, person=world.memberships["bo"].person)
    count(line, "60", zone="extra_eu")
    operations.enrol_lines(actor=ada, lines=[line], profile=profile, now=NOW)
    assert [bar.lifted for bar in Bar.objects.for_(SYSTEM)] == [""]
    assert Message.objects.across_tenants(reason="a test reads").first().context["percent"] == "120"
    operations.enrol_lines(actor=ada, lines=[line], profile=None, now=NOW)
    assert [bar.lifted for bar in Bar.objects.for_(SYSTEM)] == ["threshold"]


def test_moving_to_another_profile_changes_the_thresholds(world, ada):
    one, line = a_profile(ada, world), a_line(world.a)
    other = a_profile(ada, world, "Drivers", add=(terms("20", traffic="voice"),))
    operations.enrol_lines(actor=ada, lines=[line], profile=one, now=NOW)
    operations.enrol_lines(actor=ada, lines=[line], profile=other, now=NOW)
    assert standing(line) == [("voice", "any", euro("20"), other.pk)]


def test_what_a_line_watches_by_itself_stays_its_own(world, ada):
    profile, line = a_profile(ada, world), a_line(world.a)
    operations.set_threshold(actor=ada, line=line, terms=terms("10", zone="extra_eu", kind="enforcing"), now=NOW)
    operations.enrol_lines(actor=ada, lines=[line], profile=profile, now=NOW)
    operations.enrol_lines(actor=ada, lines=[line], profile=None, now=NOW)
    assert standing(line) == [("data", "extra_eu", euro("10"), None)]


def test_change_of_a_profile_changes_all_its_lines(world, ada):
    profile, lines = a_profile(ada, world), [a_line(world.a) for _line in range(3)]
    operations.enrol_lines(actor=ada, lines=lines, profile=profile, now=NOW)
    term = operations.add_term(actor=ada, profile=profile, terms=terms("5", traffic="sms"), now=NOW)
    assert [len(standing(line)) for line in lines] == [2, 2, 2]
    with pytest.raises(TermThere):
        operations.add_term(actor=ada, profile=profile, terms=terms("6", traffic="sms"), now=NOW)
    assert operations.remove_term(actor=ada, term=term, now=NOW) == 3
    assert [len(standing(line)) for line in lines] == [1, 1, 1]
    assert operations.end_profile(actor=ada, profile=profile, now=NOW) == 3
    assert [standing(line) for line in lines] == [[], [], []]
    profile.refresh_from_db()
    with pytest.raises(ProfileGone):
        operations.enrol_lines(actor=ada, lines=lines, profile=profile, now=NOW)


def test_new_lines_inherit_the_default_and_those_taken_out_stay_out(world, ada):
    out, profile = a_line(world.a), a_profile(ada, world, default=True)
    operations.enrol_lines(actor=ada, lines=[out], profile=None, now=NOW)
    line, fixed = a_line(world.a), a_line(world.a, kind="fixed")
    assert operations.inherit_profiles(actor=SYSTEM, organisation=world.a, now=NOW) == 1
    assert operations.inherit_profiles(actor=SYSTEM, organisation=world.a, now=NOW) == 0
    assert [len(standing(one)) for one in (line, out, fixed)] == [1, 0, 0]
    assert Enrolment.objects.for_(SYSTEM).get(line=line).profile_id == profile.pk


def test_safeguard_is_on_by_default_with_the_figures_of_the_regulation(world):
    line = a_line(world.b)
    tasks.inherit_profiles.func(world.b.pk)
    rows = Threshold.objects.for_(SYSTEM).filter(line=line).order_by("pk")
    found = [
        (row.traffic_type, row.zone, row.limit_units, row.steps, row.period, row.kind, row.consent) for row in rows
    ]
    assert found == [
        ("data", "national", euro("150"), [80, 100], "month", "enforcing", True),
        ("data", "eu", euro("50"), [80, 100], "bill", "enforcing", True),
        ("data", "extra_eu", euro("50"), [80, 100], "bill", "enforcing", True),
    ]


def test_safeguard_cannot_be_changed_only_left_and_replaced(world, ada):
    line = a_line(world.a)
    operations.inherit_profiles(actor=SYSTEM, organisation=world.a, now=NOW)
    safeguard = LineProfile.objects.for_(SYSTEM).get(safeguard=True)
    for work in (
        lambda: operations.add_term(actor=ada, profile=safeguard, terms=ROAMING, now=NOW),
        lambda: operations.end_profile(actor=ada, profile=safeguard, now=NOW),
    ):
        with pytest.raises(FixedProfile):
            work()
    operations.enrol_lines(actor=ada, lines=[line], profile=None, now=NOW)
    operations.enrol_lines(actor=ada, lines=[line], profile=safeguard, now=NOW)
    assert len(standing(line)) == 3
    other = a_profile(ada, world, default=True)
    new = a_line(world.a)
    operations.inherit_profiles(actor=SYSTEM, organisation=world.a, now=NOW)
    assert Enrolment.objects.for_(SYSTEM).get(line=new).profile_id == other.pk


def test_roaming_safeguard_tells_at_80_bars_at_100_until_consent(world, bo):
    line = a_line(world.a, person=world.memberships["bo"].person)
    operations.inherit_profiles(actor=SYSTEM, organisation=world.a, now=NOW)
    for amount in ("41", "10"):
        count(line, amount, zone="eu")
        handlers.counters_changed(load_id=1, line_ids=[line.pk], months=[NOVEMBER], now=NOW)
    rows = Message.objects.across_tenants(reason="a test reads").filter(channel="sms").order_by("pk")
    assert [(row.template, row.context["percent"]) for row in rows] == [
        ("threshold_enforcing", "82"),
        ("threshold_barred", "102"),
    ]
    bar = queries.bar(bo, Bar.objects.for_(SYSTEM).get().pk)
    operations.consent(actor=bo, bar=bar, now=NOW)
    assert Bar.objects.for_(SYSTEM).get().lifted == "consent"


def test_d03_employee_and_strangers_manage_nothing(world, ada, bo, cy):
    profile, line, theirs = a_profile(ada, world), a_line(world.a), a_line(world.b)
    with pytest.raises(NotPermitted):
        operations.enrol_lines(actor=bo, lines=[line], profile=profile, now=NOW)
    with pytest.raises(NotFound):
        operations.enrol_lines(actor=ada, lines=[theirs], profile=profile, now=NOW)
    with pytest.raises(NotFound):
        queries.profile(cy, profile.pk)


def test_names_of_profiles_are_used_once(world, ada):
    a_profile(ada, world)
    with pytest.raises(ProfileThere):
        operations.make_profile(actor=ada, organisation=world.a, name=" Executives ", default=False, now=NOW)
    with pytest.raises(InvalidInput):
        operations.make_profile(actor=ada, organisation=world.a, name="  ", default=False, now=NOW)


def test_cut_off_day_moves_the_thresholds_by_bill_period(world, ada):
    line = a_line(world.a)
    row = operations.set_threshold(actor=ada, line=line, terms=terms("10", period="bill"), now=NOW)
    operations.set_cut_off(actor=ada, organisation=world.a, agreement=None, day=15, now=NOW)
    row.refresh_from_db()
    tally = Tally.objects.for_(SYSTEM).get()
    assert (row.cut_off, tally.period_start, tally.period_to) == (
        15, datetime(2026, 11, 15, tzinfo=UTC).date(), datetime(2026, 12, 14, 23, tzinfo=UTC)
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        operations.set_cut_off(actor=ada, organisation=world.a, agreement=None, day=29, now=NOW)


def test_lines_added_by_a_file_get_their_profile_by_the_worker(world, ada):
    line = a_line(world.a)
    with arrange():
        handlers.give_new_lines_their_profile(type("Row", (), {"organisation_id": world.a.pk})())
    worker.run_due()
    assert len(standing(line)) == 3
