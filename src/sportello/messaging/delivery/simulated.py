"""The demo's phones and mailbox: where messages end when no network is there."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sportello.messaging.channels.email.simulator import SimulatedMailer
from sportello.messaging.channels.email.types import Mailer, OutMail
from sportello.messaging.channels.sms.segmentation import DecodedPart, decode_part, joined
from sportello.messaging.channels.sms.simulator import SimulatedTransport
from sportello.messaging.channels.sms.types import OutPart
from sportello.messaging.delivery import texts
from sportello.messaging.models import SimulatedMail, SimulatedText

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
