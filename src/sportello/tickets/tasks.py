"""Background work of tickets: ids in, one operation."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone, translation

from sportello.accounts.models import Person
from sportello.billing.events import BillLineDisputed
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.jobs import job
from sportello.kernel.models import Event
from sportello.parties.models import Organisation
from sportello.tickets import operations, queries, storage
from sportello.tickets.dispute_tickets import KEY
from sportello.tickets.models import TicketFile, TicketImport
from sportello.tickets.operations import importing, telling


@job(retries=5, pause=timedelta(seconds=5))
def tell_of(ticket_id: int, place: int) -> int:
    """Mail those concerned about an entry; return how many mails were written."""
    system = system_actor(reason="those concerned are told of a ticket")
    ticket = queries.ticket_of(system, ticket_id)
    return telling.tell(actor=system, ticket=ticket, place=place, now=timezone.now())


@job(retries=5, pause=timedelta(seconds=5))
def ask_feedback(ticket_id: int, place: int) -> int:
    """Ask those concerned about the end of a ticket; return how many mails were written."""
    system = system_actor(reason="those concerned are asked about the end of a ticket")
    ticket = queries.ticket_of(system, ticket_id)
    return operations.ask_feedback(actor=system, ticket=ticket, place=place, now=timezone.now())


@job(retries=5, pause=timedelta(seconds=5))
def open_dispute(event_id: int) -> str:
    """Open the ticket of a disputed line of a bill; return its code."""
    system = system_actor(reason="a customer disputed a line of a bill")
    event = Event.objects.for_(system).get_or_refuse(pk=event_id, kind=BillLineDisputed.kind)
    customer = Organisation.objects.for_(system).select_related("partner").get_or_refuse(pk=event.organisation_id)
    people = Person.objects.across_tenants(reason="who disputed a line of a bill", opens_wall=False)
    person = people.get_or_refuse(pk=event.person_id)
    given = {
        "bill": event.payload["number"],
        "position": str(event.payload["position"]),
        "amount": f"{event.payload['amount']} €",
    }
    ticket = operations.open_dispute(
        actor=system,
        customer=customer,
        person=person,
        given=given,
        reason=event.payload["reason"],
        key=KEY.format(event.pk),
        now=timezone.now(),
    )
    return ticket.code if ticket else ""


@job(retries=3)
def read_old_base(import_id: int) -> str:
    """Read a file of an old base for its preview; return where it stands."""
    system, row = _old_base(import_id)
    with translation.override(row.made_by.language if row.made_by else None):
        importing.read_in(actor=system, row=row, now=timezone.now())
    return row.state


@job(retries=10)
def write_old_base(import_id: int) -> str:
    """Write a confirmed old base; return where it stands. Tried again, it goes on where it was."""
    system, row = _old_base(import_id)
    importing.write_out(actor=system, row=row, now=timezone.now())
    return row.state


def _old_base(import_id: int) -> tuple[Actor, TicketImport]:
    system = system_actor(reason="an old base of tickets is taken over")
    rows = TicketImport.objects.for_(system).select_related("made_by", "fallback")
    return system, rows.get_or_refuse(pk=import_id)


@job(retries=0)
def sweep_files() -> int:
    """Remove contents of files that no entry names, and old bases that nobody confirmed; return how many."""
    rows = TicketFile.objects.across_tenants(reason="contents without a row belong to nobody")
    system = system_actor(reason="old bases that nobody confirmed are thrown away")
    return storage.sweep(lambda token: rows.filter(token=token).exists()) + importing.sweep(
        actor=system, now=timezone.now()
    )
