"""Telling of passed steps: a text to the line's user, a mail to each administrator and traffic manager of the customer.

When one load passes steps of several thresholds of a customer, each of these gets one mail that lists them. Channels are those that
the person wants (messaging keeps their choices and their quiet hours). A message is keyed by what it tells and its reader, so that
telling again writes nothing new. The portal shows every crossing of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils import translation

from sportello.accounts.models import Person
from sportello.kernel.actor import Actor
from sportello.kernel.phones import display
from sportello.kernel.ui import formats
from sportello.messaging import queries as messaging
from sportello.messaging.operations import send_message
from sportello.messaging.states import Kind as Subject
from sportello.messaging.types import Channel, Recipient
from sportello.parties.models import Organisation
from sportello.thresholds.models import Crossing
from sportello.thresholds.queries.notices import Digest, Notice, customers_crossed, digests, notices
from sportello.thresholds.states import FULL

WARNING, NEARLY, BARRED, LIST = "threshold_warning", "threshold_enforcing", "threshold_barred", "threshold_list"
LANGUAGE_OF_COUNTRY: Final = {"IT": "it", "ES": "es"}
LISTED: Final = 30


def tell(
    *, actor: Actor, crossings: Collection[int], span: tuple[int, int], now: datetime, managers: bool = True
) -> int:
    """Write the messages of crossings that are to be told, and return how many there are; those written before stay as they are.

    `span` holds the first and the last crossing of the evaluation: what it passed for one customer goes into one mail. Without
    `managers` the lines' users alone are told.
    """
    found = notices(actor, crossings)
    told = sum(_tell_user(actor, notice, now) for notice in found)
    if not managers:
        return told
    lists = digests(actor, {one.crossing.organisation_id for one in found if one.by_mail}, [span], most=LISTED)
    return told + sum(_tell_managers(actor, digest, now) for digest in lists)


def tell_managers(*, actor: Actor, spans: Sequence[Sequence[int]], now: datetime) -> int:
    """Write one mail to each manager of each customer that lists what stands between the ids of `spans`; return how many."""
    lists = digests(actor, customers_crossed(actor, spans), spans, most=LISTED)
    return sum(_tell_managers(actor, digest, now) for digest in lists)


def _tell_user(actor: Actor, notice: Notice, now: datetime) -> int:
    crossing, user = notice.crossing, notice.user
    where = _of_user(notice)
    if where is None:
        return 0
    channel, recipient = where
    send_message(
        actor=actor,
        recipient=recipient,
        template=_template(crossing),
        context=_context(crossing, _language(user, crossing.organisation)),
        channel=channel,
        always=crossing.always_told,
        organisation_id=crossing.organisation_id,
        idempotency_key=f"crossing:{crossing.pk}:user",
        now=now,
    )
    return 1


def _of_user(notice: Notice) -> tuple[Channel, Recipient] | None:
    """Return how the line's user is told: by text; by mail where they want no texts, or no phone of theirs is known."""
    user = notice.user
    mail = user.email if user else ""
    by_text = notice.crossing.always_told or not (user and mail) or _wants(user, Channel.SMS)
    if notice.mobile and (by_text or not (user and _wants(user, Channel.EMAIL))):
        language = _language(user, notice.crossing.organisation)
        return Channel.SMS, Recipient(person_id=user.pk if user else None, mobile=notice.mobile, language=language)
    if user and mail:
        return Channel.EMAIL, Recipient(person_id=user.pk, email=mail)
    return None


def _wants(person: Person, channel: Channel) -> bool:
    return bool(messaging.wants(person.pk, Subject.THRESHOLDS, channel))


def _tell_managers(actor: Actor, digest: Digest, now: datetime) -> int:
    for person in digest.readers:
        language = _language(person, digest.organisation)
        alone = digest.rows[0] if digest.count == 1 else None
        send_message(
            actor=actor,
            recipient=Recipient(person_id=person.pk, email=person.email),
            template=_template(alone) if alone else LIST,
            context=_context(alone, language) if alone else _listed(digest, language),
            channel=Channel.EMAIL,
            always=digest.always_told,
            organisation_id=digest.organisation.pk,
            idempotency_key=f"crossings:{digest.first}:{person.pk}",
            now=now,
        )
    return len(digest.readers)


def _template(crossing: Crossing) -> str:
    if not crossing.threshold.enforcing:
        return WARNING
    return BARRED if crossing.step >= FULL else NEARLY


def _language(person: Person | None, organisation: Organisation) -> str:
    return person.language if person else LANGUAGE_OF_COUNTRY.get(organisation.country, "it")


def _context(crossing: Crossing, language: str) -> dict[str, str]:
    threshold = crossing.threshold
    with translation.override(language):
        words = {
            "line": display(crossing.line.number),
            "measure": threshold.what,
            "used": crossing.used_text,
            "limit": crossing.limit_text,
            "percent": formats.number(crossing.share),
            "period": crossing.period_text,
        }
    # A no-break space or a middle dot is not in the alphabet of texts and would halve their length.
    plain = {key: text.replace(formats.NARROW, " ").replace(" · ", ", ") for key, text in words.items()}
    return plain | ({"link": reverse("thresholds:line", args=[crossing.line_id])} if threshold.enforcing else {})


def _listed(digest: Digest, language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "count": formats.number(digest.count),
            "list": "\n".join(_lines(digest.rows, language)),
            "more": formats.number(digest.count - len(digest.rows)),
            "link": reverse("thresholds:notices"),
        }


def _lines(rows: Sequence[Crossing], language: str) -> Iterator[str]:
    for row in rows:
        words = _context(row, language)
        yield "- {line}: {percent} %, {used} / {limit} ({measure}, {period})".format(**words)
