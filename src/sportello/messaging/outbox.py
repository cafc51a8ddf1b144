"""From a wish to a row: which channel, which address, which state; nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop

from sportello.accounts.models import Person
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.sentences import kept, untranslated
from sportello.messaging import queries, rendering, rules
from sportello.messaging.catalogue import Template
from sportello.messaging.states import ALWAYS_ON, Channel, State
from sportello.messaging.types import Recipient

PAUSED = gettext_noop("Mails to this address came back several times, so none are sent there until somebody lets them.")


TOO_MANY = gettext_noop(
    "Too many mails of this conversation went to this address within an hour: perhaps a machine answers there."
)


class NoAddress(InvalidInput):
    """There is no way to reach the recipient on the wanted channel."""

    default = gettext_lazy("There is no address to send this message to.")


def plan(
    *,
    recipient: Recipient,
    template: Template,
    values: Mapping[str, str],
    channel: Channel | None,
    organisation_id: int | None,
    urgent: bool,
    always: bool = False,
    now: datetime,
) -> dict[str, Any]:
    """Return the fields of the message row. Raises `NoAddress`, `ContextIncomplete`, `ForeignLink`."""
    person = queries.person(recipient.person_id) if recipient.person_id is not None else None
    language = rendering.language_of(recipient.language or (person.language if person else ""))
    chosen, address, wanted = _way(recipient, person, template, channel, always=always)
    name = person.given_name if person else ""
    rendering.variables(template, values, portal=queries.portal(), name=name, language=language)
    state, answer = _first_state(chosen, address, organisation_id, wanted=wanted, now=now)
    if (
        state == State.QUEUED
        and chosen == Channel.EMAIL
        and template.kind not in ALWAYS_ON
        and queries.is_paused(address)
    ):
        state, answer = State.FAILED, PAUSED
    secrets = {key: values[key] for key in template.secrets}
    ended = state != State.QUEUED
    return {
        "organisation_id": organisation_id,
        "person": person,
        "channel": chosen,
        "address": address,
        "language": language,
        "template": template.name,
        "context": {key: values[key] for key in template.variables},
        "secret": json.dumps(secrets) if secrets and not ended else None,
        "urgent": urgent,
        "state": state,
        "answer": answer,
        "queued_at": now,
        "next_try_at": _first_try(chosen, person, template, urgent=urgent or always, now=now),
        "expires_at": now + template.lives,
        "ended_at": now if ended else None,
    }


def _way(
    recipient: Recipient, person: Person | None, template: Template, channel: Channel | None, *, always: bool
) -> tuple[Channel, str, bool]:
    possible = [
        (each, address)
        for each in ([channel] if channel else template.channels)
        if each in template.channels and (address := _address(recipient, person, each))
    ]
    if not possible:
        raise NoAddress
    for each, address in possible:
        if always or person is None or queries.wants(person.pk, template.kind, each):
            return each, address, True
    return *possible[0], False


def _address(recipient: Recipient, person: Person | None, channel: Channel) -> str:
    if channel == Channel.EMAIL:
        return recipient.email or (person.email if person and not recipient.mobile else "")
    return recipient.mobile or (person.mobile if person and not recipient.email else "")


def _first_state(
    channel: Channel, address: str, organisation_id: int | None, *, wanted: bool, now: datetime
) -> tuple[State, str]:
    if not wanted:
        return State.WITHHELD, ""
    if channel != Channel.SMS:
        return State.QUEUED, ""
    try:
        rules.check_can_text(address, prefixes=queries.allowed_prefixes())
    except rules.NumberNotReachable as refusal:
        return State.FAILED, untranslated(refusal.sentence)
    limits = queries.sms_limits(organisation_id=organisation_id, number=address)
    bucket = queries.spent_bucket(limits, now=now)
    if bucket is not None:
        return State.FAILED, budget_answer(bucket)
    return State.QUEUED, ""


def budget_answer(bucket: str) -> str:
    """Return the kept sentence for a text that a spent budget stops."""
    return kept(gettext_noop("The number of text messages allowed per day is reached (%(bucket)s)."), bucket=bucket)


def _first_try(channel: Channel, person: Person | None, template: Template, *, urgent: bool, now: datetime) -> datetime:
    if channel != Channel.SMS or person is None or urgent or template.kind in ALWAYS_ON:
        return now
    return queries.earliest(person.pk, now=now)


def stopped(plan: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return the fields of a message of a thread that is not sent, since too many of it went to its address (ABUSE E20)."""
    return plan | {"state": State.FAILED, "answer": TOO_MANY, "secret": None, "ended_at": now}
