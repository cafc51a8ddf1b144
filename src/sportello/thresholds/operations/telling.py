"""Telling of passed steps: a text to the line's user, a mail to each administrator and traffic manager of the customer.

A message is keyed by its crossing and its reader, so that telling again writes nothing new.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.utils import translation

from sportello.accounts.models import Person
from sportello.kernel.actor import Actor
from sportello.kernel.phones import display
from sportello.kernel.ui import formats
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.thresholds.models import Crossing
from sportello.thresholds.queries.notices import Notice, notices

TEMPLATE: Final = "threshold_warning"
LANGUAGE_OF_COUNTRY: Final = {"IT": "it", "ES": "es"}


def tell(*, actor: Actor, crossings: Collection[int], now: datetime) -> int:
    """Write the messages of crossings that are to be told, and return how many there are; those written before stay as they are."""
    return sum(_tell_one(actor, notice, now) for notice in notices(actor, crossings))


def _tell_one(actor: Actor, notice: Notice, now: datetime) -> int:
    to: list[tuple[Channel, Recipient, Person | None]] = [
        (Channel.EMAIL, Recipient(person_id=person.pk, email=person.email), person)
        for person in notice.by_mail
    ]
    if notice.mobile:
        user_id = notice.user.pk if notice.user else None
        language = _language(notice.user, notice.crossing)
        recipient = Recipient(person_id=user_id, mobile=notice.mobile, language=language)
        to.insert(0, (Channel.SMS, recipient, notice.user))
    elif notice.crossing.threshold.private and notice.user and notice.user.email:
        to.append((Channel.EMAIL, Recipient(person_id=notice.user.pk, email=notice.user.email), notice.user))
    for channel, recipient, person in to:
        send_message(
            actor=actor,
            recipient=recipient,
            template=TEMPLATE,
            context=_context(notice.crossing, _language(person, notice.crossing)),
            channel=channel,
            organisation_id=notice.crossing.organisation_id,
            idempotency_key=f"crossing:{notice.crossing.pk}:{channel.value}:{person.pk if person else 'line'}",
            now=now,
        )
    return len(to)


def _language(person: Person | None, crossing: Crossing) -> str:
    return person.language if person else LANGUAGE_OF_COUNTRY.get(crossing.organisation.country, "it")


def _context(crossing: Crossing, language: str) -> dict[str, str]:
    threshold = crossing.threshold
    with translation.override(language):
        words = {
            "line": display(crossing.line.number),
            "measure": threshold.what,
            "used": crossing.used_text,
            "limit": crossing.limit_text,
            "percent": formats.number(crossing.step),
            "period": formats.month(crossing.period_start),
        }
    # A no-break space or a middle dot is not in the alphabet of texts and would halve their length.
    return {key: text.replace(formats.NARROW, " ").replace(" · ", ", ") for key, text in words.items()}
