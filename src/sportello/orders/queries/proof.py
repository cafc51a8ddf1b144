"""The proof of orders: what was asked, every step, and that the state follows from the items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_noop

from sportello.kernel.actor import system_actor
from sportello.kernel.proofs import BrokenProof, Proof
from sportello.kernel.sentences import kept
from sportello.orders import chain
from sportello.orders.models import Order, OrderItem, OrderStep

CHUNK: Final = 300
_REASON: Final = "the proof of orders walks all of them"


def count() -> int:
    """Return how many orders there are to prove."""
    return Order.objects.for_(system_actor(reason=_REASON)).exclude(code=None).count()


def walk() -> Iterator[BrokenProof]:
    """Walk every order and yield where one does not prove itself; nothing yielded = nothing touched."""
    system, last = system_actor(reason=_REASON), 0
    while rows := list(Order.objects.for_(system).filter(pk__gt=last).exclude(code=None).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        yield from _of(rows)


def _of(rows: list[Order]) -> Iterator[BrokenProof]:
    system, ids = system_actor(reason=_REASON), [row.pk for row in rows]
    items: dict[int, list[OrderItem]] = defaultdict(list)
    steps: dict[int, list[OrderStep]] = defaultdict(list)
    for item in OrderItem.objects.for_(system).filter(order__in=ids):
        items[item.order_id].append(item)
    for step in OrderStep.objects.for_(system).filter(order__in=ids).order_by("order_id", "sequence"):
        steps[step.order_id].append(step)
    for row in rows:
        broken = _broken(row, items[row.pk], steps[row.pk])
        if broken:
            yield broken


def _broken(order: Order, items: list[OrderItem], steps: list[OrderStep]) -> BrokenProof | None:
    before = chain.beginning(order, items)
    for place, step in enumerate(steps, 1):
        if (step.sequence, step.previous_hash, step.hash) != (place, before, chain.hash_of(step)):
            sentence = kept(gettext_noop("a step or what was asked is not as it was written"))
            return BrokenProof(where=f"order {order.code}, step {place}", reason=sentence)
        before = step.hash
    whole = bool(steps) and (order.sequence, order.head) == (len(steps), before)
    if whole and steps[-1].state == order.state:
        return None
    return BrokenProof(
        where=f"order {order.code}", reason=kept(gettext_noop("the order does not stand as its last step says"))
    )


PROOF: Final = Proof(name="orders", count=count, walk=walk)
