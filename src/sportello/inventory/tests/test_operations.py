import itertools
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.inventory import operations, rules
from sportello.inventory.models import Line, LineOption, LinePeriod, Option, Sim
from sportello.inventory.operations import AssignmentRefused, OptionActive
from sportello.inventory.tests.factories import (
    ICCID,
    LONG_AGO,
    NOW,
    OTHER_ICCID,
    SYSTEM,
    make_agreement,
    make_cost_centre,
    make_line,
    make_plan,
    make_site,
)
from sportello.kernel.models import Event
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted
from sportello.kernel.states import NoSuchTransition
from sportello.kernel.testing import arrange, in_threads, wait_until_somebody_waits

DAY = timedelta(days=1)


def history(line):
    rows = LinePeriod.objects.for_(SYSTEM).filter(line=line).order_by("active_from").select_related("plan", "cost_centre")
    return [(p.active_from, p.active_to, p.status, p.plan and p.plan.code, p.cost_centre and p.cost_centre.code) for p in rows]


def told(line):
    return list(Event.append_only.filter(subject_type="line", subject_id=str(line.pk)).order_by("id").values_list("kind", flat=True))


def test_add_line_opens_its_history(world):
    line = make_line(world.a, "+39 351 000 0101", plan=make_plan())
    assert (line.number, line.organisation, line.status) == ("+393510000101", world.a, "active")
    assert history(line) == [(LONG_AGO, None, "active", "BASE", None)]
    assert told(line) == ["inventory.line_added"]


def test_d05_customers_cannot_add_change_or_end_lines(world, ada, pia):
    line = make_line(world.a, "+393510000101")
    for actor in (ada, pia):
        with pytest.raises(NotPermitted):
            operations.add_line(
                actor=actor, agreement=make_agreement(world.a), number="+393510000102", kind="mobile", active_from=NOW, now=NOW
            )
        for changes in ({"status": "suspended"}, {"plan": None}, {"dual_billing": True}, {"sim": None}, {"device": "x"}):
            with pytest.raises(NotPermitted):
                operations.change_line(actor=actor, line=line, changes=changes, at=NOW, now=NOW)
        with pytest.raises(NotPermitted):
            operations.end_line(actor=actor, line=line, at=NOW, now=NOW)
    assert history(line) == [(LONG_AGO, None, "active", None, None)]


def test_d02_employee_cannot_assign(world, bo):
    line = make_line(world.a, "+393510000101", person=world.memberships["bo"].person)
    with pytest.raises(NotPermitted):
        operations.assign_lines(actor=bo, line_ids=[line.pk], changes={"person": None}, now=NOW)


def test_c14_number_taken_does_not_say_by_whom(world):
    make_line(world.b, "+393510000101")
    with pytest.raises(rules.NumberTaken) as refused:
        make_line(world.a, "+393510000101")
    assert (str(refused.value), refused.value.field) == ("This number is in use in that time.", "number")


def test_number_changes_hands_when_the_former_holder_has_ended(world):
    former = make_line(world.a, "+393510000101")
    operations.end_line(actor=SYSTEM, line=former, at=NOW, now=NOW)
    with pytest.raises(rules.NumberTaken):
        make_line(world.b, "+393510000101", active_from=NOW - timedelta(microseconds=1))
    later = make_line(world.b, "+393510000101", active_from=NOW)
    assert (later.organisation, later.active_from) == (world.b, NOW)


@pytest.mark.parametrize(
    ("kind", "number", "kept"),
    [
        ("mobile", "+39 351 000 0101", "+393510000101"),
        ("fixed", "+39 06 5550 0101", "+390655500101"),
        ("xdsl", "ADSL-0099.17/b", "ADSL-0099.17/b"),
    ],
)
def test_number_is_kept_in_one_form(kind, number, kept):
    assert rules.check_number(kind, number) == kept


@pytest.mark.parametrize(("kind", "number"), [("mobile", "351"), ("voip", "abc"), ("mobile", "+0351"), ("xdsl", "=cmd|x"), ("xdsl", "x")])
def test_what_is_no_number_is_refused(kind, number):
    with pytest.raises(InvalidInput) as refused:
        rules.check_number(kind, number)
    assert refused.value.field == "number"


def test_change_line_closes_the_period_and_opens_another(world):
    line = make_line(world.a, "+393510000101", plan=make_plan())
    at = NOW - DAY
    operations.change_line(actor=SYSTEM, line=line, changes={"plan": make_plan("TOP")}, at=at, now=NOW)
    assert history(line) == [(LONG_AGO, at, "active", "BASE", None), (at, None, "active", "TOP", None)]
    event = Event.append_only.get(kind="inventory.line_changed")
    assert (event.organisation_id, event.payload["changes"]) == (world.a.pk, {"plan": ["BASE", "TOP"]})


def test_change_to_the_same_is_said_and_writes_nothing(world):
    line = make_line(world.a, "+393510000101", plan=make_plan())
    with pytest.raises(rules.NothingToChange):
        operations.change_line(actor=SYSTEM, line=line, changes={"plan": make_plan()}, at=NOW, now=NOW)
    assert history(line) == [(LONG_AGO, None, "active", "BASE", None)]


def test_change_in_the_future_or_before_the_last_change_is_refused(world):
    line = make_line(world.a, "+393510000101")
    for at in (NOW + DAY, LONG_AGO - DAY):
        with pytest.raises(InvalidInput) as refused:
            operations.change_line(actor=SYSTEM, line=line, changes={"dual_billing": True}, at=at, now=NOW)
        assert refused.value.field == "at"


def test_line_that_has_not_begun_changes_at_its_start(world):
    start = NOW + DAY
    line = make_line(world.a, "+393510000101", active_from=start, status="ordered")
    operations.change_line(actor=SYSTEM, line=line, changes={"plan": make_plan()}, at=NOW, now=NOW)
    assert history(line) == [(start, None, "ordered", "BASE", None)]


def test_status_follows_the_table(world):
    line = make_line(world.a, "+393510000101", status="ordered")
    with pytest.raises(NoSuchTransition):
        operations.change_line(actor=SYSTEM, line=line, changes={"status": "suspended"}, at=NOW, now=NOW)
    operations.change_line(actor=SYSTEM, line=line, changes={"status": "active"}, at=NOW - DAY, now=NOW)
    operations.change_line(actor=SYSTEM, line=line, changes={"status": "suspended"}, at=NOW, now=NOW)
    assert [row[2] for row in history(line)] == ["ordered", "active", "suspended"]


def test_end_line_closes_its_history_and_nothing_changes_after(world):
    line = operations.end_line(actor=SYSTEM, line=make_line(world.a, "+393510000101"), at=NOW - DAY, now=NOW)
    assert (line.status, line.active_to) == ("terminated", NOW - DAY)
    assert history(line) == [(LONG_AGO, NOW - DAY, "active", None, None)]
    assert told(line) == ["inventory.line_added", "inventory.line_ended"]
    with pytest.raises(rules.LineHasEnded):
        operations.change_line(actor=SYSTEM, line=line, changes={"site": None}, at=NOW, now=NOW)
    with pytest.raises(rules.LineHasEnded):
        operations.end_line(actor=SYSTEM, line=line, at=NOW, now=NOW)


def test_end_to_come_is_brought_about_by_the_clock_once(world):
    line = operations.end_line(actor=SYSTEM, line=make_line(world.a, "+393510000101"), at=NOW + DAY, now=NOW)
    assert (line.status, told(line)[1:]) == ("active", ["inventory.line_changed"])
    assert [operations.end_due_lines(actor=SYSTEM, now=NOW + hours * DAY) for hours in (0, 1, 2)] == [0, 1, 0]
    line.refresh_from_db()
    assert (line.status, told(line)[2:]) == ("terminated", ["inventory.line_ended"])
    assert history(line) == [(LONG_AGO, NOW + DAY, "active", None, None)]


def test_end_before_the_last_change_is_refused(world):
    line = make_line(world.a, "+393510000101")
    operations.change_line(actor=SYSTEM, line=line, changes={"dual_billing": True}, at=NOW - DAY, now=NOW)
    with pytest.raises(InvalidInput):
        operations.end_line(actor=SYSTEM, line=line, at=NOW - 2 * DAY, now=NOW)


def test_c06_people_cost_centres_and_sites_of_others_are_refused(world, ada):
    line = make_line(world.a, "+393510000101")
    strangers = {
        "person": world.memberships["cy"].person,
        "cost_centre": make_cost_centre(world.b),
        "site": make_site(world.b),
    }
    for field, stranger in strangers.items():
        with pytest.raises(InvalidInput) as refused:
            operations.change_line(actor=ada, line=line, changes={field: stranger}, at=NOW, now=NOW)
        assert refused.value.field == field
        with pytest.raises(AssignmentRefused):
            operations.assign_lines(actor=ada, line_ids=[line.pk], changes={field: stranger}, now=NOW)
    assert history(line) == [(LONG_AGO, None, "active", None, None)]


def test_person_who_left_gets_no_line(world, ada):
    line = make_line(world.a, "+393510000101")
    gone = world.memberships["bo"].person
    with arrange():
        gone.deactivated_at = NOW
        gone.save()
    with pytest.raises(InvalidInput):
        operations.change_line(actor=ada, line=line, changes={"person": gone}, at=NOW, now=NOW)


def test_assign_lines_changes_all_and_says_what_became_of_each(world, ada):
    centre = make_cost_centre(world.a)
    one, two = make_line(world.a, "+393510000101"), make_line(world.a, "+393510000102", cost_centre=centre)
    rows = operations.assign_lines(actor=ada, line_ids=[two.pk, one.pk], changes={"cost_centre": centre}, now=NOW)
    assert [(row.number, row.outcome) for row in rows] == [("+393510000101", "changed"), ("+393510000102", "unchanged")]
    assert history(one)[-1] == (NOW, None, "active", None, "CC1")
    assert history(two) == [(LONG_AGO, None, "active", None, "CC1")]


def test_assign_lines_is_all_or_nothing(world, ada):
    centre = make_cost_centre(world.a)
    one, ended = make_line(world.a, "+393510000101"), make_line(world.a, "+393510000102", active_to=NOW - DAY)
    with pytest.raises(AssignmentRefused) as refused:
        operations.assign_lines(actor=ada, line_ids=[one.pk, ended.pk], changes={"cost_centre": centre}, now=NOW)
    assert [(row.number, row.outcome, row.reason) for row in refused.value.rows] == [
        ("+393510000101", "changed", ""),
        ("+393510000102", "wrong", "This line has ended: nothing about it can be changed."),
    ]
    assert history(one) == [(LONG_AGO, None, "active", None, None)]


def test_c05_foreign_and_missing_ids_are_not_found_alike(world, ada):
    own, foreign = make_line(world.a, "+393510000101"), make_line(world.b, "+393510000102")
    sentences = set()
    for other in (foreign.pk, 999_999_999):
        with pytest.raises(NotFound) as refused:
            operations.assign_lines(actor=ada, line_ids=[own.pk, other], changes={"person": None}, now=NOW)
        sentences.add(str(refused.value))
    assert sentences == {"Not found."}


def test_options_come_and_go(world, ada):
    line, option = make_line(world.a, "+393510000101"), Option.objects.create(code="ROAM", name="Roaming")
    active = operations.add_option(actor=SYSTEM, line=line, option=option, at=NOW - DAY, now=NOW)
    with pytest.raises(OptionActive):
        operations.add_option(actor=SYSTEM, line=line, option=option, at=NOW, now=NOW)
    with pytest.raises(NotPermitted):
        operations.end_option(actor=ada, line_option=active, at=NOW, now=NOW)
    operations.end_option(actor=SYSTEM, line_option=active, at=NOW, now=NOW)
    with pytest.raises(NotFound):
        operations.end_option(actor=SYSTEM, line_option=active, at=NOW, now=NOW)
    rows = LineOption.objects.for_(ada).values_list("option__code", "active_from", "active_to")
    assert list(rows) == [("ROAM", NOW - DAY, NOW)]


def test_another_sim_is_a_new_period_and_its_puk_is_shown_on_record(world, ada, cy):
    line = make_line(world.a, "+393510000101")
    line = operations.change_sim(actor=SYSTEM, line=line, iccid=ICCID, imsi="222010000000001", puk="12345678", at=NOW, now=NOW)
    assert operations.show_puk(actor=ada, line=line) == "12345678"
    event = Event.append_only.get(kind="inventory.puk_shown")
    assert (event.organisation_id, event.person_id, event.subject_id) == (world.a.pk, ada.person_id, str(line.pk))
    assert event.payload == {"iccid": ICCID}
    with pytest.raises(NotFound):
        operations.show_puk(actor=cy, line=line)
    assert LinePeriod.objects.for_(SYSTEM).filter(line=line).count() == 2


@pytest.mark.parametrize("wrong", [{"iccid": ICCID[:-1] + "1"}, {"iccid": ICCID, "imsi": "12"}, {"iccid": ICCID, "puk": "1234"}])
def test_wrong_codes_of_a_sim_are_refused(world, wrong):
    line = make_line(world.a, "+393510000101")
    with pytest.raises(InvalidInput) as refused:
        operations.change_sim(actor=SYSTEM, line=line, at=NOW, now=NOW, **wrong)
    assert refused.value.field == list(wrong)[-1]
    assert Sim.objects.for_(SYSTEM).count() == 0


def test_c14_sim_of_another_customer_is_refused_without_saying_whose(world):
    theirs, ours = make_line(world.b, "+393510000101"), make_line(world.a, "+393510000102")
    operations.change_sim(actor=SYSTEM, line=theirs, iccid=OTHER_ICCID, at=NOW, now=NOW)
    with pytest.raises(InvalidInput) as refused:
        operations.change_sim(actor=SYSTEM, line=ours, iccid=OTHER_ICCID, at=NOW, now=NOW)
    assert str(refused.value) == "This SIM cannot be used for this line."


NUMBERS = itertools.count(1)
steps = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["BASE", "TOP", None]), st.booleans()), max_size=6)


@given(steps=steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_history_in_the_database_has_no_gap_and_no_overlap(world, steps):
    line = make_line(world.a, f"+39351{next(NUMBERS):07}")  # the rows of the examples before are still there
    for days, plan, dual in steps:
        changes = {"plan": plan and make_plan(plan), "dual_billing": dual}
        try:
            line = operations.change_line(actor=SYSTEM, line=line, changes=changes, at=LONG_AGO + days * DAY, now=NOW)
        except (InvalidInput, rules.NothingToChange):
            continue
    rows = history(line)
    assert (rows[0][0], rows[-1][1]) == (LONG_AGO, None)
    assert [row[1] for row in rows[:-1]] == [row[0] for row in rows[1:]]
    assert rows[-1][3] == (line.plan and line.plan.code)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_new_sim_put_into_many_lines_at_once_is_refused_at_its_field(world):
    lines = [make_line(world.a, f"+3935100001{place:02}") for place in range(2)]
    registered = threading.Event()

    def work(place):
        if place == 0:
            with transaction.atomic():
                operations.change_sim(actor=SYSTEM, line=lines[0], iccid=ICCID, at=NOW, now=NOW)
                registered.set()
                wait_until_somebody_waits()
            return ""
        registered.wait(timeout=30)
        with pytest.raises(InvalidInput) as refused:
            operations.change_sim(actor=SYSTEM, line=lines[1], iccid=ICCID, at=NOW, now=NOW)
        return refused.value.field

    assert in_threads(2, work) == ["", "iccid"]
    assert Sim.objects.for_(SYSTEM).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_control_new_sim_looked_for_and_written_by_two_runs_into_the_constraint(world):
    looked = threading.Barrier(2)

    def naive(_place):
        with arrange():
            found = Sim.objects.for_(SYSTEM).filter(iccid=ICCID).first()
            looked.wait(timeout=30)
            (found or Sim(organisation=world.a, iccid=ICCID)).save()

    assert sorted(type(one).__name__ for one in in_threads(2, naive)) == ["IntegrityError", "NoneType"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_same_number_given_out_twenty_times_at_once_is_held_once(world):
    """The times do not meet at either end, so that the unique indexes alone would let all through: the control below."""
    make_agreement(world.a)
    starts = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(20)]
    end = datetime(2026, 2, 1, tzinfo=UTC)
    results = in_threads(20, lambda n: make_line(world.a, "+393510000101", active_from=starts[n], active_to=end))
    assert sorted({type(result).__name__ for result in results}) == ["Line", "NumberTaken"]
    assert Line.objects.for_(SYSTEM).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_number_is_held_by_many(world, monkeypatch):
    """Control: the rule alone, without the lock, lets several through."""
    monkeypatch.setattr("sportello.inventory.operations.lines.lock_numbers", lambda: None)
    make_agreement(world.a)
    end = datetime(2026, 2, 1, tzinfo=UTC)
    held = []
    for attempt in range(10):
        number = f"+39351000{attempt:04}"
        in_threads(
            20, lambda n: make_line(world.a, number, active_from=datetime(2026, 1, 1, n, tzinfo=UTC), active_to=end)  # noqa: B023
        )
        held.append(Line.objects.for_(SYSTEM).filter(number=number).count())
    assert max(held) > 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_changes_at_once_leave_one_open_period(world):
    line = make_line(world.a, "+393510000101")
    centres = [make_cost_centre(world.a, f"CC{n}") for n in range(10)]
    in_threads(
        10,
        lambda n: operations.change_line(
            actor=SYSTEM, line=line, changes={"cost_centre": centres[n]}, at=NOW + n * timedelta(microseconds=1), now=NOW + DAY
        ),
    )
    rows = history(line)
    assert [row[1] for row in rows[:-1]] == [row[0] for row in rows[1:]]
    assert rows[-1][1] is None
