"""Drafts: what is asked for, before it is sent. Nothing of a draft reaches the operator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.states import advance
from sportello.orders import queries, rules
from sportello.orders.events import DraftDiscarded, OrderDrafted
from sportello.orders.models import Order, OrderFile, OrderForm
from sportello.orders.operations.moving import locked
from sportello.orders.states import TRANSITIONS, State, Subject
from sportello.orders.types import AskedRow, HandedIn, Request
from sportello.parties.models import Organisation

MOST_ROWS = 5_000
Files = Mapping[str, HandedIn]
"""Documents by the keys of their questions."""


@operation(section=Section.CHANGES)
def draft_order(
    *,
    actor: Actor,
    customer: Organisation,
    form: OrderForm,
    request: Request,
    key: str,
    files: Files | None = None,
    now: datetime,
) -> Order:
    """Begin an order; nothing is sent yet. The same `key` with the same contents gives the same draft (ABUSE I10).

    Other contents under the key change the draft; once it was sent they are refused. Raises `NotPermitted`, `InvalidInput`, `SentAlready`.
    """
    rules.check_can_ask(actor, form)
    _check_rows(form, request.rows)
    own_key = f"{customer.pk}:{key}"[:80]
    known = Order.objects.for_(actor).filter(key=own_key).first()
    if known is not None:
        return _again(actor, known, request, files or {}, now)
    row = Order(
        organisation=customer,
        type=form.type,
        form=form,
        key=own_key,
        opened_at=now,
        opened_by_id=actor.person_id,
        changed_at=now,
        submitted_at=now,
        expected_date=rules.expected_on(queries.calendar(), submitted_at=now, days=form.expected_days),
    )
    row.draft, row.fingerprint = _kept(row, request, files or {})
    row.item_count = len(request.rows)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:  # the same form, a moment ago
        known = Order.objects.for_(actor).filter(key=own_key).first()
        if known is None:
            raise rules.SentAlready from taken
        return _again(actor, known, request, files or {}, now)
    _hand_in(row, files or {}, now)
    _told(row)
    return row


@operation(section=Section.CHANGES)
def change_draft(*, actor: Actor, draft: Order, request: Request, files: Files | None = None, now: datetime) -> Order:
    """Change what a draft asks for. Raises `NotFound` for another's, `SentAlready`, `InvalidInput` at the field."""
    row = locked(actor, queries.begun_of(actor, draft.pk))
    _check_rows(row.form, request.rows)
    changed = _again(actor, row, request, files or {}, now)
    _told(changed)
    return changed


@operation(section=Section.CHANGES)
def leave_out(*, actor: Actor, draft: Order, places: Sequence[int], now: datetime) -> Order:
    """Take the rows at these places out of a draft. Raises `InvalidInput` when none would be left."""
    row = locked(actor, queries.draft_of(actor, draft.pk))
    request = request_of(row)
    kept = [one for place, one in enumerate(request.rows, 1) if place not in set(places)]
    return change_draft(actor=actor, draft=row, request=replace(request, rows=kept), now=now)


@operation(section=Section.CHANGES)
def discard_draft(*, actor: Actor, draft: Order, now: datetime) -> None:
    """Throw a draft away, with what was typed in it. Raises `NotFound`."""
    row = locked(actor, queries.draft_of(actor, draft.pk))
    advance(row, State.CANCELLED, transitions=TRANSITIONS, draft="", ended_at=now, changed_at=now)
    publish(
        DraftDiscarded(organisation_id=row.organisation_id, subject_type="order", subject_id=row.pk, type=row.type.code)
    )


def request_of(draft: Order) -> Request:
    """Return what a draft asks for."""
    return Request.read(json.loads(draft.draft)) if draft.draft else Request(rows=())


def _check_rows(form: OrderForm, rows: Sequence[AskedRow]) -> None:
    if not rows:
        raise rules.no_row()
    if len(rows) > MOST_ROWS:
        raise rules.too_many_rows(MOST_ROWS)
    with_line = queries.subject_of(form) is Subject.LINE
    if any((row.line_id is not None) != with_line for row in rows):
        raise InvalidInput
    if queries.subject_of(form) is Subject.ORGANISATION and len(rows) > 1:
        raise InvalidInput


def _again(actor: Actor, row: Order, request: Request, files: Files, now: datetime) -> Order:
    kept, fingerprint = _kept(row, request, files)
    if row.state != State.DRAFT:
        if fingerprint == row.fingerprint and not files:
            return row
        raise rules.SentAlready
    if row.opened_by_id != actor.person_id:
        raise rules.SentAlready
    row.draft, row.fingerprint, row.item_count, row.changed_at = kept, fingerprint, len(request.rows), now
    row.save(update_fields=["draft", "fingerprint", "item_count", "changed_at"])
    _hand_in(row, files, now)
    return row


def _kept(row: Order, request: Request, files: Files) -> tuple[str, str]:
    """Return a request as a draft keeps it, and its fingerprint: of what is asked, of the version of the form, of files handed in now."""
    text = json.dumps(request.stored(), sort_keys=True, ensure_ascii=False)
    hashes = sorted((key, hashlib.sha256(one.content).hexdigest()) for key, one in files.items())
    whole = json.dumps([row.organisation_id, row.type.code, row.form.version, text, hashes], ensure_ascii=False)
    return text, hashlib.sha256(whole.encode()).hexdigest()


def _hand_in(row: Order, files: Files, now: datetime) -> None:
    for key, one in files.items():
        kind = rules.check_file(one.content, field=key)
        OrderFile.objects.create(
            organisation_id=row.organisation_id,
            order=row,
            key=key,
            name=" ".join(one.name.replace("\x00", "").split())[-120:] or "file",
            content_type=kind,
            content=one.content,
            sha256=hashlib.sha256(one.content).hexdigest(),
            handed_in_at=now,
        )


def _told(row: Order) -> None:
    publish(
        OrderDrafted(organisation_id=row.organisation_id, subject_type="order", subject_id=row.pk, type=row.type.code)
    )
