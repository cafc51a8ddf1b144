"""Delivering one mail: marked as being sent before it is handed over, tried again with growing pauses."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from sportello.kernel.sentences import kept
from sportello.kernel.states import StateChanged, advance
from sportello.messaging import queries, rendering, rules
from sportello.messaging.channels.email.types import Mailer, MailInDoubt, MailRefused, OutMail
from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.kinds.kind import INSTANCE_HEADER
from sportello.messaging.incoming.routes import open_reply_address
from sportello.messaging.models import Message
from sportello.messaging.rendering import Rendered
from sportello.messaging.states import TRANSITIONS, State

LEASE = timedelta(minutes=3)
"""Longer than an SMTP conversation can last; after it, another worker takes the mail over."""
DELIVERY: Final = "the state of a message, kept on its own row"


def deliver(message_id: int, *, mailer: Mailer, now: datetime) -> State:
    """Deliver a mail that is due, or was left behind by a worker that died; return the state it is left in.

    A second worker that comes at the same time does nothing. Every try carries the same Message-ID, so that a mail
    which arrived although we could not know is dropped by its receiver as a double.
    """
    _release(message_id, now=now)
    message = queries.for_delivery(message_id)
    if not _claim(message, now=now):
        return State(message.state)
    if now >= message.expires_at:
        return _end(message, State.FAILED, gettext_noop("It could not be sent in time."), now=now)
    try:
        record, out = _written(message)
    except rendering.CANNOT_RENDER as error:
        return _end(
            message,
            State.FAILED,
            kept(gettext_noop("It cannot be written (%(why)s)."), why=type(error).__name__),
            now=now,
        )
    return _hand_over(message, out, record, mailer=mailer, now=now)


def _hand_over(message: Message, out: OutMail, record: Rendered, *, mailer: Mailer, now: datetime) -> State:
    try:
        answer = mailer.send(out)
    except MailRefused as refusal:
        if refusal.later:
            return _try_later(message, refusal.answer, now=now)
        return _end(message, State.FAILED, refusal.answer, now=now, record=record)
    except MailInDoubt as doubt:
        return _try_later(message, doubt.answer, now=now)
    return _end(message, State.SENT, answer, now=now, record=record)


def _claim(message: Message, *, now: datetime) -> bool:
    if message.state != State.QUEUED or message.next_try_at > now:
        return False
    try:
        advance(
            message,
            State.SENDING,
            transitions=TRANSITIONS,
            untold=DELIVERY,
            tries=message.tries + 1,
            leased_until=now + LEASE,
        )
    except StateChanged:
        return False
    return True


def _release(message_id: int, *, now: datetime) -> None:
    """Put a mail back that a dead worker left: looked at anew under a lock, so that only one takes it over."""
    with transaction.atomic():
        message = queries.for_delivery(message_id, lock=True)
        if message.state == State.SENDING and message.leased_until is not None and message.leased_until < now:
            advance(message, State.QUEUED, transitions=TRANSITIONS, untold=DELIVERY, leased_until=None, next_try_at=now)


def _written(message: Message) -> tuple[Rendered, OutMail]:
    """Return what stays on record, secrets hidden, and the mail itself."""
    values = message.context | json.loads(message.secret or "{}")
    record = queries.rendered(message, values, show_secrets=False)
    return record, _mail(message, queries.rendered(message, values, show_secrets=True))


def _mail(message: Message, rendered: Rendered) -> OutMail:
    headers = {"Content-Language": message.language, INSTANCE_HEADER: addresses.instance()}
    if message.thread:
        root = f"<thread-{message.thread.replace(':', '-')}@{queries.portal().host}>"  # programs show the thread as one
        headers |= {"In-Reply-To": root, "References": root}
    return OutMail(
        to=message.address,
        sender=settings.DEFAULT_FROM_EMAIL,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=f"message-{message.pk}.{message.queued_at.timestamp():.0f}@{queries.portal().host}",
        headers=headers,
        reply_to=open_reply_address(message) if message.thread else "",
        envelope_from=addresses.bounce_address(message.pk),
    )


def _try_later(message: Message, answer: str, *, now: datetime) -> State:
    advance(
        message,
        State.QUEUED,
        transitions=TRANSITIONS,
        untold=DELIVERY,
        answer=answer[:500],
        leased_until=None,
        next_try_at=now + rules.pause_after(message.tries),
    )
    return State.QUEUED


def _end(message: Message, state: State, answer: str, *, now: datetime, record: Rendered | None = None) -> State:
    advance(
        message,
        state,
        transitions=TRANSITIONS,
        untold=DELIVERY,
        answer=answer[:500],
        leased_until=None,
        secret=None,
        subject=record.subject[:300] if record else "",
        text=record.text if record else "",
        sent_at=now if state == State.SENT else None,
        ended_at=now,
    )
    return state
