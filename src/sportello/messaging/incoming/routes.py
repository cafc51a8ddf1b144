"""Reply addresses on record: made when the first mail of a thread goes to a recipient, found when an answer comes in."""

from __future__ import annotations

from django.utils import timezone

from sportello.messaging.incoming import addresses, deciding
from sportello.messaging.models import Message, ReplyAddress
from sportello.messaging.types import ParsedMail


def open_reply_address(message: Message) -> str:
    """Return the address for answers to a message of a thread, on record from now on; empty where no mail comes in."""
    address = addresses.reply_address(message.thread, message.address)
    if address:
        row, is_new = ReplyAddress.objects.get_or_create(
            token_hash=addresses.reply_hash(message.thread, message.address),
            defaults={
                "thread": message.thread,
                "recipient": message.address.lower(),
                "person_id": message.person_id,
                "made_at": timezone.now(),
            },
        )
        if not is_new and row.withdrawn_at is not None:  # told of the thread again, so heard again
            ReplyAddress.objects.filter(pk=row.pk).update(withdrawn_at=None)
    return address


def route_of(mail: ParsedMail) -> ReplyAddress | None:
    """Return the reply address that a mail came to: of several, the first that the server wrote down and that we know (ABUSE E29)."""
    found = deciding.tokens_of(mail).replies
    rows = {row.token_hash: row for row in ReplyAddress.objects.filter(token_hash__in=found)}
    return next((rows[token] for token in found if token in rows), None)


def failed_messages(mail: ParsedMail) -> tuple[int, ...]:
    """Return the messages whose failure a mail tells, by the address that it came to."""
    return deciding.tokens_of(mail).messages
