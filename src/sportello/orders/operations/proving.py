"""A code by SMS to the number that is to be ported: who holds the SIM says yes (AGCOM 86/21/CIR, DOMAIN §8.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F

from sportello.accounts.rules import new_code, read_code
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.crypto import keyed_hash, keyed_hashes
from sportello.kernel.operations import operation, publish
from sportello.kernel.phones import mask_last
from sportello.kernel.refusals import NotFound, TooOften
from sportello.messaging.operations import send_message
from sportello.messaging.states import State as MessageState
from sportello.messaging.types import Channel, Recipient
from sportello.orders import queries
from sportello.orders.events import NumberCodeSent, NumberCodeTried
from sportello.orders.models import NumberProof, Order
from sportello.orders.operations.drafting import request_of
from sportello.orders.operations.moving import locked

PURPOSE: Final = "order-number"
CODES_A_DAY: Final = 5
"""Codes that go to one number in a day for all orders of a customer: an order is no way to send somebody texts (ABUSE A13)."""


@operation(section=Section.CHANGES)
def send_number_code(*, actor: Actor, draft: Order, number: str, now: datetime) -> bool:
    """Send a code to a number that the draft asks to port; False when it cannot go out. Raises `NotFound` for any other, `TooOften`."""
    row = locked(actor, queries.draft_of(actor, draft.pk))
    if number not in _unproven(actor, row, now):
        raise NotFound
    _check_rate(number, now)
    code = new_code()
    proof = NumberProof(organisation_id=row.organisation_id, order=row, number=number, sent_at=now)
    proof.code_hash, proof.expires_at = (
        keyed_hash(PURPOSE, str(row.pk), number, code),
        now + settings.SPORTELLO["CODE_LIFETIME"],
    )
    proof.save(force_insert=True)
    message = send_message(
        actor=system_actor(reason="a code proves a number that an order asks to port"),
        recipient=Recipient(mobile=number, language=_language(row)),
        template="order_number_code",
        channel=Channel.SMS,
        context={"minutes": str(int(settings.SPORTELLO["CODE_LIFETIME"].total_seconds() // 60))},
        secret={"code": code},
        organisation_id=row.organisation_id,
        idempotency_key=f"order-number:{proof.pk}",
        urgent=True,
        now=now,
    )
    queued = message.state != MessageState.FAILED
    publish(
        NumberCodeSent(
            organisation_id=row.organisation_id,
            subject_type="order",
            subject_id=row.pk,
            number=mask_last(number),
            queued=queued,
        )
    )
    return queued


@operation(section=Section.CHANGES)
def confirm_number(*, actor: Actor, draft: Order, number: str, typed: str, now: datetime) -> bool:
    """Tell whether the typed code is right. The newest alone counts, and dies after some wrong tries. Raises `NotFound`."""
    row = locked(actor, queries.draft_of(actor, draft.pk))
    newest = NumberProof.objects.for_(actor).filter(order=row, number=number).order_by("-sent_at", "-pk").first()
    if newest is None:
        raise NotFound
    hashes = keyed_hashes(PURPOSE, str(row.pk), number, read_code(typed))
    live = NumberProof.objects.for_(actor).filter(
        pk=newest.pk, confirmed_at=None, expires_at__gt=now, wrong_tries__lt=settings.SPORTELLO["CODE_TRIES"]
    )
    right = live.filter(code_hash__in=hashes).update(confirmed_at=now) == 1
    if not right:
        live.update(wrong_tries=F("wrong_tries") + 1)
    publish(
        NumberCodeTried(
            organisation_id=row.organisation_id,
            subject_type="order",
            subject_id=row.pk,
            number=mask_last(number),
            right=right,
        )
    )
    return right


def _unproven(actor: Actor, row: Order, now: datetime) -> frozenset[str]:
    judged = queries.judge(actor, queries.about_draft(actor, row), request_of(row), now=now)
    return frozenset(judged.unproven)


def _check_rate(number: str, now: datetime) -> None:
    rows = NumberProof.objects.across_tenants(reason="how often a number was texted, whoever asked")
    sent = rows.filter(number=number, sent_at__gt=now - timedelta(days=1)).order_by("-sent_at")
    times = list(sent.values_list("sent_at", flat=True)[:CODES_A_DAY])
    again: timedelta = settings.SPORTELLO["CODE_RESEND_AFTER"]
    if len(times) >= CODES_A_DAY:
        raise TooOften(retry_after=int((times[-1] + timedelta(days=1) - now).total_seconds()) + 1)
    if times and times[0] + again > now:
        raise TooOften(retry_after=int((times[0] + again - now).total_seconds()) + 1)


def _language(row: Order) -> str:
    return {"IT": "it", "ES": "es"}.get(row.organisation.country, "en")
