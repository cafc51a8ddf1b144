"""What the network connector does when orders were written."""

from __future__ import annotations

from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.network.events import NetworkAsked
from sportello.network.tasks import bring_order


@handles(NetworkAsked)
def send_orders(event: Event) -> None:
    """Bring each order to the network in a job of its own, so that one that waits holds up none."""
    for order_id in event.payload["orders"]:
        bring_order.enqueue_once(f"network:{order_id}", order_id)
