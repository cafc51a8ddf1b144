"""Answers that come by mail: ABUSE E16, E17, E21, E24, E25."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from sportello.messaging.types import MailAddress, MailFile, MailReply, ParsedMail, TakenMail, Trust
from sportello.tickets import queries
from sportello.tickets.models import Interaction, Ticket, TicketFile, TicketRecipient
from sportello.tickets.operations import (
    change_state,
    show_ticket,
)
from sportello.tickets.receiving import TicketMail, take_mail
from sportello.tickets.states import Channel, EntryKind, Party, State
from sportello.tickets.tests.factories import SYSTEM, told

pytestmark = pytest.mark.django_db


def taken(ticket: Ticket, recipient: str, text: str = "By mail", **more) -> TakenMail:
    facts = {
        "mail_id": 1, "thread": f"ticket:{ticket.pk}", "recipient": recipient, "person_id": None, "verified": True, "trust": Trust.PASS,
        "received_at": timezone.now(), "mail": ParsedMail(sender=MailAddress(address=recipient)),
        "reply": MailReply(own=text, quoted="> old words"),
    }  # fmt: skip
    return TakenMail(**(facts | more))


def test_the_end_customers_answer_is_in_the_ticket_and_told_to_partner_and_operator(world, opened, pia, ada, olga):
    ticket, _sent = opened
    change_state(actor=olga, ticket=ticket, to=State.WAITING_CUSTOMER, now=timezone.now())
    answer = take_mail(actor=SYSTEM, mail=taken(ticket, "ada@example.test"), now=timezone.now())
    (entry,) = Interaction.objects.for_(pia).filter(channel=Channel.MAIL, kind=EntryKind.MESSAGE)
    assert (answer.taken, answer.reference) == (True, f"interaction:{entry.pk}")
    assert (entry.party, entry.author_name, entry.text, entry.cut, entry.shown) == (
        Party.CUSTOMER, "Ada Prova", "By mail", "> old words", False,
    )  # fmt: skip
    assert (queries.ticket_of(pia, ticket.pk).state, entry in Interaction.objects.for_(ada)) == (
        State.IN_PROGRESS,
        False,
    )
    assert sorted(told(ticket, entry.sequence)) == ["olga@example.test", "pia@example.test"]
    assert queries.proof_of(queries.ticket_of(olga, ticket.pk)) is None


def test_e24_the_same_mail_handed_over_twice_is_one_entry(opened, olga):
    ticket, _sent = opened
    answers = [
        take_mail(actor=SYSTEM, mail=taken(ticket, "ada@example.test"), now=timezone.now()) for _time in range(2)
    ]
    assert (answers[0], Interaction.objects.for_(olga).filter(channel=Channel.MAIL).count()) == (answers[1], 1)


def test_e16_a_mail_that_names_nobody_who_is_told_is_not_taken(world, opened, olga):
    ticket, _sent = opened
    for mail in (taken(ticket, "stranger@example.test"), taken(ticket, "ada@example.test", thread="ticket:999999"),
                 taken(ticket, "ada@example.test", thread="ticket:x")):  # fmt: skip
        answer = take_mail(actor=SYSTEM, mail=mail, now=timezone.now())
        assert (answer.taken, bool(answer.reason)) == (False, True)
    show_ticket(actor=olga, ticket=ticket, visible=False, now=timezone.now())
    assert take_mail(actor=SYSTEM, mail=taken(ticket, "ada@example.test"), now=timezone.now()).taken is False
    assert not Interaction.objects.for_(olga).filter(channel=Channel.MAIL).exists()


def test_e17_a_mail_let_through_unverified_is_a_note_of_nobodys(opened, pia, olga):
    ticket, _sent = opened
    forged = taken(
        ticket, "ada@example.test", verified=False, mail=ParsedMail(sender=MailAddress(address="evil@example.test"))
    )
    assert TicketMail().receive_mail(actor=SYSTEM, mail=forged, now=timezone.now()).taken
    (entry,) = Interaction.objects.for_(olga).filter(channel=Channel.MAIL)
    assert (entry.kind, entry.party, entry.author_id, entry.author_address) == (
        EntryKind.NOTE,
        Party.SYSTEM,
        None,
        "evil@example.test",
    )
    assert (len(entry.data["notices"]), Interaction.objects.for_(pia).filter(pk=entry.pk).exists()) == (1, False)


def test_e25_what_of_a_mail_cannot_be_kept_is_left_out_with_a_notice(opened, olga, settings, monkeypatch):
    ticket, _sent = opened
    monkeypatch.setitem(settings.SPORTELLO, "TICKET_FILES_PER_ENTRY", 3)
    files = [("a.txt", b"x"), ("run.exe", b"MZ"), ("b.txt", b"y"), ("c.txt", b"z")]
    parsed = ParsedMail(
        files=tuple(MailFile(name=name, content_type="x/y", content=content) for name, content in files),
        notices=("Cut.",),
    )
    mail = taken(ticket, "ada@example.test", text="w" * 20_001, mail=parsed)
    assert take_mail(actor=SYSTEM, mail=mail, now=timezone.now()).taken
    (entry,) = Interaction.objects.for_(olga).filter(channel=Channel.MAIL)
    kept = list(
        TicketFile.objects.for_(olga).filter(interaction=entry).order_by("place").values_list("name", flat=True)
    )
    assert (kept, len(entry.text), len(entry.data["notices"])) == (["message.txt", "a.txt", "b.txt"], 20_000, 4)


def test_e21_an_address_that_mails_do_not_reach_is_shown_on_the_ticket(opened, signed_in):
    ticket, _sent = opened
    TicketMail().mail_failed(
        actor=SYSTEM,
        thread=f"ticket:{ticket.pk}",
        recipient="ada@example.test",
        reason="550 no such user",
        now=timezone.now(),
    )
    assert (
        TicketRecipient.objects.across_tenants(reason="a test").get(address="ada@example.test").bounced
        == "550 no such user"
    )
    assert "550 no such user" in signed_in("olga").get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
