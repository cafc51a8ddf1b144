"""The tickets of disputed lines, for the pages of bills."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from sportello.billing.dispute_pages import DisputePage
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.tickets import queries

KEY = "dispute:{}"
"""The key under which the ticket of a dispute is opened once: with the id of its event."""


def tickets_of_disputes(actor: Actor, event_ids: Sequence[int]) -> dict[int, DisputePage]:
    """Return the tickets of disputes that an actor sees, by the id of the event, each with its page for this reader."""
    page = "tickets:ticket" if actor.may(Section.TICKETS) else "tickets:request"
    if not actor.may(Section.TICKETS) and not actor.may(Section.ASSISTANCE):
        return {}
    events = {KEY.format(pk): pk for pk in event_ids}
    rows = queries.tickets(actor).filter(opening_key__in=list(events))
    return {events[row.opening_key or ""]: DisputePage(code=row.code, url=reverse(page, args=[row.pk])) for row in rows}
