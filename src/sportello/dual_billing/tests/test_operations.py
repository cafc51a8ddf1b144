"""Asking, signing, starting, ending, correcting (product/08; ABUSE H06, H07)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sportello.accounts import operations as accounts
from sportello.accounts.models import Membership, Session
from sportello.accounts.sessions import open_session
from sportello.accounts.states import CodeOutcome, CodePurpose
from sportello.dual_billing import handlers, operations, queries, rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.operations.ending import end_lost
from sportello.dual_billing.states import EndReason
from sportello.dual_billing.tests.factories import IBAN, NOW, TAX_CODE, data, enrolled
from sportello.inventory import operations as inventory
from sportello.inventory.models import Line
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.models import Event, Job
from sportello.kernel.refusals import NotFound, NotPermitted
from sportello.kernel.states import StateChanged
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.messaging.models import Message
from sportello.orders.operations import complete_items, take_order
from sportello.orders.tests.factories import ordered
from sportello.usage.tests.factories import new_line

SYSTEM = system_actor(reason="a test of dual billing")
CODE = "246810"


@pytest.fixture
def line(world):
    return new_line(world.a, "+393200000001", person=world.memberships["bo"].person)


@pytest.fixture
def td(world):
    with arrange():
        world.memberships["dina"] = new_member(world.a, "Dina", Profile.DUAL_BILLING_REFERENT, "+393510000009")
    return world.actor("dina")


@pytest.fixture
def session(world, monkeypatch):
    """Bo's session; the code that goes to Bo is known."""
    monkeypatch.setattr("sportello.accounts.rules.new_code", lambda: CODE)
    held = world.memberships["bo"]
    return open_session(person=held.person, membership=held, now=timezone.now(), address="", browser="test")[0]


def ask(actor, line, now=NOW, **changes):
    return operations.ask_enrolment(actor=actor, line=line, data=data(**changes), now=now)


def sign(bo, row, session, now, typed=CODE):
    operations.send_signing_code(actor=bo, enrolment=row, session=session, now=now)
    return accept(bo, row, session, now, typed=typed).outcome


def accept(bo, row, session, now, typed=CODE):
    """Sign what stands there now, as whoever has just opened the page."""
    shown = rules.digest_of_terms(now_of(row))
    return operations.accept_enrolment(actor=bo, enrolment=row, session=session, typed=typed, shown=shown, now=now)


def now_of(row: Enrolment) -> Enrolment:
    return queries.enrolment(SYSTEM, row.pk)


def flag(line: Line) -> bool:
    return Line.objects.for_(SYSTEM).get(pk=line.pk).dual_billing


def events(prefix: str = "dual_billing.") -> list[Event]:
    return list(Event.objects.across_tenants(reason="a test").filter(kind__startswith=prefix).order_by("pk"))


def test_referent_asks_employee_signs_and_it_is_active(line, td, bo, session):
    now = timezone.now()
    row = ask(td, line, now, start_date=timezone.localdate(now))
    assert (row.state, flag(line), row.active_from) == ("asked", False, None)
    assert Message.objects.for_(SYSTEM).get(template="dual_billing_asked").person_id == bo.person_id
    assert sign(bo, row, session, now) is CodeOutcome.ACCEPTED
    row = now_of(row)
    assert (row.state, row.active_from, row.terms_version, flag(line)) == ("active", now, rules.TERMS_VERSION, True)
    assert [event.kind for event in events()] == ["dual_billing.asked", "dual_billing.accepted", "dual_billing.started"]


def test_h06_secrets_lie_encrypted_and_stand_in_no_event(line, td, ada):
    row = ask(td, line)
    operations.change_enrolment(actor=ada, enrolment=row, data=data(tax_code="", iban="", city="Milano"), now=NOW)
    assert (now_of(row).iban, now_of(row).tax_code, now_of(row).city) == (IBAN, TAX_CODE, "Milano")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dual_billing_enrolment")
        stored = str(cursor.fetchall())
    assert (IBAN in stored, TAX_CODE in stored, "Milano" in stored) == (False, False, True)
    told = str([event.payload for event in events()])
    assert (IBAN in told, TAX_CODE in told, "•••• 3456" in told) == (False, False, True)


def test_h06_lines_and_employees_of_another_tenant_are_not_found(line, td, cy, pia, world):
    strangers = new_line(world.b, "+34600000002", person=world.memberships["cy"].person)
    lent = new_line(world.a, "+393200000009", person=world.memberships["cy"].person)
    for actor, of in ((td, strangers), (cy, line)):
        with pytest.raises(NotFound):
            ask(actor, of)
    with pytest.raises(rules.NoHolder):
        ask(td, lent)
    with pytest.raises(NotPermitted):
        ask(pia, line)
    row = ask(td, line)
    for work in (operations.end_enrolment, operations.change_enrolment):
        more = {"data": data()} if work is operations.change_enrolment else {}
        with pytest.raises(NotFound):
            work(actor=cy, enrolment=row, now=NOW, **more)
    assert Enrolment.objects.for_(SYSTEM).count() == 1


def test_asking_is_refused_where_nobody_could_pay(world, td, line):
    bo = world.memberships["bo"].person
    refused = {
        new_line(world.a, "+393200000002"): rules.NoHolder,
        new_line(world.a, "+393200000003", person=bo, active_to=NOW): rules.NoSuchLine,
    }
    for of, why in refused.items():
        with pytest.raises(why):
            ask(td, of)
    ask(td, line)
    with pytest.raises(rules.EnrolledAlready):
        ask(td, line)


def test_nobody_but_the_employee_signs_or_declines(line, td, ada, bo, session):
    row = ask(td, line, timezone.now(), start_date=timezone.localdate())
    colleague = Session.objects.get(pk=session.pk)
    for actor in (ada, td):
        with pytest.raises(NotFound):
            operations.send_signing_code(actor=actor, enrolment=row, session=colleague, now=timezone.now())
        with pytest.raises(NotFound):
            operations.decline_enrolment(actor=actor, enrolment=row, now=timezone.now())
    assert sign(bo, row, session, timezone.now(), typed="000000") is CodeOutcome.WRONG
    assert now_of(row).state == "asked"
    operations.decline_enrolment(actor=bo, enrolment=row, now=timezone.now())
    assert (now_of(row).state, now_of(row).end_reason) == ("ended", "declined")
    with pytest.raises(rules.NotAsked):
        operations.send_signing_code(actor=bo, enrolment=row, session=session, now=timezone.now())


def test_a_code_for_signing_in_signs_nothing(line, td, bo, session):
    now = timezone.now()
    row = ask(td, line, now, start_date=timezone.localdate(now))
    accounts.send_fresh_code(actor=bo, session=session, purpose=CodePurpose.CALLED_NUMBERS, now=now)
    answer = accept(bo, row, session, now)
    assert (answer.accepted, now_of(row).state) == (False, "asked")


def test_signed_for_a_later_day_it_starts_at_that_midnight_once(line, td, bo, session):
    now = timezone.now()
    day = timezone.localdate(now) + timedelta(days=3)
    row = ask(td, line, now, start_date=day)
    sign(bo, row, session, now)
    row = now_of(row)
    assert (row.state, flag(line)) == ("accepted", False)
    assert [operations.activate_due(actor=SYSTEM, now=at) for at in (now, row.active_from)] == [0, 1]
    assert (now_of(row).state, operations.activate_due(actor=SYSTEM, now=row.active_from)) == ("active", 0)


def test_ending_gives_the_line_back_and_can_be_asked_anew(line, ada, td):
    row = enrolled(line)
    inventory.change_line(actor=SYSTEM, line=line, changes={"dual_billing": True}, at=NOW, now=NOW)
    operations.end_enrolment(actor=ada, enrolment=row, now=NOW + timedelta(hours=1))
    ended = now_of(row)
    assert (ended.state, ended.active_to, flag(line)) == ("ended", NOW + timedelta(hours=1), False)
    with pytest.raises(rules.NotOpen):
        operations.end_enrolment(actor=ada, enrolment=row, now=NOW)
    assert ask(td, line).state == "asked"


def test_h07_losing_the_line_ends_it_at_that_instant(line, world):
    row = enrolled(line)
    inventory.change_line(actor=SYSTEM, line=line, changes={"dual_billing": True}, at=NOW, now=NOW)
    moved = NOW + timedelta(hours=2)
    ada = world.memberships["ada"].person
    inventory.change_line(actor=SYSTEM, line=line, changes={"person": ada}, at=moved, now=moved)
    later = moved + timedelta(days=1)
    assert [operations.end_what_is_lost(actor=SYSTEM, now=later, line_id=line.pk) for _each in range(2)] == [1, 0]
    ended = now_of(row)
    assert (ended.state, ended.active_to, ended.end_reason, flag(line)) == ("ended", moved, "line_lost", False)


def test_h07_end_of_the_line_ends_it_when_the_day_has_come(line):
    row, day = enrolled(line), NOW + timedelta(days=2)
    inventory.end_line(actor=SYSTEM, line=line, at=day, now=NOW)
    assert operations.end_what_is_lost(actor=SYSTEM, now=NOW) == 0
    assert operations.end_what_is_lost(actor=SYSTEM, now=day) == 1
    assert (now_of(row).active_to, now_of(row).end_reason) == (day, "line_lost")


def test_h07_leaving_the_customer_ends_it_at_that_instant(line, world):
    row = enrolled(line)
    assert operations.end_what_is_lost(actor=SYSTEM, now=NOW) == 0
    with arrange():
        Membership.objects.for_(SYSTEM).filter(person=world.memberships["bo"].person).update(
            ended_at=NOW - timedelta(hours=1)
        )
    assert operations.end_what_is_lost(actor=SYSTEM, now=NOW, person_id=row.person_id) == 1
    assert (now_of(row).active_to, now_of(row).end_reason) == (NOW - timedelta(hours=1), "left")


def test_events_of_lines_and_people_lead_to_a_look_only_where_somebody_is_enrolled(line, world):
    other = new_line(world.a, "+393200000002", person=world.memberships["ada"].person)
    enrolled(line)
    for of in (line, other):
        handlers.line_changed(Event(subject_id=str(of.pk), payload={"changes": {"person": ["Bo", "Ada"]}}))
        handlers.line_changed(Event(subject_id=str(of.pk), payload={"changes": {"plan": ["A", "B"]}}))
    jobs = Job.objects.filter(task="sportello.dual_billing.tasks.end_of_line")
    assert [job.args for job in jobs] == [[line.pk]]


def test_operator_alone_corrects_the_time_and_it_overlaps_no_other(line, ada, olga):
    begins = NOW - timedelta(days=20)
    first = enrolled(line, begins=begins, ends=NOW - timedelta(days=10))
    second = enrolled(line, begins=NOW - timedelta(days=5))

    def correct(actor, row, since, until=None):
        return operations.correct_enrolment(
            actor=actor, enrolment=row, active_from=since, active_to=until, reason="wrong day", now=NOW
        )

    with pytest.raises(NotPermitted):
        correct(ada, first, begins, NOW - timedelta(days=9))
    with pytest.raises(rules.Overlaps):
        correct(olga, first, begins, NOW - timedelta(days=4))
    corrected = correct(olga, first, begins, NOW - timedelta(days=6))
    assert (corrected.active_from, corrected.active_to) == (begins, NOW - timedelta(days=6))
    assert (now_of(second).active_to, events()[-1].kind) == (None, "dual_billing.corrected")


def test_two_who_end_at_once_are_told(line, ada):
    row = enrolled(line)
    stale = now_of(row)
    operations.end_enrolment(actor=ada, enrolment=row, now=NOW)
    with pytest.raises(StateChanged):
        end_lost(actor=SYSTEM, enrolment=stale, reason=EndReason.LEFT, at=NOW, now=NOW)


def test_orders_ask_the_employee_and_end_dual_billing(world, ada, olga):
    """The types of product/05: their completion goes through the operations of dual billing."""
    line = new_line(world.a, "+393511234599", person=world.memberships["bo"].person)
    asked = {
        "tax_code": TAX_CODE, "email": "bo@home.example", "address": "Via Roma 1", "postcode": "00184", "city": "Roma", "iban": IBAN,
        "start_date": "2026-11-19",
    }  # fmt: skip
    order = ordered(ada, world.a, "DUAL-START", line, now=NOW, **asked)
    complete_items(actor=olga, order=take_order(actor=olga, order=order, now=NOW), now=NOW)
    row = queries.open_of_line(ada, line)
    assert (row.state, row.tax_code, row.iban, row.start_date) == ("asked", TAX_CODE, IBAN, NOW.date())
    with arrange():
        line.dual_billing = True
        line.save(update_fields=["dual_billing"])
    order = ordered(ada, world.a, "DUAL-STOP", line, now=NOW)
    complete_items(actor=olga, order=take_order(actor=olga, order=order, now=NOW), now=NOW)
    assert queries.open_of_line(ada, line) is None
