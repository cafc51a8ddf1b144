"""Failures of mails that went out: the message fails, the app of its thread hears of it, an address that fails for good is paused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.sentences import kept
from sportello.kernel.states import NoSuchTransition, StateChanged, advance
from sportello.messaging.events import MailFailed, RecipientPaused
from sportello.messaging.incoming.kinds import Verdict
from sportello.messaging.models import AddressStanding, Message
from sportello.messaging.states import TRANSITIONS, State
from sportello.messaging.types import mail_receiver

PAUSED_AFTER: Final = 3
CAME_BACK: Final = gettext_noop("It came back: %(why)s")
_OURS: Final = re.compile(r"message-(\d{1,12})\.(\d{1,12})@")


@operation(section=None, why="a report of a mail system on a mail of ours, known by a secret that only it was told")
def note_failures(*, actor: Actor, verdict: Verdict, told: Sequence[int], now: datetime) -> None:
    """Put on record which of our messages a report is about. A report that names none of them counts for nothing: anybody can write one.

    `told` are the messages whose bounce address it came to; without such a one, the Message-ID of the copy in it counts.
    """
    for message_id in told or _by_original(verdict.original_id):
        message = (
            Message.objects.across_tenants(reason="reports come for every tenant's mails").filter(pk=message_id).first()
        )
        if message is not None:
            _note(actor, message, verdict, now)


def _by_original(original_id: str) -> list[int]:
    found = _OURS.match(original_id)
    rows = Message.objects.across_tenants(reason="reports come for every tenant's mails")
    message = rows.filter(pk=int(found[1])).first() if found else None
    return [message.pk] if found and message and f"{message.queued_at.timestamp():.0f}" == found[2] else []


def _note(actor: Actor, message: Message, verdict: Verdict, now: datetime) -> None:
    failure = next(iter(verdict.failures), None)
    permanent = all(each.permanent for each in verdict.failures) if failure else False
    why = (failure.diagnostic or failure.status) if failure else ""
    publish(
        MailFailed(
            organisation_id=message.organisation_id,
            subject_type="message",
            subject_id=message.pk,
            address=message.address,
            permanent=permanent,
        )
    )
    if failure is None or failure.action == "delayed":
        return
    reason = kept(CAME_BACK, why=why[:300])
    try:
        advance(message, State.FAILED, transitions=TRANSITIONS, answer=reason[:500], ended_at=now)
    except (NoSuchTransition, StateChanged):
        return  # told before, or ended otherwise: one message counts once
    receiver = mail_receiver(message.thread) if message.thread else None
    if receiver is not None and permanent:
        receiver.mail_failed(actor=actor, thread=message.thread, recipient=message.address, reason=reason, now=now)
    if permanent:
        _count(message, reason, now)


def _count(message: Message, reason: str, now: datetime) -> None:
    row, _is_new = AddressStanding.objects.select_for_update().get_or_create(address=message.address.lower())
    row.failures += 1
    row.last_failed_at, row.last_message, row.reason = now, message, reason
    if row.failures >= PAUSED_AFTER and row.paused_at is None:
        row.paused_at = now
        publish(
            RecipientPaused(
                organisation_id=message.organisation_id,
                subject_type="message",
                subject_id=message.pk,
                address=message.address,
            )
        )
    row.save()
