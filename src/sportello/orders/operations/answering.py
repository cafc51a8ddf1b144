"""The customer's part once an order is sent: answering a question, cancelling while it is allowed, taking a document out."""

from __future__ import annotations

from datetime import datetime

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.orders import queries, rules
from sportello.orders.events import FileTaken
from sportello.orders.models import Order, OrderFile
from sportello.orders.operations.moving import append, locked, move_items, places, settle
from sportello.orders.operations.working import Places, chosen_items
from sportello.orders.states import State, StepKind


@operation(section=Section.CHANGES)
def answer_question(*, actor: Actor, order: Order, answer: str, now: datetime) -> Order:
    """Answer the operator's question: the work goes on, and the expected day moves by the days waited. Raises `NotWaitingForYou`."""
    row = locked(actor, order)
    if row.state != State.WAITING_CUSTOMER:
        raise rules.NotWaitingForYou
    said = rules.check_note(answer, field="answer")
    items = [one for one in queries.open_items(actor, row) if one.state == State.WAITING_CUSTOMER]
    move_items(items, State.IN_PROGRESS, now=now)
    settle(row, now=now)
    append(row, StepKind.ANSWER, actor, now=now, note=said, data=places(items))
    return row


@operation(section=Section.CHANGES)
def cancel_items(*, actor: Actor, order: Order, reason: str = "", items: Places = None, now: datetime) -> Order:
    """Cancel items of an order (None: all that are open) while it is allowed. Raises `HasEnded`, `TooLateToCancel`, `InvalidInput`."""
    row = locked(actor, order)
    chosen = chosen_items(actor, row, items)
    rules.check_can_cancel(actor, [one.state for one in chosen])
    why = rules.check_note(reason, needed=False, field="reason", longest=rules.LONGEST_REASON)
    move_items(chosen, State.CANCELLED, now=now, reason=why)
    settle(row, now=now)
    append(row, StepKind.CANCELLED, actor, now=now, note=why, data=places(chosen))
    return row


@operation(section=Section.ORDER_TRACKING, viewer_too=True)
def take_file(*, actor: Actor, order: Order, pk: int) -> OrderFile:
    """Return a document of an order with its content, and put on record who took it. Raises `NotFound`."""
    file = queries.file_of(actor, order, pk)
    publish(
        FileTaken(
            organisation_id=order.organisation_id,
            subject_type="order",
            subject_id=order.pk,
            name=file.name,
            code=order.code or "",
        )
    )
    return file
