"""Pure decisions: who may be texted, when, how often, and what the states of the parts mean for the message."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from sportello.kernel import phones
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.messaging.catalogue import Template
from sportello.messaging.states import ENDED, MailState, PartState, State

EU_PREFIXES = [
    "+30",
    "+31",
    "+32",
    "+33",
    "+34",
    "+351",
    "+352",
    "+353",
    "+356",
    "+357",
    "+358",
    "+359",
    "+36",
    "+370",
    "+371",
    "+372",
    "+385",
    "+386",
    "+39",
    "+40",
    "+420",
    "+421",
    "+43",
    "+45",
    "+46",
    "+48",
    "+49",
]
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


class NumberNotReachable(InvalidInput):
    """A number that text messages must not go to."""


class SecretErased(WrongState):
    """The message carried something that is no longer kept."""

    default = _(
        "This message carried a one-time code or link, which is erased once it is handed over. "
        "The person can ask for a new one."
    )


class StillOnItsWay(WrongState):
    """The message has not ended yet."""

    default = _("This message is still on its way: the portal tries again by itself.")


class SentAgainAlready(WrongState):
    """Each message is repeated once: two clicks are one wish."""

    default = _("This message was sent again already. If need be, repeat the newer one.")


def check_can_text(number: str, *, prefixes: Iterable[str]) -> None:
    """Raise `NumberNotReachable` unless the number is a mobile under an allowed prefix (ABUSE A13, A23)."""
    if not phones.is_e164(number):
        raise NumberNotReachable(
            _("Write the mobile number with its country code, as in +39 351 2345678."), field="mobile"
        )
    if not number.startswith(tuple(prefixes)):
        raise NumberNotReachable(_("Text messages do not go to this country."), field="mobile")
    if not phones.is_mobile(number):
        raise NumberNotReachable(_("This is not a mobile number: text messages cannot reach it."), field="mobile")


def check_can_send_again(*, state: str, template: Template, repeated: bool) -> None:
    """Raise `StillOnItsWay`, `SecretErased` or `SentAgainAlready` when a message cannot be sent again as it was."""
    if template.secrets:
        raise SecretErased
    if state not in ENDED | {State.SENT, State.UNKNOWN}:
        raise StillOnItsWay
    if repeated:
        raise SentAgainAlready


def check_can_release(*, state: str, thread: str) -> None:
    """Raise `WrongState` unless a mail lies in quarantine and belongs to a thread that it can go to."""
    if state != MailState.QUARANTINED or not thread:
        raise WrongState(_("Only a mail in quarantine that came to the address of a ticket can be let through."))


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many tries: 10 s, 20 s, 40 s … at most an hour."""
    doublings = min(max(tries - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def end_of_quiet(now: datetime, *, starts: time, ends: time, zone: str) -> datetime:
    """Return when the phone may ring: `now`, or the end of the quiet hours that `now` lies in (UTC)."""
    local = now.astimezone(ZoneInfo(zone))
    at = local.time().replace(tzinfo=None)
    if starts == ends:
        return now
    is_quiet = starts <= at < ends if starts < ends else at >= starts or at < ends
    if not is_quiet:
        return now
    day = local.date() if at < ends else local.date() + timedelta(days=1)
    return datetime.combine(day, ends, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def state_of(parts: Collection[str]) -> State:
    """Return the state of a text from those of its parts: it is as good as its worst part, once no part is open."""
    states = set(parts)
    if states & {PartState.HANDED}:
        return State.SENDING
    if PartState.FAILED in states:
        return State.FAILED
    if PartState.READY in states:
        return State.QUEUED
    if PartState.IN_DOUBT in states:
        return State.UNKNOWN
    return State.DELIVERED if states == {PartState.DELIVERED} else State.SENT
