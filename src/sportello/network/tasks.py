"""Background work of the network connector."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.network import carrying, queries

FORGOTTEN_AFTER: Final = timedelta(minutes=20)


@job(retries=9, pause=timedelta(seconds=3), longest=timedelta(minutes=10))
def bring_order(order_id: int) -> str:
    """Bring one order to the network, or say why it waits; a silent network is asked again after growing pauses. Return its state.

    Raises `NetworkAway` so that the job is tried again.
    """
    return carrying.bring(order_id, now=timezone.now())


@job(retries=0)
def bring_forgotten() -> int:
    """Take up orders whose jobs have given up: an order waits for as long as the network is away. Return how many there were."""
    now = timezone.now()
    actor = system_actor(reason="orders that the network has not answered")
    found = queries.forgotten(actor, now=now, since=FORGOTTEN_AFTER)
    for order_id in found:
        bring_order.enqueue_once(f"network:{order_id}:{now:%Y%m%d%H%M}", order_id)
    return len(found)
