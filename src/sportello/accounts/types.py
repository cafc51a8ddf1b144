"""What accounts hands out, and what it asks of those above it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.accounts.states import CodeOutcome
from sportello.kernel.actor import Actor


class NumberInDoubt(TextChoices):
    """Why codes do not go to a number any more, or not for a while."""

    NEW_SIM = "new_sim", _("its SIM card was changed")
    LINE_GONE = "line_gone", _("its line went to somebody else")


@dataclass(frozen=True, kw_only=True)
class MessageTo:
    """To whom a message goes; an address given here goes before the person's own (the former one, say)."""

    person_id: int | None = None
    email: str | None = None
    mobile: str | None = None
    language: str = ""


class QueuedMessage(Protocol):
    """What became of a message: `state` is `failed` when it cannot go out at all (number not allowed, budget spent)."""

    state: str


class MessageSender(Protocol):
    """What messaging registers: write one message to the outbox, inside the transaction of the operation that calls.

    `template` names a message of its catalogue; `channel` is `email` or `sms`; `secret` values are erased once handed over;
    `idempotency_key` makes a second call with the same key do nothing.
    """

    def __call__(
        self,
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
    ) -> QueuedMessage:
        """Write the message to the outbox."""


_senders: list[MessageSender] = []


def register_message_sender(sender: MessageSender) -> None:
    """Let messaging (above accounts) say how a message goes out; the last registered counts."""
    _senders[:] = [sender]


def message_sender() -> MessageSender:
    """Return how messages go out. Raises `LookupError` when nobody registered."""
    if not _senders:
        msg = "no app registered a message sender (accounts.types.register_message_sender)"
        raise LookupError(msg)
    return _senders[0]


@dataclass(frozen=True, kw_only=True)
class PasswordAnswer:
    """A username and a password, compared. `encoded` is the hash that was compared: what changed since does not count.

    `person_id` None: nobody has that username. `upgraded` is a stronger hash of the right password when the stored one is outdated.
    """

    username: str
    person_id: int | None
    right: bool
    encoded: str = ""
    upgraded: str = ""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A signed-in person who just gave the password again."""

    person_id: int
    encoded: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Browser:
    """The browser at the door: its address, what it calls itself, and the token of the device cookie ("" = none)."""

    address: str
    name: str
    device_token: str = ""


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """A first step that was right: the random token that binds codes to the browser, and whether a code went out.

    `device_id` is the trusted device that the browser is, None for a stranger's.
    """

    person_id: int
    browser_token: str
    device_id: int | None


@dataclass(frozen=True, kw_only=True)
class CodeAnswer:
    """How entering a code ended; `locked_until` is set when it is LOCKED."""

    outcome: CodeOutcome
    locked_until: datetime | None = None

    @property
    def accepted(self) -> bool:
        """Tell whether the code was right."""
        return self.outcome is CodeOutcome.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class SignInResult:
    """How the second step ended; the values of the two cookies when it was right.

    `must_choose`: the person holds several profiles and has never said which one to act as.
    """

    answer: CodeAnswer
    session_value: str = ""
    device_value: str = ""
    must_choose: bool = False


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """A named login of the demo, as its generator wrote it down."""

    username: str
    password: str
    profile: str
    organisation: str
    name: str
