"""Telling people of a step by mail: who asked, who approves, and whose number a change of SIM or of holder is about (ABUSE A15, A16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sportello.accounts.models import Person
from sportello.kernel.actor import Actor
from sportello.kernel.phones import display
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.orders import queries
from sportello.orders.models import Order, OrderItem, OrderStep
from sportello.orders.states import Effect, State, StepKind

TOUCHES_CODES: Final = frozenset({Effect.NEW_SIM, Effect.PORT_OUT, Effect.TAKEOVER})
"""Effects that could hand somebody's one-time codes to another."""


def tell_of_step(*, actor: Actor, order_id: int, sequence: int, now: datetime) -> int:
    """Mail those concerned about a step of an order; return how many were written to. Again writes nothing anew."""
    order = queries.order_of(actor, order_id)
    step = OrderStep.objects.for_(actor).get(order=order, sequence=sequence)
    told = sum(_tell(actor, order, step, person, now) for person in _readers(order, step))
    if step.kind == StepKind.ASKED:
        told += sum(_warn(actor, order, person, now) for person in _whose_numbers(actor, order))
    return told


def _readers(order: Order, step: OrderStep) -> Iterable[Person]:
    """Return who is told: who asked, of what others did; of an order that waits for it, who may approve."""
    people = {order.opened_by.pk: order.opened_by} if order.opened_by else {}
    if step.kind == StepKind.ASKED and step.state == State.APPROVAL:
        people |= {one.pk: one for one in queries.administrators_of(order.organisation_id)}
    if step.kind != StepKind.ASKED:
        people.pop(step.author_id or 0, None)
    return [one for one in people.values() if one.deactivated_at is None and one.email]


def _tell(actor: Actor, order: Order, step: OrderStep, person: Person, now: datetime) -> int:
    approves = step.state == State.APPROVAL and person.pk != order.opened_by_id
    with translation.override(person.language):
        context = {
            "code": str(order.code),
            "type": str(order.type),
            "state": str(State(step.state).label),
            "note": step.note or _("no note"),
            "done": _("%(done)s of %(all)s") % {"done": order.done_count, "all": order.item_count},
            "link": reverse("orders:order", args=[order.pk]),
        }
    message = send_message(
        actor=actor,
        recipient=Recipient(person_id=person.pk),
        template="order_approval" if approves else "order_question" if step.kind == StepKind.QUESTION else "order_step",
        channel=Channel.EMAIL,
        context=context,
        organisation_id=order.organisation_id,
        idempotency_key=f"order:{order.pk}:{step.sequence}:{person.pk}",
        now=now,
    )
    return int(bool(message.pk))


def _whose_numbers(actor: Actor, order: Order) -> Iterable[Person]:
    if Effect(order.form.effect) not in TOUCHES_CODES:
        return []
    numbers = OrderItem.objects.for_(actor).filter(order=order).exclude(number="").values("number")
    people = Person.objects.across_tenants(
        reason="whose codes a change of SIM or holder is about, wherever they are", opens_wall=False
    )
    return people.filter(mobile__in=numbers, deactivated_at=None).exclude(mobile_verified_at=None).exclude(email="")


def _warn(actor: Actor, order: Order, person: Person, now: datetime) -> int:
    with translation.override(person.language):
        context = {
            "code": str(order.code),
            "type": str(order.type),
            "number": display(person.mobile),
            "asker": order.opened_by.name if order.opened_by else "",
        }
    send_message(
        actor=actor,
        recipient=Recipient(person_id=person.pk),
        template="order_on_your_number",
        channel=Channel.EMAIL,
        context=context,
        organisation_id=order.organisation_id,
        idempotency_key=f"order-number-warning:{order.pk}:{person.pk}",
        urgent=True,
        now=now,
    )
    return 1
