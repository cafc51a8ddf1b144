"""Signing in, step by step, and what people change about it. Never a secret, never what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol, TypedDict

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sportello.accounts.states import CodeOutcome, CodePurpose, SecondStep, SessionEnd, SignInFailure
from sportello.accounts.types import NumberInDoubt
from sportello.kernel.events import DomainEvent, Sentence, Words


def words_of(*choices: type[TextChoices]) -> Words:
    """Return the labels of the values that a field may hold."""
    return {value: label for each in choices for value, label in each.choices}


WAYS_IN: Final[Words] = {**words_of(SecondStep), "invitation": _("Invitation")}
GUARDS: Final[Words] = {"password": _("passwords"), "code": _("codes"), "address": _("from one network address")}
WAYS_TO_A_PASSWORD: Final[Words] = {
    "changed": _("changed by the person"),
    "reset": _("by a link from the mailbox"),
    "invitation": _("at the first access"),
}


class About(TypedDict):
    """The chain and the subject of an event about a person."""

    organisation_id: int | None
    subject_type: str
    subject_id: int


class AtHome(Protocol):
    """What an event needs of a person."""

    pk: Any
    organisation_id: Any


def about(person: AtHome | None) -> About:
    """Return chain and subject of an event about `person`, in the chain of the person's home organisation (None: nobody known)."""
    if person is None:
        return {"organisation_id": None, "subject_type": "person", "subject_id": 0}
    return {"organisation_id": person.organisation_id, "subject_type": "person", "subject_id": person.pk}


@dataclass(frozen=True, kw_only=True)
class FirstStepPassed(DomainEvent):
    """Username and password were right; a second step is asked."""

    kind: ClassVar[str] = "sign_in.first_step"
    sentence: ClassVar[Sentence] = _("Username and password were right")
    trusted_device: bool


@dataclass(frozen=True, kw_only=True)
class SignInFailed(DomainEvent):
    """A first step was refused. `failure` is a `SignInFailure`; what was typed is kept nowhere (people type passwords there)."""

    kind: ClassVar[str] = "sign_in.failed"
    sentence: ClassVar[Sentence] = _("A sign-in was refused (%(failure)s)")
    words: ClassVar[Mapping[str, Words]] = {"failure": words_of(SignInFailure)}
    failure: str


@dataclass(frozen=True, kw_only=True)
class SignInLocked(DomainEvent):
    """Too many wrong passwords or codes in a row. `guard` is what was counted: `password`, `code` or `address`."""

    kind: ClassVar[str] = "sign_in.locked"
    sentence: ClassVar[Sentence] = _("Signing in was locked after too many wrong attempts (%(guard)s)")
    words: ClassVar[Mapping[str, Words]] = {"guard": GUARDS}
    guard: str
    until: datetime
    trusted_device: bool


@dataclass(frozen=True, kw_only=True)
class SignInSucceeded(DomainEvent):
    """A person came in. `second_step` is a `SecondStep`, or `invitation`."""

    kind: ClassVar[str] = "sign_in.succeeded"
    sentence: ClassVar[Sentence] = _("Signed in (%(second_step)s)")
    words: ClassVar[Mapping[str, Words]] = {"second_step": WAYS_IN}
    second_step: str
    session_id: int


@dataclass(frozen=True, kw_only=True)
class OneTimeCodeSent(DomainEvent):
    """A one-time code was handed to the outbox. `to` shows the last digits of the number only; `queued` False: a budget is spent."""

    kind: ClassVar[str] = "otp.sent"
    sentence: ClassVar[Sentence] = _("A one-time code was sent (%(purpose)s) to %(to)s")
    words: ClassVar[Mapping[str, Words]] = {"purpose": words_of(CodePurpose)}
    purpose: str
    to: str
    queued: bool


@dataclass(frozen=True, kw_only=True)
class CodeWrong(DomainEvent):
    """A code, of an SMS, an app or the recovery list, was refused. `outcome` is a `CodeOutcome`."""

    kind: ClassVar[str] = "otp.wrong"
    sentence: ClassVar[Sentence] = _("A code was refused (%(purpose)s): %(outcome)s")
    words: ClassVar[Mapping[str, Words]] = {
        "purpose": words_of(CodePurpose, SecondStep),
        "outcome": words_of(CodeOutcome),
    }
    purpose: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class CodeReplayed(DomainEvent):
    """A code that was good once was typed again (ABUSE A02)."""

    kind: ClassVar[str] = "otp.replay"
    sentence: ClassVar[Sentence] = _("A code that was used before was typed again (%(purpose)s)")
    words: ClassVar[Mapping[str, Words]] = {"purpose": words_of(CodePurpose, SecondStep)}
    purpose: str


@dataclass(frozen=True, kw_only=True)
class CodesFrozen(DomainEvent):
    """No code goes to the person's number until an instant: its SIM is being replaced, ported or reassigned (ABUSE A15)."""

    kind: ClassVar[str] = "otp.frozen"
    sentence: ClassVar[Sentence] = _("Codes to the mobile number were paused: %(why)s")
    words: ClassVar[Mapping[str, Words]] = {"why": words_of(NumberInDoubt)}
    until: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class CodesUnfrozen(DomainEvent):
    """Somebody else than the person confirmed that the number still is theirs."""

    kind: ClassVar[str] = "otp.unfrozen"
    sentence: ClassVar[Sentence] = _("The mobile number was confirmed: codes go to it again")


@dataclass(frozen=True, kw_only=True)
class MobileVerified(DomainEvent):
    """A person proved by a code that the mobile is theirs."""

    kind: ClassVar[str] = "mobile.verified"
    sentence: ClassVar[Sentence] = _("The mobile number was proved by a code")


@dataclass(frozen=True, kw_only=True)
class MobileUnbound(DomainEvent):
    """A number does not receive a person's codes any more: its line went to somebody else (ABUSE A16)."""

    kind: ClassVar[str] = "mobile.unbound"
    sentence: ClassVar[Sentence] = _("The mobile number was taken out of signing in: %(why)s")
    words: ClassVar[Mapping[str, Words]] = {"why": words_of(NumberInDoubt)}
    why: str


@dataclass(frozen=True, kw_only=True)
class PasswordConfirmed(DomainEvent):
    """A signed-in person gave the password again before a change."""

    kind: ClassVar[str] = "password.confirmed"
    sentence: ClassVar[Sentence] = _("The password was given again")


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(DomainEvent):
    """A password was set. `way`: `changed`, `reset` or `invitation`."""

    kind: ClassVar[str] = "password.changed"
    sentence: ClassVar[Sentence] = _("The password was set (%(way)s); %(sessions_ended)s sessions were ended")
    words: ClassVar[Mapping[str, Words]] = {"way": WAYS_TO_A_PASSWORD}
    way: str
    sessions_ended: int


@dataclass(frozen=True, kw_only=True)
class PasswordResetWanted(DomainEvent):
    """Somebody asked for a link on the page of forgotten passwords; for whom is not kept."""

    kind: ClassVar[str] = "password.reset_wanted"
    sentence: ClassVar[Sentence] = _("Somebody asked for a link to set a new password")


@dataclass(frozen=True, kw_only=True)
class PasswordResetAsked(DomainEvent):
    """A link for a new password was mailed to a person."""

    kind: ClassVar[str] = "password.reset_asked"
    sentence: ClassVar[Sentence] = _("A link to set a new password was mailed")


@dataclass(frozen=True, kw_only=True)
class ContactChanged(DomainEvent):
    """An e-mail address or a mobile number for signing in was changed by its person."""

    kind: ClassVar[str] = "contact.changed"
    sentence: ClassVar[Sentence] = _(
        "The e-mail address or mobile number was changed; %(sessions_ended)s sessions were ended"
    )
    sessions_ended: int


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(DomainEvent):
    """A person changed name, language or time zone of their own account."""

    kind: ClassVar[str] = "profile.changed"
    sentence: ClassVar[Sentence] = _("Name, language or time zone were changed")
    news: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class AuthenticatorStarted(DomainEvent):
    """A secret for an authenticator app was shown; it counts only once a code of it was typed."""

    kind: ClassVar[str] = "totp.started"
    sentence: ClassVar[Sentence] = _("An authenticator app is being set up")


@dataclass(frozen=True, kw_only=True)
class AuthenticatorAdded(DomainEvent):
    """An authenticator app was confirmed by a code."""

    kind: ClassVar[str] = "totp.added"
    sentence: ClassVar[Sentence] = _("The authenticator app %(name)s was added")
    name: str


@dataclass(frozen=True, kw_only=True)
class AuthenticatorRemoved(DomainEvent):
    """An authenticator app was taken away."""

    kind: ClassVar[str] = "totp.removed"
    sentence: ClassVar[Sentence] = _("The authenticator app %(name)s was removed")
    name: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(DomainEvent):
    """New recovery codes were shown; the former ones are void."""

    kind: ClassVar[str] = "recovery_codes.made"
    sentence: ClassVar[Sentence] = _("%(number)s recovery codes were made")
    number: int


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code was used up."""

    kind: ClassVar[str] = "recovery_codes.used"
    sentence: ClassVar[Sentence] = _("A recovery code was used; %(left)s are left")
    left: int


@dataclass(frozen=True, kw_only=True)
class InvitationSent(DomainEvent):
    """A person was invited; by mail, or by a link printed on the command line."""

    kind: ClassVar[str] = "invitation.sent"
    sentence: ClassVar[Sentence] = _("An invitation was made")
    by_mail: bool
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(DomainEvent):
    """The open invitations of a person were taken back."""

    kind: ClassVar[str] = "invitation.revoked"
    sentence: ClassVar[Sentence] = _("The invitation was taken back")
    number: int


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(DomainEvent):
    """An invited person set the password and proved the mobile or an authenticator app."""

    kind: ClassVar[str] = "invitation.accepted"
    sentence: ClassVar[Sentence] = _("The invitation was accepted (%(second_step)s)")
    words: ClassVar[Mapping[str, Words]] = {"second_step": words_of(SecondStep)}
    second_step: str


@dataclass(frozen=True, kw_only=True)
class MembershipChosen(DomainEvent):
    """A person with several profiles chose which one to act as."""

    kind: ClassVar[str] = "membership.chosen"
    sentence: ClassVar[Sentence] = _("Chose to act as %(profile)s")
    news: ClassVar[bool] = False
    membership_id: int
    profile: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """Signed-in browsers of a person were ended. `how` is a `SessionEnd`."""

    kind: ClassVar[str] = "session.ended"
    sentence: ClassVar[Sentence] = _("%(number)s sessions were ended (%(how)s)")
    words: ClassVar[Mapping[str, Words]] = {"how": words_of(SessionEnd)}
    how: str
    number: int
