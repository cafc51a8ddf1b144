"""What customers ask themselves: assistance by the portal, disputes of bills; and what others of the customer see of it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.billing.dispute_pages import pages_of_disputes
from sportello.billing.events import BillLineDisputed
from sportello.inventory.tests.factories import make_line
from sportello.kernel.access import Profile
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import worker
from sportello.kernel.operations import publish
from sportello.kernel.refusals import NotFound, NotPermitted
from sportello.kernel.testing import arrange
from sportello.kernel.testing.cast import new_member
from sportello.messaging.models import Message
from sportello.parties.models import Organisation
from sportello.tickets import queries
from sportello.tickets.models import Ticket, Wholesaler
from sportello.tickets.operations import add_interaction, ask_for_help, open_dispute
from sportello.tickets.rules.working import AnswersByMailOnly
from sportello.tickets.states import Party
from sportello.tickets.tests.factories import NOW, a_ticket
from sportello.tickets.types import Callback

pytestmark = pytest.mark.django_db
SENT = {
    "key": "k",
    "subject": "No signal",
    "text": "In the cellar",
    "contact_phone": "+39 351 000 0002",
    "device": "Nova 5",
}


def asked(actor, customer, **more) -> Ticket:
    facts = {
        "subject": "No signal",
        "text": "In the cellar",
        "contact": Callback(name="Bo", phone="+393510000002"),
        "now": NOW,
    }
    return ask_for_help(actor=actor, customer=customer, **(facts | more))


def test_an_employee_asks_for_help_with_an_own_line_and_follows_it(world, signed_in, bo, olga):
    person = world.memberships["bo"].person
    line = make_line(world.a, "+393511234567", person=person)
    other = make_line(world.a, "+393511234568")
    browser = signed_in("bo")
    page = browser.get(reverse("tickets:new_request")).content.decode()
    assert (line.number in page, other.number in page) == (True, False)
    assert browser.post(reverse("tickets:new_request"), SENT | {"line": other.number}).status_code == 422
    answer = browser.post(reverse("tickets:new_request"), SENT | {"line": line.number})
    ticket = Ticket.objects.for_(bo).get()
    assert (answer["Location"], ticket.code, ticket.line) == (
        reverse("tickets:request", args=[ticket.pk]),
        "TCKASS0000001",
        line,
    )
    assert (ticket.visible_to_customer, ticket.opened_party, queries.proof_of(queries.ticket_of(olga, ticket.pk))) == (
        True, Party.CUSTOMER, None,
    )  # fmt: skip
    add_interaction(actor=olga, ticket=ticket, text="Hidden words", now=NOW)
    add_interaction(actor=olga, ticket=ticket, text="Shown words", shown=True, now=NOW)
    page = browser.get(answer["Location"]).content.decode()
    assert [word in page for word in ("In the cellar", "Nova 5", "Shown words", "Hidden words")] == [
        True,
        True,
        True,
        False,
    ]
    live = browser.get(reverse("tickets:request_entries", args=[ticket.pk]), {"after": "2"}).content.decode()
    assert ("Shown words" in live, "Hidden words" in live) == (True, False)
    assert ticket.code in browser.get(reverse("tickets:requests")).content.decode()
    assert browser.get(reverse("tickets:ticket", args=[ticket.pk])).status_code == 403


def test_an_administrator_writes_the_number_and_is_told_when_it_is_none(world, signed_in, ada, monkeypatch):
    monkeypatch.setattr("sportello.tickets.web.requests.MOST_LINES", 0)
    line = make_line(world.a, "+393511234567")
    foreign = make_line(world.b, "+393511234568")
    browser = signed_in("ada")
    wrong = browser.post(reverse("tickets:new_request"), SENT | {"line": foreign.number})
    assert (wrong.status_code, "You have no line with this number" in wrong.content.decode()) == (422, True)
    assert browser.post(reverse("tickets:new_request"), SENT | {"line": "351 123 4567"}).status_code == 302
    assert Ticket.objects.for_(ada).get().line == line


def test_d02_colleagues_see_no_request_of_each_other_but_the_administrator_sees_all(world, bo, ada, pia, olga):
    ticket = asked(bo, world.a)
    with arrange():
        colleague = new_member(world.a, "Col", Profile.EMPLOYEE)
        referent = new_member(world.a, "Ref", Profile.EBILL_REFERENT)
        world.memberships.update(col=colleague, ref=referent)
    a_ticket(pia, world.a, visible_by=olga)
    seen = {name: [one.pk for one in queries.tickets(world.actor(name))] for name in ("bo", "col", "ref", "cy")}
    assert seen == {"bo": [ticket.pk], "col": [], "ref": [], "cy": []}
    assert queries.tickets(ada).count() == queries.tickets(pia).count() == 2
    for name in ("col", "ref"):
        with pytest.raises(NotFound):
            queries.ticket_of(world.actor(name), ticket.pk)


def test_who_asked_is_told_by_mail_and_answers_by_mail_only(world, bo, olga):
    ticket = asked(bo, world.a, now=timezone.now())
    add_interaction(actor=olga, ticket=ticket, text="Restart it", shown=True, now=timezone.now())
    while worker.run_due():
        pass
    mails = Message.objects.across_tenants(reason="a test reads all mails").filter(template="ticket_written")
    assert "bo@example.test" in set(mails.values_list("address", flat=True))
    with pytest.raises((AnswersByMailOnly, NotPermitted)):
        add_interaction(actor=bo, ticket=ticket, text="x", now=timezone.now())


def test_e06_e07_operator_partner_and_wholesalers_customers_do_not_ask(world, bo, pia, olga, signed_in):
    for actor in (pia, olga):
        with pytest.raises(NotPermitted):
            asked(actor, world.a)
    with pytest.raises(NotPermitted):
        asked(bo, world.b)
    with arrange():
        Wholesaler.objects.create(partner=world.partner)
    with pytest.raises(NotPermitted):
        asked(bo, world.a)
    assert signed_in("bo").get(reverse("tickets:new_request")).status_code == 403
    assert signed_in("olga").get(reverse("tickets:requests"))["Location"] == reverse("tickets:index")


def test_a_disputed_line_of_a_bill_becomes_a_ticket_once(world, ada, bo, olga):
    with arrange():
        publish(
            BillLineDisputed(
                organisation_id=world.a.pk, subject_type="bill", subject_id=1, number="2026-7", line_id=1, position=3, amount="12.50",
                reason="This line was ended in March.",
            )
        )  # fmt: skip
    person = world.memberships["ada"].person
    facts = {
        "actor": system_actor(reason="a test"),
        "customer": world.a,
        "person": person,
        "key": "dispute:1",
        "now": NOW,
    }
    given = {"bill": "2026-7", "position": "3", "amount": "12.50 €"}
    one, again = (open_dispute(given=given, reason="This line was ended in March.", **facts) for _time in range(2))
    assert (one, one.code, one.visible_to_customer) == (again, "TCKBIL0000001", True)
    (opening,) = queries.entries(ada, one)
    assert (opening.text, opening.author_name, opening.data["answers"]["bill"]["shown"]) == (
        "This line was ended in March.", "Ada Prova", "2026-7",
    )  # fmt: skip
    assert not queries.tickets(bo).exists()
    with arrange():
        Wholesaler.objects.create(partner=world.partner)
    assert open_dispute(given=given, reason="Another", **(facts | {"key": "dispute:2"})) is None


def test_the_dispute_of_a_bill_leads_to_its_ticket_by_the_worker(world, ada, signed_in):
    from sportello.kernel.operations import bulk_write

    with bulk_write(actor=ada):
        publish(
            BillLineDisputed(
                organisation_id=Organisation.objects.for_(ada).get().pk, subject_type="bill", subject_id=1, number="2026-7", line_id=1,
                position=3, amount="12.50", reason="This line was ended in March.",
            )
        )  # fmt: skip
    while worker.run_due():
        pass
    row = Ticket.objects.for_(ada).get()
    assert row.subject == "Disputed bill: 2026-7, 3"
    page = pages_of_disputes(ada, 1)[1]
    assert (page.code, signed_in("ada").get(page.url).context["ticket"]) == (row.code, row)
    assert [pages_of_disputes(world.actor(name), 1) for name in ("bo", "cy")] == [{}, {}]
    assert pages_of_disputes(ada, 2) == {}
