"""One try of one order: alone with its switch, outside any transaction, and settled by the network's own words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from sportello.kernel.actor import system_actor
from sportello.kernel.states import StateChanged
from sportello.network import operations
from sportello.network.connector.choice import MOST_REQUESTS, connector
from sportello.network.models import Order
from sportello.network.states import State
from sportello.network.types import Answer, Instruction, NetworkAway, NetworkRefused


def bring(order_id: int, *, now: datetime) -> str:
    """Bring one order to the network and settle it; return the state it is left in.

    A second worker that comes at the same time does nothing. Raises `NetworkAway` when the network brought no answer, or when another
    order for the same switch is on its way: an order must not overtake the one before it.
    """
    actor = system_actor(reason="bringing an order to the network")
    order = Order.objects.for_(actor).select_related("switch").get(pk=order_id)
    if order.state != State.ASKED:
        return order.state
    lease = timedelta(seconds=settings.SPORTELLO["NETWORK_TIMEOUT"] * MOST_REQUESTS + 5)
    held_until = operations.take_switch(order.switch, now=now, lease=lease)
    if held_until is None:
        raise NetworkAway("another order for the same feature is on its way")
    try:
        return _settled(order, now)
    finally:
        operations.leave_switch(order.switch, held_until=held_until)


def _settled(order: Order, now: datetime) -> str:
    actor = system_actor(reason="the network answered")
    order.switch.refresh_from_db()
    if order.revision != order.switch.revision:
        operations.overtake(order, now=now)
        return State.SUPERSEDED
    try:
        answer = _answer(order)
    except NetworkAway as silence:
        operations.note_silence(order, why=str(silence), now=now)
        raise
    except NetworkRefused as refusal:
        operations.refuse(actor=actor, order=order, reason=str(refusal), now=now)
        return State.FAILED
    try:
        operations.confirm(actor=actor, order=order, answer=answer, now=now)
    except StateChanged:  # settled by a worker whose lease had run out
        order.refresh_from_db(fields=["state"])
        return order.state
    return State.CONFIRMED


def _answer(order: Order) -> Answer:
    switch = order.switch
    return connector().carry_out(
        Instruction(
            key=str(order.key), revision=order.revision, resource=switch.resource, feature=switch.feature,
            category=switch.category, enabled=order.wanted, external_id=switch.external_id,
        )
    )  # fmt: skip
