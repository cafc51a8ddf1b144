"""Rows of tickets for tests, each made by the operation that people use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from sportello.kernel.actor import Actor, Via, system_actor
from sportello.messaging.models import Message
from sportello.parties.models import Organisation
from sportello.tickets import queries
from sportello.tickets.models import Ticket, TicketForm, TicketType
from sportello.tickets.operations import open_ticket, show_ticket
from sportello.tickets.operations.telling import tell
from sportello.tickets.shipped import OF_CUSTOMERS, TYPES
from sportello.tickets.types import Callback, NewFile

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
"""A Wednesday, ten o'clock in Rome."""
SYSTEM = system_actor(reason="a test tells of a ticket", via=Via.MAIL)
TEXT_FILE = NewFile(name="trace.txt", content=b"INVITE sip:echo@example.test\n")


def form_for(code: str) -> TicketForm:
    """Return the newest form of a type; the shipped types are written again where a test emptied the tables."""
    shipped = next(one for one in (*TYPES, *OF_CUSTOMERS) if one.code == code)
    kind, _made = TicketType.objects.get_or_create(
        code=code, defaults={"prefix": shipped.prefix, "names": dict(shipped.names)}
    )
    fields = [one.stored() for one in shipped.fields]
    TicketForm.objects.get_or_create(type=kind, version=1, defaults={"fields": fields, "made_at": NOW})
    return TicketForm.objects.filter(type=kind).select_related("type").order_by("-version")[0]


def a_ticket(
    actor: Actor,
    customer: Organisation,
    *,
    code: str = "GENERIC",
    text: str = "No dial tone since this morning",
    files: Sequence[NewFile] = (),
    visible_by: Actor | None = None,
    **more: Any,
) -> Ticket:
    """Open a ticket; `visible_by` the operator makes it visible to the customer."""
    facts = {"subject": "No dial tone", "answers": {}, "contact": Callback(name="Rita", phone="+393510000009")}
    now = more.pop("now", NOW)
    ticket = open_ticket(
        actor=actor, customer=customer, form=form_for(code), text=text, files=files, now=now, **(facts | more)
    )
    if visible_by is not None:
        show_ticket(actor=visible_by, ticket=ticket, visible=True, now=now)
    return ticket


def told(ticket: Ticket, place: int) -> dict[str, Message]:
    """Tell of an entry; return the mails that were written by their address."""
    before = set(mails().values_list("pk", flat=True))
    tell(actor=SYSTEM, ticket=queries.ticket_of(SYSTEM, ticket.pk), place=place, now=timezone.now())
    return {one.address: one for one in mails().exclude(pk__in=before)}


def mails():
    return Message.objects.across_tenants(reason="a test reads all mails")


def recent(actor, customer, **more) -> Ticket:
    return a_ticket(actor, customer, now=timezone.now(), **more)
