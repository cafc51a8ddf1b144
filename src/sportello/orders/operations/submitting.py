"""Sending an order: judged anew, numbered, its items and history begun, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_day
from sportello.kernel.operations import operation
from sportello.kernel.refusals import WrongState
from sportello.kernel.states import StateChanged, advance
from sportello.orders import chain, queries, rules
from sportello.orders.models import Order, OrderForm, OrderItem, OrderNumber
from sportello.orders.operations.drafting import draft_order, request_of
from sportello.orders.operations.moving import append, locked, move_items
from sportello.orders.queries.judging import Fault, Planned
from sportello.orders.states import TRANSITIONS, Check, State, StepKind
from sportello.orders.types import Request, hanging_on
from sportello.parties.models import Organisation


class CannotBeSent(WrongState):
    """Some rows cannot be asked for, so that nothing is; `faults` says which and why."""

    default = _("Some of it cannot be asked for as it stands, so nothing was sent. Look at what is marked.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = faults


class NumbersNotProven(WrongState):
    """The code by SMS is missing."""

    default = _("Prove the number with the code that is sent to it by SMS.")


class WarningsNotRead(WrongState):
    """What hangs on the lines was not confirmed."""

    default = _("Confirm that you have read what hangs on these lines.")


@operation(section=Section.CHANGES)
def submit_order(*, actor: Actor, draft: Order, seen: str, warned: bool = False, now: datetime) -> Order:
    """Send a draft as it was seen (`seen`: its fingerprint); it gets its code, its items, its expected day. Twice gives the same order.

    All rows or none. Where the customer wants it, a second administrator approves first. `warned`: what hangs on the lines was read.
    Raises `StateChanged` when the draft is not what was seen, `CannotBeSent` with the faults, `NumbersNotProven`, `WarningsNotRead`.
    """
    row = locked(actor, queries.begun_of(actor, draft.pk))
    if row.fingerprint != seen:
        raise StateChanged
    if row.code is not None:
        return row
    rules.check_can_ask(actor, row.form)
    judged = queries.judge(actor, queries.about_draft(actor, row), request_of(row), now=now)
    if row.state != State.DRAFT:
        raise StateChanged
    if judged.faults:
        raise CannotBeSent(judged.faults)
    if judged.unproven:
        raise NumbersNotProven
    if not warned and warnings_of(actor, row.form, judged.items):
        raise WarningsNotRead
    return _sent(actor, row, judged.items, now)


def place_order(
    *, actor: Actor, customer: Organisation, form: OrderForm, request: Request, key: str, now: datetime
) -> Order:
    """Draft and send in one; the same key with the same contents gives the same order, with others it is refused (ABUSE I10).

    Who calls has shown what hangs on the lines. Raises what `draft_order` and `submit_order` raise.
    """
    row = draft_order(actor=actor, customer=customer, form=form, request=request, key=key, now=now)
    return submit_order(actor=actor, draft=row, seen=row.fingerprint, warned=True, now=now)


def warnings_of(actor: Actor, form: OrderForm, items: Sequence[Planned]) -> dict[int, list[str]]:
    """Return what hangs on the lines that are to be ended or to leave, in sentences by the ids of the lines (DOMAIN §8.2)."""
    ids = [item.line.pk for item in items if item.line is not None]
    if not form.has_check(Check.HANGING) or not ids:
        return {}
    found = hanging_on(actor, ids)
    for line_id, codes in queries.open_on_lines(actor, ids).items():
        sentence = _("open orders: %(codes)s") % {"codes": ", ".join(codes)}
        found.setdefault(line_id, []).append(str(sentence))
    return found


@operation(section=Section.CHANGES)
def approve_order(*, actor: Actor, order: Order, note: str = "", now: datetime) -> Order:
    """Approve an order of the own organisation as its second administrator; it is sent from now on. Raises `SecondPerson`, `WrongState`."""
    row = locked(actor, order)
    rules.check_can_approve(actor, row, same_hands=queries.in_same_hands(actor, row))
    items = queries.open_items(actor, row)
    move_items(items, State.SUBMITTED, now=now)
    advance(row, State.SUBMITTED, transitions=TRANSITIONS, approver_id=actor.person_id, **_expected(row, now))
    append(row, StepKind.APPROVED, actor, now=now, note=rules.check_note(note, needed=False))
    return row


@operation(section=Section.CHANGES)
def refuse_approval(*, actor: Actor, order: Order, reason: str, now: datetime) -> Order:
    """Refuse an order of the own organisation: it is never sent. Raises `SecondPerson`, `WrongState`, `InvalidInput`."""
    row = locked(actor, order)
    rules.check_can_approve(actor, row, same_hands=queries.in_same_hands(actor, row))
    why = rules.check_note(reason, field="reason", longest=rules.LONGEST_REASON)
    items = queries.open_items(actor, row)
    move_items(items, State.REJECTED, now=now, reason=why)
    advance(row, State.REJECTED, transitions=TRANSITIONS, approver_id=actor.person_id, ended_at=now)
    append(row, StepKind.REJECTED, actor, now=now, note=why)
    return row


def _sent(actor: Actor, row: Order, planned: Sequence[Planned], now: datetime) -> Order:
    asked_of_customer = actor.reach is not Reach.ALL and queries.needs_approval(row.organisation_id)
    to = State.APPROVAL if asked_of_customer else State.SUBMITTED
    items = [_item(row, one, to) for one in planned]
    try:
        with transaction.atomic():
            OrderItem.objects.bulk_create(items)
    except IntegrityError as busy:  # somebody ordered the same for one of the lines a moment ago
        judged = queries.judge(actor, queries.about_draft(actor, row), request_of(row), now=now)
        raise CannotBeSent(judged.faults) from busy
    also: dict[str, Any] = {"code": _next_code(now), "submitted_at": now, "item_count": len(items), "draft": ""}
    also |= _expected(row, now)  # what waits for an approval counts anew from that
    advance(row, to, transitions=TRANSITIONS, **also)
    row.head = chain.beginning(row, items)
    append(row, StepKind.ASKED, actor, now=now)
    return row


def _expected(row: Order, now: datetime) -> dict[str, Any]:
    days = row.form.expected_days
    return {"expected_date": rules.expected_on(queries.calendar(), submitted_at=now, days=days)}


def _item(row: Order, one: Planned, state: State) -> OrderItem:
    said = {
        key: {"value": answer.value, "shown": answer.shown} for key, answer in one.answers.items() if not answer.secret
    }
    masked = {key: {"shown": answer.shown} for key, answer in one.answers.items() if answer.secret}
    secrets = {key: answer.value for key, answer in one.answers.items() if answer.secret}
    return OrderItem(
        organisation_id=row.organisation_id,
        order=row,
        place=one.place,
        line=one.line,
        number=one.number,
        effect=row.form.effect,
        answers=said | masked,
        secrets=json.dumps(secrets, sort_keys=True) if secrets else "",
        state=state,
    )


def _next_code(now: datetime) -> str:
    """Return the next code of the year in which it is now at the operator's; the year's row is held to the end of the transaction."""
    year = local_day(now, queries.calendar().time_zone).year
    OrderNumber.objects.get_or_create(year=year)
    row = OrderNumber.objects.select_for_update().get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return rules.code_of(year, row.last)
