"""The demo's phones and mailbox: where messages end when no network is there."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.conf import settings

from sportello.messaging.channels.email.simulator import SimulatedMailer
from sportello.messaging.channels.email.types import Mailer, OutMail
from sportello.messaging.channels.sms.segmentation import DecodedPart, decode_part, joined
from sportello.messaging.channels.sms.simulator import SimulatedTransport
from sportello.messaging.channels.sms.types import OutPart
from sportello.messaging.delivery import texts
from sportello.messaging.incoming import addresses
from sportello.messaging.incoming.taking import Raw, take
from sportello.messaging.models import Message, ReceivedMail, SimulatedMail, SimulatedText

_AT_ONCE = 100


def deliver_texts(*, now: datetime) -> int:
    """Bring every due text to its simulated phone, over the same steps as to a real centre; return how many parts went."""
    handset = Handset(now)
    transport = SimulatedTransport(handset.take, first_id=int(now.timestamp() * 1000))
    transport.go_up()
    count = 0
    while parts := texts.claim(now=now, most=_AT_ONCE):
        texts.mark_handed(parts)
        for part in parts:
            transport.submit(part)
        for event in transport.told():
            texts.record(event, now=now)
        count += len(parts)
    return count


def mailer(*, now: datetime) -> Mailer:
    """Return the mailer whose mails end in the demo's mailbox; the same Message-ID twice is one mail."""

    def keep(mail: OutMail) -> None:
        SimulatedMail.objects.get_or_create(
            message_id=mail.message_id,
            defaults={
                "to": mail.to,
                "sender": mail.sender,
                "subject": mail.subject,
                "text": mail.text,
                "html": mail.html,
                "arrived_at": now,
            },
        )

    return SimulatedMailer(keep)


def reply_address_of(mail: SimulatedMail) -> str:
    """Return where answers to a mail of the demo's mailbox come to; empty for one that cannot be answered."""
    message = _message_of(mail)
    return addresses.reply_address(message.thread, message.address) if message and message.thread else ""


def answer(mail: SimulatedMail, text: str, *, now: datetime) -> ReceivedMail:
    """Answer a mail as the mail program of its reader would, and take the answer as any that comes in.

    The sender counts as confirmed, as by the operator's mail server.
    """
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = mail.to, reply_address_of(mail), f"Re: {mail.subject}"
    reply["Date"], reply["Message-ID"] = format_datetime(now), make_msgid(domain=mail.to.rpartition("@")[2])
    reply["In-Reply-To"] = f"<{mail.message_id}>"
    for server in settings.SPORTELLO["MAIL_AUTHSERV_IDS"][:1]:
        reply["Authentication-Results"] = f"{server}; dmarc=pass header.from={mail.to.rpartition('@')[2]}"
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    reply.set_content(f"{text}\n\nOn {mail.arrived_at:%Y-%m-%d %H:%M}, {mail.sender} wrote:\n{quoted}\n")
    return take(Raw(reply.as_bytes()), now=now)


def _message_of(mail: SimulatedMail) -> Message | None:
    found = re.match(r"message-(\d{1,18})\.", mail.message_id)
    rows = Message.objects.across_tenants(reason="the demo's mailbox is everybody's")
    return rows.filter(pk=int(found[1]), address__iexact=mail.to).first() if found else None


class Handset:
    """Phones that put the parts of long texts together, as real ones do."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._waiting: dict[tuple[str, str, int], list[DecodedPart]] = defaultdict(list)

    def take(self, part: OutPart) -> None:
        """Keep a part; when its message is complete, the text is on the phone."""
        decoded = decode_part(part.octets, data_coding=part.data_coding, esm_class=part.esm_class)
        key = (part.to, part.sender.value, decoded.reference)
        self._waiting[key].append(decoded)
        if len(self._waiting[key]) == decoded.total:
            SimulatedText.objects.create(
                number=part.to, sender=part.sender.value, text=joined(self._waiting.pop(key)), arrived_at=self._now
            )
