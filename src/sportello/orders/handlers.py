"""What follows from events: people are told of each step."""

from __future__ import annotations

from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.orders import tasks
from sportello.orders.events import OrderMoved


@handles(OrderMoved)
def order_moved(event: Event) -> None:
    """Tell of a step by mail."""
    tasks.tell_of_step.enqueue(int(event.subject_id), int(event.payload["step"]))
