"""The question at the end: who is asked, who answers, how long, who reads it (product/06; the rules of E03, E07, E09, E10 to E14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sportello.kernel.jobs import worker
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.testing import arrange
from sportello.tickets import queries
from sportello.tickets.models import Ticket, TicketFeedback, Wholesaler
from sportello.tickets.operations import (
    add_interaction,
    ask_feedback,
    change_state,
    give_feedback,
    merge_ticket,
    set_feedback_wish,
    show_ticket,
)
from sportello.tickets.queries import feedback
from sportello.tickets.rules import AnsweringOver, check_feedback, check_wish
from sportello.tickets.states import State
from sportello.tickets.tests.factories import SYSTEM, mails, recent
from sportello.tickets.tests.test_links import link_in, visit

ZONE = ZoneInfo("Europe/Rome")


def ended(ticket: Ticket, by, *, to: State = State.CLOSED) -> Ticket:
    change_state(actor=by, ticket=ticket, to=to, now=timezone.now())
    return queries.ticket_of(SYSTEM, ticket.pk)


def asked(ticket: Ticket, now: datetime | None = None) -> list[str]:
    """Ask about the end of a ticket; return the addresses that were written to."""
    before = set(mails().values_list("pk", flat=True))
    ask_feedback(actor=SYSTEM, ticket=ticket, place=ticket.sequence, now=now or timezone.now())
    return sorted(mails().exclude(pk__in=before).values_list("address", flat=True))


def question_to(address: str):
    return mails().filter(template="ticket_feedback", address=address).order_by("-pk")[0]


@pytest.fixture
def wished(olga):
    set_feedback_wish(actor=olga, asks=True, days=7)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"score": 0}, InvalidInput),
        ({"score": 6}, InvalidInput),
        ({"words": "x" * 2_001}, InvalidInput),
        ({"late": True}, AnsweringOver),
    ],
)
def test_an_answer_is_a_score_of_five_in_time(given, refusal):
    now = datetime(2026, 3, 1, tzinfo=ZONE)
    facts = {"score": 5, "words": "", "answers_until": now + timedelta(days=0 if given.pop("late", False) else 1)}
    with pytest.raises(refusal):
        check_feedback(**(facts | given), now=now)
    check_feedback(score=1, words="", answers_until=now + timedelta(seconds=1), now=now)


def test_an_answer_is_taken_for_no_longer_than_the_links_open():
    check_wish(1)
    check_wish(14)
    for days in (0, 15):
        with pytest.raises(InvalidInput):
            check_wish(days)


@pytest.mark.django_db
def test_nobody_is_asked_until_the_operator_says_so(world, pia, olga):
    ticket = ended(recent(pia, world.a, visible_by=olga), olga)
    assert asked(ticket) == []
    with pytest.raises(NotPermitted):
        set_feedback_wish(actor=pia, asks=True, days=7)
    set_feedback_wish(actor=olga, asks=True, days=7)
    assert asked(ticket) == ["ada@example.test", "pia@example.test"]


@pytest.mark.django_db
def test_the_end_of_a_ticket_leads_to_the_question_by_the_worker(world, pia, olga, wished):
    ended(recent(pia, world.a), olga, to=State.RESOLVED)
    while worker.run_due():
        pass
    found = list(mails().filter(template="ticket_feedback").values_list("address", "state"))
    assert found == [("pia@example.test", "sent")]


@pytest.mark.django_db
def test_each_is_asked_once_an_end_and_again_only_without_an_answer(world, pia, olga, wished):
    ticket = ended(recent(pia, world.a, visible_by=olga), olga, to=State.RESOLVED)
    assert asked(ticket) == ["ada@example.test", "pia@example.test"]
    assert asked(ticket) == []
    given = TicketFeedback.objects.for_(olga).get(recipient__address="pia@example.test")
    give_feedback(actor=pia, feedback=given, score=4, words="", now=timezone.now())
    add_interaction(actor=pia, ticket=ticket, text="It is back", now=timezone.now())
    assert asked(queries.ticket_of(SYSTEM, ticket.pk)) == []
    again = ended(ticket, olga)
    assert asked(again) == ["ada@example.test"]
    assert TicketFeedback.objects.for_(olga).filter(ticket=ticket).count() == 2


@pytest.mark.django_db
def test_an_organisation_may_choose_not_to_be_asked(world, pia, olga, wished, signed_in):
    address = reverse("tickets:options")
    assert signed_in("pia").post(address, {"what": "happenings", "happenings": ["opened", "ended"]}).status_code == 302
    assert asked(ended(recent(pia, world.a, visible_by=olga), olga)) == ["ada@example.test"]
    shown = {name: 'value="asked"' in signed_in(name).get(address).content.decode() for name in ("pia", "olga")}
    assert shown == {"pia": True, "olga": False}


@pytest.mark.django_db
def test_a_ticket_that_goes_on_in_another_one_is_not_asked_about(world, pia, olga, wished):
    ticket, other = recent(pia, world.a), recent(pia, world.a)
    merge_ticket(actor=olga, ticket=ticket, into=other, now=timezone.now())
    assert asked(queries.ticket_of(SYSTEM, ticket.pk)) == []


@pytest.mark.django_db
def test_e03_a_customer_that_does_not_see_the_ticket_is_not_asked(world, pia, olga, wished):
    hidden = ended(recent(pia, world.a), olga)
    assert asked(hidden) == ["pia@example.test"]


@pytest.mark.django_db
def test_e07_a_wholesalers_customer_is_not_asked(world, pia, olga, wished):
    ticket = ended(recent(pia, world.a, visible_by=olga), olga)
    with arrange():
        Wholesaler.objects.create(partner=world.partner)
    assert asked(ticket) == ["pia@example.test"]


@pytest.mark.django_db
def test_the_link_asks_and_takes_an_answer_that_may_be_changed(world, pia, olga, wished):
    asked(ended(recent(pia, world.a, visible_by=olga), olga))
    browser, page = visit(question_to("ada@example.test"))
    here = page.redirect_chain[-1][0]
    assert (here.endswith("/feedback/"), page["Referrer-Policy"], "TCK" in page.content.decode()) == (
        True,
        "no-referrer",
        True,
    )
    for wrong in ({}, {"score": "6"}, {"score": "x"}, {"score": "5", "words": "x" * 2_001}):
        assert browser.post(here, wrong).status_code == 422
    for score, words in (("2", "<b>slow</b>"), ("4", "better")):
        assert browser.post(here, {"score": score, "words": words}).status_code == 302
    row = TicketFeedback.objects.for_(olga).get(recipient__address="ada@example.test")
    assert (row.score, row.words) == (4, "better")
    with arrange():
        TicketFeedback.objects.for_(olga).filter(pk=row.pk).update(answers_until=timezone.now())
    assert browser.post(here, {"score": "1"}).status_code == 422
    late = browser.get(here).content.decode()
    assert ("<textarea" in late, "better" in late, TicketFeedback.objects.for_(olga).get(pk=row.pk).score) == (
        False,
        True,
        4,
    )


@pytest.mark.django_db
def test_e09_hidden_again_the_question_opens_nothing(world, pia, olga, wished):
    ticket = ended(recent(pia, world.a, visible_by=olga), olga)
    asked(ticket)
    browser, page = visit(question_to("ada@example.test"))
    here = page.redirect_chain[-1][0]
    show_ticket(actor=olga, ticket=ticket, visible=False, now=timezone.now())
    mail = question_to("ada@example.test")
    answers = [browser.get(here), browser.post(here, {"score": "5"}), Client().get(link_in(mail))]
    assert [one.status_code for one in answers] == [404, 404, 404]


@pytest.mark.django_db
def test_e10_the_question_opens_by_its_own_cookie_alone(world, pia, olga, wished):
    asked(ended(recent(pia, world.a, visible_by=olga), olga))
    _browser, mine = visit(question_to("pia@example.test"))
    other, _theirs = visit(question_to("ada@example.test"))
    for browser in (Client(), other):
        assert browser.get(mine.redirect_chain[-1][0]).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("wished")
def test_who_reads_an_answer_is_the_operator_and_the_partner_in_its_reach(world, ada, cy, pia, olga):
    ticket = ended(recent(pia, world.a, visible_by=olga), olga)
    asked(ticket)
    for address, score in (("ada@example.test", 2), ("pia@example.test", 5)):
        row = TicketFeedback.objects.for_(olga).get(recipient__address=address)
        give_feedback(actor=SYSTEM, feedback=row, score=score, words=f"said {score}", now=timezone.now())
    read = {
        name: sorted(row.score for row in queries.feedback_of(actor, ticket))
        for name, actor in {"olga": olga, "pia": pia, "ada": ada, "cy": cy}.items()
    }
    assert read == {"olga": [2, 5], "pia": [2, 5], "ada": [2], "cy": []}
    since = timezone.now() - timedelta(days=1)
    found = {one: feedback.satisfaction(one, since=since, zone=ZONE) for one in (olga, cy)}
    assert (found[olga].asked, found[olga].by_score, found[olga].mean) == (2, [0, 1, 0, 0, 1], Decimal("3.5"))
    assert (found[cy].asked, found[cy].mean) == (0, None)
    assert feedback.means_by(olga, "type__code", since=since) == {("GENERIC",): Decimal("3.5")}


@pytest.mark.django_db
def test_the_answers_stand_on_the_ticket_and_in_the_statistics(world, pia, olga, wished, signed_in):
    ticket = ended(recent(pia, world.a), olga)
    asked(ticket)
    row = TicketFeedback.objects.for_(olga).get()
    give_feedback(actor=SYSTEM, feedback=row, score=5, words="<script>said</script>", now=timezone.now())
    for name in ("olga", "pia"):
        browser = signed_in(name)
        for address in (reverse("tickets:ticket", args=[ticket.pk]), reverse("tickets:statistics")):
            page = browser.get(address).content.decode()
            assert ("&lt;script&gt;said" in page, "<script>said" in page) == (True, False)


@pytest.mark.django_db
def test_the_operator_switches_the_question_on_its_page(signed_in):
    browser, address = signed_in("olga"), reverse("tickets:desk")
    assert browser.post(address, {"what": "feedback", "asks": "on", "days": "15"}).status_code == 422
    assert browser.post(address, {"what": "feedback", "asks": "on", "days": "3"}).status_code == 302
    assert (queries.feedback_wish().asks, queries.feedback_wish().days) == (True, 3)


@pytest.mark.django_db
def test_the_database_takes_no_score_beside_the_five(world, pia, olga, wished):
    asked(ended(recent(pia, world.a), olga))
    with pytest.raises(IntegrityError), transaction.atomic(), arrange():
        TicketFeedback.objects.for_(olga).update(score=6, answered_at=timezone.now())
