"""What follows from what happened to a ticket: those concerned are mailed."""

from __future__ import annotations

from sportello.billing.events import BillLineDisputed
from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.tickets import queries, tasks
from sportello.tickets.events import InteractionAdded, InteractionShown, TicketOpened, TicketShown, TicketStateChanged
from sportello.tickets.states import ENDED


@handles(TicketOpened)
def tell_of_opening(event: Event) -> None:
    """Tell of a new ticket."""
    _tell(event, 1)


@handles(InteractionAdded)
@handles(TicketStateChanged)
def tell_of_entry(event: Event) -> None:
    """Tell of words, or of a new state."""
    _tell(event, event.payload["entry"])


@handles(TicketStateChanged)
def ask_at_the_end(event: Event) -> None:
    """Ask those concerned how satisfied they are, once the ticket ended and when the operator wishes it."""
    if event.payload["state"] in ENDED and queries.feedback_wish().asks:
        ticket_id, place = int(event.subject_id), event.payload["entry"]
        tasks.ask_feedback.enqueue_once(f"ticket-feedback:{ticket_id}:{place}", ticket_id, place)


@handles(TicketShown)
@handles(InteractionShown)
def tell_of_showing(event: Event) -> None:
    """Tell the customer of what it may see from now on."""
    if event.payload["visible"]:
        _tell(event, event.payload["place"])


@handles(BillLineDisputed)
def open_dispute(event: Event) -> None:
    """Let the dispute of a bill's line become a ticket."""
    tasks.open_dispute.enqueue_once(f"ticket-dispute:{event.pk}", event.pk)


def _tell(event: Event, place: int) -> None:
    ticket_id = int(event.subject_id)
    tasks.tell_of.enqueue_once(f"ticket:{ticket_id}:{place}", ticket_id, place)
