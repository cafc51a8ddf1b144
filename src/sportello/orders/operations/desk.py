"""The operator's set-up: types with their forms, and queues; and the customer's wish for approval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotPermitted, WrongState
from sportello.orders import queries, rules
from sportello.orders.events import ApprovalSet, OrderQueueEdited, OrderTypeEdited
from sportello.orders.models import OrderForm, OrderOptions, OrderQueue, OrderType
from sportello.orders.states import Check, Effect
from sportello.orders.types import LANGUAGES, Labels, Question
from sportello.parties.models import Organisation


@operation(section=Section.OPERATIONS)
def make_type(*, actor: Actor, code: str, names: Labels, effect: Effect, queue: OrderQueue, now: datetime) -> OrderType:
    """Make a type, not in use yet, with the questions that its effect needs; the code stays. Raises `NotPermitted`, `InvalidInput`."""
    _check_sets_up(actor)
    rules.check_type(code=code, names=names)
    questions = [
        Question(
            key=key, kind=kind, label=dict.fromkeys(LANGUAGES, str(kind.label)), required=True, choices=_first(key)
        )
        for key, kind in rules.SPECS[effect].asked.items()
    ]
    try:
        with transaction.atomic():
            row = OrderType.objects.create(code=code, names=dict(names), active=False)
    except IntegrityError as taken:
        raise InvalidInput(_("Another type has this code."), field="code") from taken
    facts = _facts(effect=effect, questions=questions, checks=(), asked_by=rules.ASKERS, queue=queue, days=5)
    _write_form(actor, row, version=1, facts=facts, now=now)
    return row


def _first(key: str) -> Sequence[tuple[str, Labels]]:
    other = {"it": "Altro", "es": "Otro", "en": "Other"}
    return (("other", other),) if key == "why" else ()


@operation(section=Section.OPERATIONS)
def edit_type(
    *,
    actor: Actor,
    kind: OrderType,
    names: Labels,
    active: bool,
    position: int,
    effect: Effect,
    questions: Sequence[Question],
    checks: Sequence[Check],
    asked_by: Sequence[str],
    queue: OrderQueue,
    expected_days: int,
    now: datetime,
) -> OrderForm:
    """Edit a type; what it asks, checks or changes makes a new version, and orders keep theirs. Raises `NotPermitted`, `InvalidInput`."""
    _check_sets_up(actor)
    rules.check_type(code=kind.code, names=names)
    rules.check_form(effect=effect, questions=questions, checks=checks, asked_by=asked_by, days=expected_days)
    row = OrderType.objects.select_for_update().get(pk=kind.pk)
    row.names, row.active, row.position = dict(names), active, position
    row.save(update_fields=["names", "active", "position"])
    newest = queries.newest_form(row)
    facts = _facts(
        effect=effect, questions=questions, checks=checks, asked_by=asked_by, queue=queue, days=expected_days
    )
    if facts == {name: getattr(newest, name) for name in facts}:
        _type_told(row, newest.version)
        return newest
    return _write_form(actor, row, version=newest.version + 1, facts=facts, now=now)


def _facts(
    *,
    effect: Effect,
    questions: Sequence[Question],
    checks: Sequence[str],
    asked_by: Sequence[str],
    queue: OrderQueue,
    days: int,
) -> dict[str, object]:
    return {
        "effect": effect.value,
        "fields": [one.stored() for one in questions],
        "checks": [str(one) for one in checks],
        "asked_by": [str(one) for one in asked_by],
        "queue_id": queue.pk,
        "expected_days": days,
    }


def _write_form(actor: Actor, row: OrderType, *, version: int, facts: dict[str, Any], now: datetime) -> OrderForm:
    form: OrderForm = OrderForm.objects.create(
        type=row, version=version, made_at=now, made_by_id=actor.person_id, **facts
    )
    _type_told(row, version)
    return form


@operation(section=Section.OPERATIONS)
def set_queue(*, actor: Actor, queue: OrderQueue | None, code: str, names: Labels, position: int) -> OrderQueue:
    """Write a queue (None: a new one); its code stays. Raises `NotPermitted`, `InvalidInput`."""
    _check_sets_up(actor)
    rules.check_type(code=queue.code if queue else code, names=names)
    row = queue or OrderQueue(code=code)
    row.names, row.position = dict(names), position
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as taken:
        raise InvalidInput(_("Another queue has this code."), field="code") from taken
    publish(OrderQueueEdited(organisation_id=None, subject_type="order_queue", subject_id=row.pk, queue=row.code))
    return row


@operation(section=Section.CHANGES)
def set_approval(*, actor: Actor, customer: Organisation, on: bool) -> None:
    """Say whether a second administrator approves a customer's orders. The customer switches it on; only the operator switches it off,
    so that who would need the approval cannot take it away. Raises `NotPermitted`, `WrongState` where there is no second administrator.
    """  # noqa: D205
    if not on and actor.reach is not Reach.ALL:
        raise NotPermitted(_("Only the operator switches this off: ask for it."))
    if on and len(queries.administrators_of(customer.pk)) < 2:  # noqa: PLR2004 - who asks and who approves
        raise WrongState(_("There must be two administrators: one asks, the other approves."))
    rows = OrderOptions.objects.for_(actor).filter(organisation=customer)
    if not rows.update(approval=on):
        OrderOptions.objects.create(organisation=customer, approval=on)
    publish(ApprovalSet(organisation_id=customer.pk, subject_type="organisation", subject_id=customer.pk, on=on))


def _check_sets_up(actor: Actor) -> None:
    if actor.reach is not Reach.ALL:
        raise NotPermitted


def _type_told(kind: OrderType, version: int) -> None:
    publish(
        OrderTypeEdited(
            organisation_id=None, subject_type="order_type", subject_id=kind.pk, type=kind.code, version=version
        )
    )
