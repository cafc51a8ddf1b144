"""How an order moves: its lock, its items, its state that follows from them, and the step that says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks
from sportello.kernel.operations import publish
from sportello.kernel.states import NoSuchTransition, StateChanged, advance
from sportello.orders import chain, queries, rules
from sportello.orders.events import OrderMoved, OrderNoted
from sportello.orders.models import Order, OrderItem, OrderStep
from sportello.orders.queries.orders import REFERRED
from sportello.orders.states import ENDED, INTERNAL, TRANSITIONS, State, StepKind


def locked(actor: Actor, order: Order) -> Order:
    """Return the order as it stands now, held to the end of the transaction. Raises `NotFound` when the actor reaches it no more."""
    rows = Order.objects.for_(actor).select_related(*REFERRED).select_for_update(of=("self",))
    return rows.get_or_refuse(pk=order.pk)


def append(
    order: Order, kind: StepKind, actor: Actor, *, now: datetime, note: str = "", data: dict[str, Any] | None = None
) -> OrderStep:
    """Append a step to the history of an order that is held by `locked`, in the state in which it stands now, and tell of it."""
    step = OrderStep(
        order=order,
        organisation_id=order.organisation_id,
        sequence=order.sequence + 1,
        kind=kind,
        at=now,
        author_id=actor.person_id,
        author_name=actor.name[:200],
        state=order.state,
        note=note,
        data=data or {},
        previous_hash=order.head,
    )
    step.hash = chain.hash_of(step)
    step.save(force_insert=True)
    order.sequence, order.head, order.changed_at = step.sequence, step.hash, now
    order.save(update_fields=["sequence", "head", "changed_at"])
    _tell(order, step)
    return step


def _tell(order: Order, step: OrderStep) -> None:
    about: dict[str, Any] = {"subject_type": "order", "subject_id": order.pk, "code": order.code, "step": step.sequence}
    if step.kind in INTERNAL:
        publish(OrderNoted(organisation_id=None, **about))
    else:
        moved = OrderMoved(
            organisation_id=order.organisation_id, type=order.type.code, state=State(order.state).value, **about
        )
        publish(moved)


def move_items(items: Sequence[OrderItem], to: State, *, now: datetime, **also: Any) -> None:
    """Move items, each from the state in which it was read. Raises `NoSuchTransition`, `StateChanged` when another was first."""
    if to in ENDED:
        also["ended_at"] = now
    by_state: dict[str, list[OrderItem]] = defaultdict(list)
    for item in items:
        if to not in TRANSITIONS[item.state]:
            raise NoSuchTransition
        by_state[item.state].append(item)
    for before, rows in by_state.items():
        for some in in_chunks([row.pk for row in rows]):
            own = OrderItem.objects.across_tenants(reason="items of an order that was read inside the actor's reach")
            if own.filter(pk__in=some, state=before).update(state=to, **also) != len(some):
                raise StateChanged
    for item in items:
        item.state = to


def settle(order: Order, *, now: datetime) -> None:
    """Let an order that is held by `locked` stand where its items stand, and its expected day wait with it for the customer."""
    rows = OrderItem.objects.across_tenants(reason="items of an order that was read inside the actor's reach")
    states = list(rows.filter(order=order).order_by("place").values_list("state", flat=True))
    to = rules.state_by_items(order.state, states)
    done = states.count(State.COMPLETED)
    also: dict[str, Any] = {} if done == order.done_count else {"done_count": done}
    if to == order.state:
        if also:
            order.done_count = done
            order.save(update_fields=["done_count"])
        return
    advance(order, to, transitions=TRANSITIONS, **also, **_clock(order, to, now))


def _clock(order: Order, to: State, now: datetime) -> dict[str, Any]:
    also: dict[str, Any] = {"ended_at": now} if to in ENDED else {}
    if order.waits_since is not None:
        moved = rules.after_wait(queries.calendar(), order.expected_date, since=order.waits_since, until=now)
        also |= {"expected_date": moved, "waits_since": None}
    if to is State.WAITING_CUSTOMER:
        also["waits_since"] = now
    return also


def places(items: Sequence[OrderItem]) -> dict[str, Any]:
    """Return which items a step moved, as the step keeps it."""
    return {"items": [item.place for item in items]}
