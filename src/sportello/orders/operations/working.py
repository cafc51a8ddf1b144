"""The operator's work on orders: accept, take, hand over, ask the customer, wait, go on, reject, note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import change_if
from sportello.orders import queries, rules
from sportello.orders.models import Order, OrderItem
from sportello.orders.operations.moving import append, locked, move_items, places, settle
from sportello.orders.states import OPEN, State, StepKind

Places = Sequence[int] | None
"""Which items of an order: their places; None for all that are open."""


@operation(section=Section.CHANGES)
def take_order(*, actor: Actor, order: Order, now: datetime) -> Order:
    """Take an order in hand, and accept it where nobody has. Of two agents at once one wins, the other is told who.

    Raises `TakenAlready`, `HasEnded`; `NotPermitted` to all but the operator.
    """
    rules.check_works(actor)
    row = locked(actor, order)
    rules.check_can_take(row)
    if not change_if(row, {"assignee_id": None}, assignee_id=actor.person_id):
        raise rules.TakenAlready
    row = locked(actor, order)
    append(row, StepKind.TAKEN, actor, now=now)
    if row.state == State.SUBMITTED:
        accept(actor, row, now=now)
    return row


@operation(section=Section.CHANGES)
def hand_over(*, actor: Actor, order: Order, to: Person | None, note: str = "", now: datetime) -> Order:
    """Give an order to another of the operator's people, or back to its queue (None). Raises `HasEnded`, `InvalidInput`."""
    rules.check_works(actor)
    row = locked(actor, order)
    if row.state not in OPEN:
        raise rules.HasEnded
    if to is not None and to.pk not in {one.pk for one in queries.people_to_work()}:
        raise InvalidInput(_("Choose one of the operator's people who work on orders."), field="to")
    row.assignee = to
    row.save(update_fields=["assignee"])
    said = rules.check_note(note, needed=False)
    append(row, StepKind.HANDED_OVER, actor, now=now, note=said, data={"to": to.name if to else ""})
    if row.state == State.SUBMITTED and to is not None:
        accept(actor, row, now=now)
    return row


@operation(section=Section.CHANGES)
def start_work(*, actor: Actor, order: Order, now: datetime) -> Order:
    """Begin to work on an order, or go on after a wait. Raises `NotInHand`, `TakenAlready`, `NoSuchTransition`."""
    row = locked(actor, order)
    rules.check_in_hand(actor, row)
    kind = StepKind.STARTED if row.state == State.ACCEPTED else StepKind.RESUMED
    items = [one for one in queries.open_items(actor, row) if one.state != State.IN_PROGRESS]
    return _moved(actor, row, items, State.IN_PROGRESS, kind=kind, note="", now=now)


@operation(section=Section.CHANGES)
def ask_customer(*, actor: Actor, order: Order, question: str, items: Places = None, now: datetime) -> Order:
    """Ask the customer something: the order waits for the answer, and its expected day with it. Raises `NotInHand`, `InvalidInput`."""
    row = locked(actor, order)
    rules.check_in_hand(actor, row)
    said = rules.check_note(question, field="question")
    chosen = [one for one in chosen_items(actor, row, items) if one.state != State.WAITING_CUSTOMER]
    return _moved(actor, row, chosen, State.WAITING_CUSTOMER, kind=StepKind.QUESTION, note=said, now=now)


@operation(section=Section.CHANGES)
def wait_for_third(*, actor: Actor, order: Order, note: str, items: Places = None, now: datetime) -> Order:
    """Let an order wait for a third party; its expected day stays. Raises `NotInHand`, `InvalidInput`."""
    row = locked(actor, order)
    rules.check_in_hand(actor, row)
    said = rules.check_note(note)
    chosen = [one for one in chosen_items(actor, row, items) if one.state != State.WAITING_THIRD]
    return _moved(actor, row, chosen, State.WAITING_THIRD, kind=StepKind.THIRD_PARTY, note=said, now=now)


@operation(section=Section.CHANGES)
def reject_items(*, actor: Actor, order: Order, reason: str, items: Places = None, now: datetime) -> Order:
    """Reject items of an order with the reason, which the customer reads. Raises `NotInHand`, `HasEnded`, `InvalidInput`."""
    row = locked(actor, order)
    rules.check_in_hand(actor, row)
    return reject(actor, row, chosen_items(actor, row, items), reason, now=now)


@operation(section=Section.CHANGES)
def add_note(*, actor: Actor, order: Order, note: str, now: datetime) -> Order:
    """Write a note that the operator's people alone see. Raises `NotPermitted`, `InvalidInput`."""
    rules.check_works(actor)
    row = locked(actor, order)
    append(row, StepKind.NOTE, actor, now=now, note=rules.check_note(note))
    return row


def accept(actor: Actor, row: Order, *, now: datetime) -> None:
    """Accept an order that is held by `locked` (inside an operation)."""
    move_items([one for one in queries.open_items(actor, row) if one.state == State.SUBMITTED], State.ACCEPTED, now=now)
    settle(row, now=now)
    append(row, StepKind.ACCEPTED, actor, now=now)


def reject(actor: Actor, row: Order, items: Sequence[OrderItem], reason: str, *, now: datetime) -> Order:
    """Reject items of an order that is held by `locked` (inside an operation)."""
    why = rules.check_note(reason, field="reason", longest=rules.LONGEST_REASON)
    move_items(items, State.REJECTED, now=now, reason=why)
    settle(row, now=now)
    append(row, StepKind.REJECTED, actor, now=now, note=why, data=places(items))
    return row


def chosen_items(actor: Actor, row: Order, wanted: Places) -> list[OrderItem]:
    """Return the open items at these places (None: all). Raises `InvalidInput` for a place that has none, `HasEnded` for none at all."""
    found = queries.open_items(actor, row)
    if wanted is not None:
        found = [one for one in found if one.place in set(wanted)]
        if len(found) != len(set(wanted)):
            raise InvalidInput(_("One of these items has ended already. Reload the page."), field="items")
    if not found:
        raise rules.HasEnded
    return found


def _moved(
    actor: Actor, row: Order, items: Sequence[OrderItem], to: State, *, kind: StepKind, note: str, now: datetime
) -> Order:
    move_items(items, to, now=now)
    settle(row, now=now)
    append(row, kind, actor, now=now, note=note, data=places(items))
    return row
