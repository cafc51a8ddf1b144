"""Background work of tickets: ids in, one operation."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.tickets import queries, storage
from sportello.tickets.models import TicketFile
from sportello.tickets.operations import telling


@job(retries=5, pause=timedelta(seconds=5))
def tell_of(ticket_id: int, place: int) -> int:
    """Mail those concerned about an entry; return how many mails were written."""
    system = system_actor(reason="those concerned are told of a ticket")
    ticket = queries.ticket_of(system, ticket_id)
    return telling.tell(actor=system, ticket=ticket, place=place, now=timezone.now())


@job(retries=0)
def sweep_files() -> int:
    """Remove contents of files that no entry names; return how many."""
    rows = TicketFile.objects.across_tenants(reason="contents without a row belong to nobody")
    return storage.sweep(lambda token: rows.filter(token=token).exists())
