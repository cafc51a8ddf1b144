"""Completing items: the inventory changes in the same transaction, or nothing is completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation
from sportello.kernel.refusals import InvalidInput, NotFound, Refusal, WrongState
from sportello.kernel.states import advance
from sportello.orders import queries, rules
from sportello.orders.models import Order, OrderItem
from sportello.orders.operations.effects import bring_about
from sportello.orders.operations.moving import append, locked, places, settle
from sportello.orders.operations.working import Places, accept, chosen_items, take_order
from sportello.orders.states import TRANSITIONS, Effect, State, StepKind

Result = Mapping[str, str]
"""What the work brought, by the keys of the effect."""


class ItemRefused(InvalidInput):
    """The inventory refuses an item, so that nothing of the order was completed; says which item and why."""

    def __init__(self, item: OrderItem, refusal: Refusal) -> None:
        """Take the item and why it was refused."""
        name = queries.shown_number(item.number) or str(item.place)
        field = refusal.field if isinstance(refusal, InvalidInput) and refusal.field else None
        super().__init__(f"{name}: {refusal}", field=field)


@operation(section=Section.CHANGES)
def complete_items(
    *,
    actor: Actor,
    order: Order,
    results: Mapping[int, Result] | None = None,
    items: Places = None,
    note: str = "",
    now: datetime,
) -> Order:
    """Complete items (None: all that are open) with what the work brought, by place. Raises `NotInHand`, `ItemRefused`, `HasEnded`."""
    row = locked(actor, order)
    rules.check_in_hand(actor, row)
    complete(actor, row, chosen_items(actor, row, items), results or {}, note=note, now=now)
    return row


@operation(section=Section.CHANGES)
def complete_orders(*, actor: Actor, order_ids: Sequence[int], note: str = "", now: datetime) -> int:
    """Complete many orders at once, all or none; what nobody has in hand is taken first. Return how many items were completed.

    Orders whose work must bring something (a number, a SIM) are refused: their results come by page or by file. Raises `NotFound`,
    `WrongState` that names the order.
    """
    rules.check_works(actor)
    wanted = sorted(set(order_ids))
    rows = list(queries.to_work_on(actor).filter(pk__in=wanted).order_by("pk"))
    if not wanted or len(rows) != len(wanted):
        raise NotFound
    return sum(_completed_whole(actor, row, note, now) for row in rows)


def _completed_whole(actor: Actor, order: Order, note: str, now: datetime) -> int:
    try:
        row = take_order(actor=actor, order=order, now=now) if order.assignee_id is None else locked(actor, order)
        rules.check_in_hand(actor, row)
        items = chosen_items(actor, row, None)
        complete(actor, row, items, {}, note=note, now=now)
    except InvalidInput as refusal:
        raise InvalidInput(f"{order.code}: {refusal}") from refusal
    except WrongState as refusal:
        raise WrongState(f"{order.code}: {refusal}") from refusal
    return len(items)


def complete(
    actor: Actor, row: Order, items: Sequence[OrderItem], results: Mapping[int, Result], *, note: str, now: datetime
) -> None:
    """Complete items of an order that is held by `locked` (inside an operation)."""
    if row.state == State.SUBMITTED:
        accept(actor, row, now=now)
        fresh = {one.place: one for one in queries.open_items(actor, row)}
        items = [fresh[one.place] for one in items]
    for item in items:
        _complete(actor, row, item, results.get(item.place, {}), now)
    settle(row, now=now)
    said = rules.check_note(note, needed=False)
    append(row, StepKind.COMPLETED, actor, now=now, note=said, data=places(items))


def _complete(actor: Actor, row: Order, item: OrderItem, result: Result, now: datetime) -> None:
    try:
        brought = rules.check_result(Effect(item.effect), result)
        line = bring_about(actor, row, item, brought, now=now)
    except (InvalidInput, WrongState, NotFound) as refusal:
        raise ItemRefused(item, refusal) from refusal
    kept = {key: value for key, value in brought.items() if key != "puk"}  # the PUK lies encrypted with the SIM alone
    also: dict[str, Any] = {"result": kept, "ended_at": now}
    if line is not None and item.line_id is None:
        also |= {"number": line.number, "result": kept | {"line": line.pk}}
    advance(item, State.COMPLETED, transitions=TRANSITIONS, **also)
