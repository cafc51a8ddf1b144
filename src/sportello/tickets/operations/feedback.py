"""The question at the end of a ticket: how satisfied are those who had it opened. The operator switches it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, new_token
from sportello.kernel.operations import operation, publish
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.tickets import messages, queries, rules, visitors
from sportello.tickets.events import DeskEdited, FeedbackAsked, FeedbackGiven
from sportello.tickets.models import AccessLink, FeedbackWish, Ticket, TicketFeedback, TicketRecipient
from sportello.tickets.operations.desk import check_sets_up
from sportello.tickets.operations.telling import language_of, recipient_of
from sportello.tickets.operations.writing import plain
from sportello.tickets.queries.around import TOKEN_PURPOSE
from sportello.tickets.queries.whom import Reader, readers, wishes_of
from sportello.tickets.states import Happening, Party

AT_THE_END = 0
"""What the link of the question is made for: no entry has this place."""


@dataclass(frozen=True)
class _Ending:
    """The end of a ticket that is asked about: the place of its entry, when it is asked, until when it is answered."""

    ticket: Ticket
    place: int
    at: datetime
    days: int

    @property
    def until(self) -> datetime:
        return self.at + timedelta(days=self.days)


@operation(section=Section.TICKETS)
def set_feedback_wish(*, actor: Actor, asks: bool, days: int) -> None:
    """Say whether people are asked at the end of tickets, and for how many days they may answer and change it.

    Raises `NotPermitted`, `InvalidInput`.
    """
    check_sets_up(actor)
    rules.check_wish(days)
    FeedbackWish.objects.update_or_create(only=True, defaults={"asks": asks, "days": days})
    publish(DeskEdited(organisation_id=None, subject_type="tickets", what="feedback"))


@operation(section=None, why="the worker asks once a ticket ended; what each may see of it is asked anew")
def ask_feedback(*, actor: Actor, ticket: Ticket, place: int, now: datetime) -> int:
    """Ask partner and customer by mail about the end of a ticket at a place of its chain; return how many mails were written.

    Nobody is asked while the switch is off, of a ticket that was opened again meanwhile or goes on in another one, when they do not
    see the ticket, or when their organisation chose not to be. Who answered at an earlier end is not asked again, but may change the
    answer. Again writes none.
    """
    ticket, wish = queries.ticket_of(actor, ticket.pk), queries.feedback_wish()
    if not wish.asks or ticket.is_open or ticket.merged_into_id is not None:
        return 0
    ending = _Ending(ticket, place, now, wish.days)
    asked = sum(_ask(actor, ending, one) for one in readers(ticket) if one.party in {Party.PARTNER, Party.CUSTOMER})
    if asked:
        publish(
            FeedbackAsked(
                organisation_id=None, subject_type="ticket", subject_id=ticket.pk, code=ticket.code, mails=asked
            )
        )
    return asked


@operation(section=None, why="the link of a mail is its recipient's right to answer; the door asked anew what they see")
def give_feedback(*, actor: Actor, feedback: TicketFeedback, score: int, words: str, now: datetime) -> None:  # noqa: ARG001 - read by `operation`
    """Write what a recipient says of a ticket that ended, in the place of what they said before.

    Raises `AnsweringOver`, `InvalidInput`.
    """
    rows = TicketFeedback.objects.across_tenants(reason="a link says by itself what it answers")
    row = rows.select_related("ticket", "recipient").select_for_update(of=("self",)).get(pk=feedback.pk)
    words = plain(words)
    rules.check_feedback(score=score, words=words, answers_until=row.answers_until, now=now)
    row.score, row.words, row.answered_at = score, words, now
    row.save(update_fields=["score", "words", "answered_at"])
    publish(
        FeedbackGiven(
            organisation_id=row.recipient.home_id,
            subject_type="ticket",
            subject_id=row.ticket_id,
            code=row.ticket.code,
            address=row.recipient.address,
            score=str(score),
        )
    )


def _ask(actor: Actor, ending: _Ending, reader: Reader) -> int:
    if Happening.ASKED not in wishes_of(reader.home.pk, reader.party):
        return 0
    recipient = recipient_of(ending.ticket, reader, ending.at)
    visitor = visitors.actor_of(recipient)
    if visitor is None or visitors.ticket_for(visitor, recipient, now=ending.at) is None:
        return 0
    known = TicketFeedback.objects.for_(actor).filter(recipient=recipient).first()
    if known is not None and known.asked_for >= ending.place:
        return 0
    row = known or TicketFeedback(
        ticket=ending.ticket, organisation_id=ending.ticket.organisation_id, recipient=recipient
    )
    row.asked_for, row.asked_at, row.answers_until = ending.place, ending.at, ending.until
    row.save()
    if row.answered_at is not None:
        return 0
    _mail(actor, ending, reader, recipient)
    return 1


def _mail(actor: Actor, ending: _Ending, reader: Reader, recipient: TicketRecipient) -> None:
    ticket, language = ending.ticket, language_of(reader)
    send_message(
        actor=actor,
        recipient=Recipient(person_id=recipient.person_id, email=recipient.address, language=language),
        template=messages.FEEDBACK,
        context={
            "code": ticket.code,
            "subject": ticket.subject,
            "customer": ticket.organisation.legal_name,
            "days": str(ending.days),
        },
        secret={"link": reverse("tickets:link", args=[_token(recipient, ending.at)])},
        channel=Channel.EMAIL,
        organisation_id=reader.home.pk,
        idempotency_key=f"ticket-feedback:{ticket.pk}:{ending.place}:{recipient.pk}",
        thread=f"ticket:{ticket.pk}",
        now=ending.at,
    )


def _token(recipient: TicketRecipient, now: datetime) -> str:
    """Write the link of the question, in the place of an earlier one, and return its token, which is kept nowhere (ABUSE E10)."""
    token = new_token(192)
    rows = AccessLink.objects.across_tenants(reason="a link is written for whoever is asked")
    rows.update_or_create(
        recipient=recipient,
        made_for=AT_THE_END,
        defaults={
            "organisation_id": recipient.organisation_id,
            "token_hash": keyed_hash(TOKEN_PURPOSE, token),
            "made_at": now,
            "expires_at": now + settings.SPORTELLO["TICKET_LINK_LIFETIME"],
            "revoked_at": None,
        },
    )
    return token
