"""Taking mails, each exactly once: kept first (file, then row), then handed over in one transaction with the mark that it was.

Whatever is killed when, the next try finds either nothing, and the mail is still where it came from, or the row, which says
what is left to be done.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from sportello.kernel.actor import Actor, Via, system_actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.sentences import kept
from sportello.kernel.states import StateChanged, advance
from sportello.messaging.events import MailReceived, MailSettled, loop_stopped
from sportello.messaging.incoming import addresses, keeping, routes
from sportello.messaging.incoming.authentication import trust_in
from sportello.messaging.incoming.bounces import note_failures
from sportello.messaging.incoming.deciding import TOO_MANY, Decision, decide
from sportello.messaging.incoming.kinds import WORDS_ALONE, Verdict, classify
from sportello.messaging.incoming.parsing import Limits, parse_mail
from sportello.messaging.incoming.parsing.headers import split_headers
from sportello.messaging.incoming.replies import split_reply
from sportello.messaging.models import ReceivedMail, ReplyAddress
from sportello.messaging.states import MAIL_TRANSITIONS, MailState
from sportello.messaging.types import MailAnswer, MailKind, ParsedMail, TakenMail, Trust, mail_receiver

logger = logging.getLogger(__name__)

MOST_TRIES: Final = 5
PAUSE: Final = timedelta(seconds=30)
NO_RECEIVER: Final = gettext_noop("No part of the portal takes answers to this.")
BROKE: Final = gettext_noop("It could not be taken after %(tries)d tries (%(why)s).")


@dataclass(frozen=True)
class Raw:
    """A mail as it came: its octets, and what the SMTP conversation said, where there was one."""

    octets: bytes
    envelope_from: str | None = None
    envelope_to: tuple[str, ...] = ()


def mail_actor() -> Actor:
    """Return the actor of what comes in by mail."""
    return system_actor(reason="mail that came in", via=Via.MAIL)


def take(raw: Raw, *, now: datetime) -> ReceivedMail:
    """Keep a mail and hand it over at once; what fails after it was kept is tried again later. Idempotent."""
    mail = keep_mail(actor=mail_actor(), raw=raw, now=now)
    if mail.state == MailState.STORED and mail.tries == 0:
        hand_over(mail.pk, now=now)
        mail.refresh_from_db()
    return mail


@operation(section=None, why="mail comes in from outside: its address and its sender are asked, no profile")
def keep_mail(*, actor: Actor, raw: Raw, now: datetime) -> ReceivedMail:
    """Keep a mail: the original in its file, what it is in its row. The same mail again gives the same row."""
    mail = _parsed(raw)
    fingerprint = keeping.fingerprint_of(raw.octets, mail)
    known = ReceivedMail.objects.filter(fingerprint=fingerprint).first()
    if known is not None:
        return known
    keeping.keep(raw.octets, fingerprint)
    headers, _body = split_headers(raw.octets, most=256 * 1024)
    sender = mail.sender.address if mail.sender else ""
    trust = trust_in(headers, sender, servers=settings.SPORTELLO.get("MAIL_AUTHSERV_IDS", ()))
    verdict = classify(raw.octets, mail, instance=addresses.instance())
    route = routes.route_of(mail)
    decision = _decision(mail, verdict, route, trust, now=now)
    try:
        with transaction.atomic():
            row = ReceivedMail.objects.create(
                fingerprint=fingerprint,
                octets=len(raw.octets),
                received_at=now,
                envelope_from=raw.envelope_from,
                envelope_to=list(raw.envelope_to),
                sender=sender[:254],
                subject=mail.subject[:300],
                message_id=mail.message_id[:300],
                kind=verdict.kind,
                sign=verdict.sign[:60],
                trust=trust,
                thread=route.thread if route else "",
                recipient=route.recipient if route else "",
                state=decision.state,
                reason=decision.reason,
                next_try_at=now,
                handled_at=None if decision.state == MailState.STORED else now,
            )
    except IntegrityError:  # another worker kept it a moment ago
        return ReceivedMail.objects.get(fingerprint=fingerprint)
    publish(MailReceived(organisation_id=None, subject_type="received_mail", subject_id=row.pk, mail_kind=verdict.kind))
    if decision.reason == TOO_MANY:
        most = settings.SPORTELLO["MAIL_MOST_PER_HOUR"]
        publish(loop_stopped("received_mail", row.pk, thread=row.thread, address=row.recipient, limit=most, now=now))
    if verdict.kind is MailKind.BOUNCE:
        note_failures(actor=actor, verdict=verdict, told=routes.failed_messages(mail), now=now)
    return row


def _decision(
    mail: ParsedMail, verdict: Verdict, route: ReplyAddress | None, trust: Trust, *, now: datetime
) -> Decision:
    return decide(
        mail,
        verdict.kind,
        recipient=route.recipient if route else None,
        withdrawn=bool(route and route.withdrawn_at),
        trust=trust,
        within_hour=_within_hour(route, now) if route else 0,
        most_per_hour=settings.SPORTELLO.get("MAIL_MOST_PER_HOUR", 20),
        take_unconfirmed=settings.SPORTELLO.get("MAIL_TAKE_UNCONFIRMED", False),
        in_doubt=verdict.sign == WORDS_ALONE,
    )


def _within_hour(route: ReplyAddress, now: datetime) -> int:
    rows = ReceivedMail.objects.filter(thread=route.thread, recipient=route.recipient, kind=MailKind.PERSON)
    return rows.filter(received_at__gt=now - timedelta(hours=1)).count()


def hand_over(mail_id: int, *, now: datetime) -> MailState:
    """Hand a kept mail to the app of its thread; what it raises leaves the mail to be tried again, at last in quarantine."""
    try:
        return hand_over_once(actor=mail_actor(), mail_id=mail_id, verified=True, now=now)
    except StateChanged:
        return MailState(ReceivedMail.objects.get(pk=mail_id).state)
    except Exception as error:
        logger.exception("mail %d could not be handed over", mail_id)
        return note_broken(actor=mail_actor(), mail_id=mail_id, why=type(error).__name__, now=now)


@operation(section=None, why="mail comes in from outside: its address and its sender were asked when it was kept")
def hand_over_once(*, actor: Actor, mail_id: int, verified: bool, now: datetime) -> MailState:
    """Hand a mail over in one transaction with the mark that it was. Raises `StateChanged` when another worker was first."""
    row = ReceivedMail.objects.select_for_update().get(pk=mail_id)
    if row.state not in {MailState.STORED, MailState.QUARANTINED} or (verified and row.state != MailState.STORED):
        return MailState(row.state)
    receiver = mail_receiver(row.thread)
    answer = (
        receiver.receive_mail(actor=actor, mail=taken_mail(row, verified=verified), now=now)
        if receiver
        else MailAnswer(taken=False, reason=NO_RECEIVER)
    )
    to = MailState.HANDED_OVER if answer.taken else MailState.QUARANTINED
    if row.state == to:  # let through, and refused by the app: it stays, with the new reason
        ReceivedMail.objects.filter(pk=row.pk).update(reason=answer.reason)
    else:
        advance(
            row, to, transitions=MAIL_TRANSITIONS, reference=answer.reference[:80], reason=answer.reason, handled_at=now
        )
    publish(
        MailSettled(
            organisation_id=None, subject_type="received_mail", subject_id=row.pk, state=to, reference=answer.reference
        )
    )
    return to


@operation(section=None, why="the portal's own record of a mail that could not be handed over")
def note_broken(*, actor: Actor, mail_id: int, why: str, now: datetime) -> MailState:  # noqa: ARG001 - read by `operation`
    """Let a mail that an error stopped be tried again after a growing pause; after several tries it goes into quarantine."""
    row = ReceivedMail.objects.select_for_update().get(pk=mail_id)
    tries = row.tries + 1
    if row.state != MailState.STORED:
        return MailState(row.state)
    if tries < MOST_TRIES:
        ReceivedMail.objects.filter(pk=row.pk).update(tries=tries, next_try_at=now + PAUSE * 2**tries)
        return MailState.STORED
    reason = kept(BROKE, tries=tries, why=why)
    advance(row, MailState.QUARANTINED, transitions=MAIL_TRANSITIONS, tries=tries, reason=reason, handled_at=now)
    publish(MailSettled(organisation_id=None, subject_type="received_mail", subject_id=row.pk, state=row.state))
    return MailState.QUARANTINED


def taken_mail(row: ReceivedMail, *, verified: bool) -> TakenMail:
    """Return a kept mail as the app of its thread gets it, read anew from the original."""
    octets = keeping.path_of(row.fingerprint).read_bytes()
    mail = _parsed(Raw(octets, row.envelope_from, tuple(row.envelope_to)))
    route = ReplyAddress.objects.filter(thread=row.thread, recipient=row.recipient).first()
    return TakenMail(
        mail_id=row.pk,
        thread=row.thread,
        recipient=row.recipient,
        person_id=route.person_id if route else None,
        verified=verified,
        trust=Trust(row.trust),
        received_at=row.received_at,
        mail=mail,
        reply=split_reply(mail.text, mail.marked),
    )


def _parsed(raw: Raw) -> ParsedMail:
    most = settings.SPORTELLO.get("MAIL_MOST_OCTETS", Limits().octets)
    return parse_mail(
        raw.octets,
        limits=replace(Limits(), octets=most),
        envelope_from=raw.envelope_from,
        envelope_to=raw.envelope_to,
    )
