"""Background work of orders."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.orders import operations


@job(retries=5, pause=timedelta(seconds=30))
def tell_of_step(order_id: int, sequence: int) -> int:
    """Mail those concerned about a step of an order; return how many."""
    actor = system_actor(reason="people are told of the steps of orders")
    return operations.tell_of_step(actor=actor, order_id=order_id, sequence=sequence, now=timezone.now())
