"""Texts on their way: claimed from the outbox, cut into parts, and what the centre said of each part."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_noop

from sportello.kernel.scope import ScopedQuerySet
from sportello.kernel.sentences import kept, together, untranslated
from sportello.kernel.states import advance
from sportello.messaging import catalogue, outbox, queries, rendering, rules
from sportello.messaging.channels.sms.segmentation import EmptyText, Segments, TextTooLong, segment
from sportello.messaging.channels.sms.types import (
    InboundSms,
    InDoubt,
    LinkDown,
    LinkUp,
    OutPart,
    PartRef,
    Receipt,
    ReceiptState,
    Refused,
    Sender,
    SmsEvent,
    Submitted,
)
from sportello.messaging.delivery import budget
from sportello.messaging.models import Message, MessagePart, ReceivedText, StoredReceipt
from sportello.messaging.states import ENDED, TRANSITIONS, PartState, State

log = logging.getLogger(__name__)

CANNOT_WRITE: Final = (*rendering.CANNOT_RENDER, EmptyText, TextTooLong)
LEASE: Final = timedelta(minutes=2)
"""Longer than the centre may take to answer; after it, what was not handed over is taken by the next sender."""
RECEIPTS_WAIT: Final = timedelta(days=7)
_REASON: Final = "the outbox serves every tenant"
DELIVERY: Final = "the state of a message, kept on its own row"


def claim(*, now: datetime, most: int) -> list[OutPart]:
    """Take due texts, urgent ones first, mark them as being sent, and return their parts that are still to go.

    Two senders never take the same text. What expired, may not be texted any more or finds its budget spent, fails here.
    """
    sender = Sender.of(settings.SPORTELLO["SMS_SENDER"])
    with transaction.atomic():
        return [part for message in _due(now, most) for part in _prepare(message, sender, now)]


def mark_handed(parts: Iterable[OutPart]) -> None:
    """Mark parts as handed over, just before they are: if we die now, they are in doubt and not sent again blindly."""
    for part in parts:
        MessagePart.objects.filter(message_id=part.ref.pk, number=part.ref.part).update(state=PartState.HANDED)


def record(event: SmsEvent, *, now: datetime) -> None:
    """Write down what the centre said; the same thing said twice changes nothing."""
    with transaction.atomic():
        match event:
            case Submitted():
                _submitted(event, now=now)
            case Refused():
                _refused(event, now=now)
            case InDoubt():
                _in_doubt(event.ref, event.reason, now=now)
            case Receipt():
                _receipt(event, now=now)
            case InboundSms():
                _received(event, now=now)
            case LinkUp() | LinkDown():
                pass  # the sender itself shows its link


def recover(*, now: datetime) -> int:
    """Take over the texts of a sender that died: what it had handed over is in doubt, the rest waits again."""
    left = _messages().filter(channel="sms", state=State.SENDING, leased_until__lt=now)
    for message in list(left):
        with transaction.atomic():
            for part in MessagePart.objects.filter(message=message, state=PartState.HANDED):
                _in_doubt(
                    PartRef(message.pk, part.number),
                    gettext_noop("The sender stopped before the answer came."),
                    now=now,
                )
            _settle(message.pk, now=now)
    return len(left)


def match_receipts(*, now: datetime) -> int:
    """Give receipts that came before the answer to the part that it named since; return how many found theirs."""
    found = 0
    for receipt in StoredReceipt.objects.filter(part=None, received_at__gt=now - RECEIPTS_WAIT)[:1000]:
        with transaction.atomic():
            part = _part_named(receipt.provider_id)
            if part is not None:
                _apply(receipt, part, now=now)
                found += 1
    return found


# Claiming.


def _due(now: datetime, most: int) -> list[Message]:
    rows = _messages().filter(channel="sms", state=State.QUEUED, next_try_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.defer("secret").order_by("-urgent", "next_try_at")[:most])


def _prepare(message: Message, sender: Sender, now: datetime) -> list[OutPart]:
    if now >= message.expires_at:
        return _fail(message, gettext_noop("It could not be sent in time."), now=now)
    try:
        rules.check_can_text(message.address, prefixes=queries.allowed_prefixes())
        parts = list(MessagePart.objects.filter(message=message).order_by("number"))
        segments = None if parts else _segments(message)
    except rules.NumberNotReachable as refusal:
        return _fail(message, untranslated(refusal.sentence), now=now)
    except CANNOT_WRITE as error:
        # One text that cannot be written must not hold up the others.
        log.warning("message %s cannot be written: %s", message.pk, type(error).__name__)
        return _fail(message, kept(gettext_noop("It cannot be written (%(why)s)."), why=type(error).__name__), now=now)
    if segments is not None:
        bucket = budget.charge(message, len(segments.parts), now=now)
        if bucket is not None:
            return _fail(message, outbox.budget_answer(bucket), now=now)
        parts = MessagePart.objects.bulk_create(_rows(message, segments))
    advance(
        message,
        State.SENDING,
        transitions=TRANSITIONS,
        untold=DELIVERY,
        tries=message.tries + 1,
        leased_until=now + LEASE,
        secret=None,
        text=message.text,
    )
    return [_out(message, part, sender, now=now) for part in parts if part.state == PartState.READY]


def _segments(message: Message) -> Segments:
    # The octets are kept, encrypted, until the centre took them: each try sends the same parts, whatever was edited since.
    values = message.context | json.loads(message.secret or "{}")
    message.text = queries.rendered(message, values, show_secrets=False).text
    return segment(queries.rendered(message, values, show_secrets=True).text, reference=message.pk)


def _rows(message: Message, segments: Segments) -> list[MessagePart]:
    return [
        MessagePart(
            message=message,
            number=number,
            data_coding=segments.data_coding,
            esm_class=segments.esm_class,
            octets=octets.hex(),
        )
        for number, octets in enumerate(segments.parts)
    ]


def _out(message: Message, part: MessagePart, sender: Sender, *, now: datetime) -> OutPart:
    return OutPart(
        ref=PartRef(message.pk, part.number),
        sender=sender,
        to=message.address,
        data_coding=part.data_coding,
        esm_class=part.esm_class,
        octets=bytes.fromhex(part.octets),
        validity=max(message.expires_at - now, timedelta(minutes=1)),
    )


def _fail(message: Message, answer: str, *, now: datetime) -> list[OutPart]:
    MessagePart.objects.filter(message=message).update(octets="")
    also: dict[str, Any] = {"answer": answer[:500], "ended_at": now, "secret": None, "leased_until": None}
    advance(message, State.FAILED, transitions=TRANSITIONS, untold=DELIVERY, **also)
    return []


# Events of the centre.


def _submitted(event: Submitted, *, now: datetime) -> None:
    part = _part(event.ref)
    if part is None or part.state not in {PartState.HANDED, PartState.IN_DOUBT, PartState.READY}:
        return
    _change(part, PartState.SUBMITTED, provider_id=event.message_id, octets="", answer="")
    _settle(part.message_id, now=now)
    for receipt in StoredReceipt.objects.filter(part=None, provider_id=event.message_id).order_by("pk"):
        _apply(receipt, part, now=now)


def _refused(event: Refused, *, now: datetime) -> None:
    part = _part(event.ref)
    if part is None or part.state not in {PartState.HANDED, PartState.READY}:
        return
    if event.later:
        _change(part, PartState.READY, answer=event.status[:200])
    else:
        _change(part, PartState.FAILED, answer=event.status[:200], octets="")
    _settle(part.message_id, now=now)


def _in_doubt(ref: PartRef, reason: str, *, now: datetime) -> None:
    part = _part(ref)
    if part is None or part.state != PartState.HANDED:
        return
    if catalogue.find(part.message.template).repeats:
        _change(part, PartState.READY, answer=reason[:200])  # the same code twice harms nobody, no code does
    else:
        _change(part, PartState.IN_DOUBT, answer=reason[:200], octets="")
    _settle(part.message_id, now=now)


def _receipt(event: Receipt, *, now: datetime) -> None:
    receipt = StoredReceipt.objects.create(
        provider_id=event.message_id[:80], state=event.state, error=event.error[:20], received_at=now
    )
    part = _part_named(receipt.provider_id)
    if part is not None:
        _apply(receipt, part, now=now)


def _apply(receipt: StoredReceipt, part: MessagePart, *, now: datetime) -> None:
    StoredReceipt.objects.filter(pk=receipt.pk).update(part=part)
    state = ReceiptState(receipt.state)
    if not state.is_final or part.state not in {PartState.SUBMITTED, PartState.IN_DOUBT}:
        return
    delivered = state is ReceiptState.DELIVERED
    answer = " ".join(filter(None, (receipt.state, receipt.error)))
    _change(part, PartState.DELIVERED if delivered else PartState.FAILED, answer=answer)
    _settle(part.message_id, now=now)


def _received(event: InboundSms, *, now: datetime) -> None:
    ReceivedText.objects.create(
        sender=event.sender[:25],
        to=event.to[:25],
        text=event.text,
        reference=event.reference,
        total=event.total,
        number=event.number,
        received_at=now,
    )


def _settle(message_id: int, *, now: datetime) -> None:
    """Bring the message to the state that its parts give."""
    message = _messages().get(pk=message_id)
    parts = list(MessagePart.objects.filter(message=message).order_by("number"))
    state = rules.state_of([part.state for part in parts])
    if state == message.state or state not in TRANSITIONS[message.state]:
        return
    answers = list(dict.fromkeys(part.answer for part in parts if part.answer))
    also: dict[str, Any] = {"leased_until": None, "answer": together(answers)[:500]}
    if state == State.QUEUED:
        also["next_try_at"] = now + rules.pause_after(message.tries)
    if state == State.SENT or (state == State.DELIVERED and message.sent_at is None):
        also["sent_at"] = now
    if state in ENDED:
        also["ended_at"] = now
        MessagePart.objects.filter(message=message).update(octets="")
    advance(message, state, transitions=TRANSITIONS, untold=DELIVERY, **also)


def _messages() -> ScopedQuerySet[Message]:
    return Message.objects.across_tenants(reason=_REASON)


def _part(ref: PartRef) -> MessagePart | None:
    return MessagePart.objects.select_related("message").filter(message_id=ref.pk, number=ref.part).first()


def _part_named(provider_id: str) -> MessagePart | None:
    # A centre may use an id again after a while: the newest part is meant.
    if not provider_id:
        return None
    return MessagePart.objects.select_related("message").filter(provider_id=provider_id).order_by("-pk").first()


def _change(part: MessagePart, state: PartState, **also: object) -> None:
    part.state = state
    for name, value in also.items():
        setattr(part, name, value)
    part.save(update_fields=["state", *also])
