"""What lower apps ask of messaging: they declare it (`accounts.types.MessageSender`), this app registers it."""

from __future__ import annotations

from sportello.accounts.types import MessageTo
from sportello.kernel.actor import Actor
from sportello.messaging.models import Message
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient


def send_as_asked(
    *,
    actor: Actor,
    recipient: MessageTo,
    template: str,
    context: dict[str, str],
    secret: dict[str, str],
    channel: str,
    organisation_id: int | None,
    idempotency_key: str,
    urgent: bool,
) -> Message:
    """Write one message of accounts to the outbox; see `send_message`."""
    return send_message(
        actor=actor,
        recipient=Recipient(
            person_id=recipient.person_id,
            email=recipient.email,
            mobile=recipient.mobile,
            language=recipient.language,
        ),
        template=template,
        context=context,
        secret=secret,
        channel=Channel(channel),
        organisation_id=organisation_id,
        idempotency_key=idempotency_key,
        urgent=urgent,
    )
