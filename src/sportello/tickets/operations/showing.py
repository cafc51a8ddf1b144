"""Showing tickets and entries to the end customer, and hiding them again: each time an entry that says so (ABUSE E08, E09)."""

from __future__ import annotations

from datetime import datetime

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, Via
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotPermitted, WrongState
from sportello.tickets import queries, rules
from sportello.tickets.events import InteractionShown, TicketShown
from sportello.tickets.models import Interaction, Ticket
from sportello.tickets.operations.writing import append, locked, writer_home, writer_of
from sportello.tickets.states import EntryKind

_WEB = frozenset({Via.SESSION, Via.COMMAND})
"""The doors of the portal's own form (and of the demo, which fills it in): the flag comes by no other (rule 3)."""


@operation(section=Section.TICKETS)
def show_ticket(*, actor: Actor, ticket: Ticket, visible: bool, now: datetime) -> None:
    """Make a ticket visible to the end customer, or hide it: the operator alone decides (rule 2). Hidden, it is so at once.

    Raises `NotPermitted`, `WrongState` (a wholesaler's customer).
    """
    _check_door(actor)
    rules.check_can_work(actor)
    row = locked(actor, ticket)
    if row.visible_to_customer == visible:
        return
    if visible:
        rules.check_can_show_ticket(wholesale=queries.is_wholesale(row.organisation))
    writer = writer_of(actor)
    row.visible_to_customer = visible
    row.save(update_fields=["visible_to_customer"])
    entry = append(row, writer, EntryKind.VISIBILITY, now=now, data={"visible": visible})
    publish(
        TicketShown(
            organisation_id=writer_home(row, writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            place=entry.sequence,
            visible=visible,
        )
    )


@operation(section=Section.TICKETS)
def show_entry(*, actor: Actor, ticket: Ticket, sequence: int, visible: bool, now: datetime) -> None:
    """Show one entry to the end customer, or hide it: words of the web form only (rule 3).

    Raises `NotPermitted`, `NotFound`, `WrongState`.
    """
    _check_door(actor)
    row = locked(actor, ticket)
    entry = queries.entry_of(actor, row, sequence)
    rules.check_can_show_entry(actor, kind=entry.kind, channel=entry.channel)
    if entry.shown == visible:
        return
    writer = writer_of(actor)
    changed = Interaction.objects.for_(actor).filter(pk=entry.pk, shown=entry.shown).update(shown=visible)
    if not changed:
        raise WrongState
    entry.shown = visible
    queries.index_shown(entry)
    said = append(row, writer, EntryKind.VISIBILITY, now=now, data={"entry": entry.sequence, "visible": visible})
    publish(
        InteractionShown(
            organisation_id=writer_home(row, writer),
            subject_type="ticket",
            subject_id=row.pk,
            code=row.code,
            entry=entry.sequence,
            place=said.sequence,
            visible=visible,
        )
    )


def _check_door(actor: Actor) -> None:
    if actor.via not in _WEB:
        raise NotPermitted
