"""What is read of the network's switches and orders."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.network.models import Order, Switch
from sportello.network.states import State


def connected() -> bool:
    """Tell whether this installation is connected to a network."""
    return bool(settings.SPORTELLO.get("NETWORK_URL"))


def orders(actor: Actor) -> ScopedQuerySet[Order]:
    """Return the orders in reach, with their switch and customer."""
    return Order.objects.for_(actor).select_related("switch", "organisation")


def order(actor: Actor, pk: int) -> Order:
    """Return one order. Raises `NotFound`."""
    return orders(actor).get_or_refuse(pk=pk)


def refused_orders(actor: Actor, switch_ids: Collection[int]) -> ScopedQuerySet[Order]:
    """Return the last orders of some switches, where the network refused them."""
    rows = orders(actor).filter(switch__in=switch_ids, state=State.FAILED, revision=F("switch__revision"))
    return rows.order_by("pk")


def switches(actor: Actor) -> ScopedQuerySet[Switch]:
    """Return the switches in reach."""
    return Switch.objects.for_(actor)


def forgotten(actor: Actor, *, now: datetime, since: timedelta, most: int = 500) -> list[int]:
    """Return orders that wait and were not tried for a while: their jobs have given up, or died with their worker."""
    waiting = (
        Order.objects.for_(actor).filter(state=State.ASKED, asked_at__lt=now - since).exclude(tried_at__gt=now - since)
    )
    return list(waiting.order_by("asked_at").values_list("pk", flat=True)[:most])


def waiting(actor: Actor) -> int:
    """Return how many orders the network has not answered."""
    return Order.objects.for_(actor).filter(state=State.ASKED).count()
