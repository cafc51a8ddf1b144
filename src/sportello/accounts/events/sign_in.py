"""Signing in, step by step, and what people change about it. Never a secret, never what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypedDict

from sportello.accounts.models import Person
from sportello.kernel.events import DomainEvent


class About(TypedDict):
    """The chain and the subject of an event about a person."""

    organisation_id: int | None
    subject_type: str
    subject_id: int


def about(person: Person | None) -> About:
    """Return chain and subject of an event about `person`, in the chain of the person's home organisation (None: nobody known)."""
    if person is None:
        return {"organisation_id": None, "subject_type": "person", "subject_id": 0}
    return {"organisation_id": person.organisation_id, "subject_type": "person", "subject_id": person.pk}


@dataclass(frozen=True, kw_only=True)
class FirstStepPassed(DomainEvent):
    """Username and password were right; a second step is asked."""

    kind: ClassVar[str] = "sign_in.first_step"
    trusted_device: bool


@dataclass(frozen=True, kw_only=True)
class SignInFailed(DomainEvent):
    """A first step was refused. `failure` is a `SignInFailure`; what was typed is kept nowhere (people type passwords there)."""

    kind: ClassVar[str] = "sign_in.failed"
    failure: str


@dataclass(frozen=True, kw_only=True)
class SignInLocked(DomainEvent):
    """Too many wrong passwords or codes in a row. `guard` is what was counted: `password`, `code` or `address`."""

    kind: ClassVar[str] = "sign_in.locked"
    guard: str
    until: datetime
    trusted_device: bool


@dataclass(frozen=True, kw_only=True)
class SignInSucceeded(DomainEvent):
    """A person came in. `second_step` is a `SecondStep`, or `invitation`."""

    kind: ClassVar[str] = "sign_in.succeeded"
    second_step: str
    session_id: int


@dataclass(frozen=True, kw_only=True)
class OneTimeCodeSent(DomainEvent):
    """A one-time code was handed to the outbox. `to` shows the last digits of the number only; `queued` False: a budget is spent."""

    kind: ClassVar[str] = "otp.sent"
    purpose: str
    to: str
    queued: bool


@dataclass(frozen=True, kw_only=True)
class CodeWrong(DomainEvent):
    """A code, of an SMS, an app or the recovery list, was refused. `outcome` is a `CodeOutcome`."""

    kind: ClassVar[str] = "otp.wrong"
    purpose: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class CodeReplayed(DomainEvent):
    """A code that was good once was typed again (ABUSE A02)."""

    kind: ClassVar[str] = "otp.replay"
    purpose: str


@dataclass(frozen=True, kw_only=True)
class CodesFrozen(DomainEvent):
    """No code goes to the person's number until an instant: its SIM is being replaced, ported or reassigned (ABUSE A15)."""

    kind: ClassVar[str] = "otp.frozen"
    until: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class CodesUnfrozen(DomainEvent):
    """Somebody else than the person confirmed that the number still is theirs."""

    kind: ClassVar[str] = "otp.unfrozen"


@dataclass(frozen=True, kw_only=True)
class MobileVerified(DomainEvent):
    """A person proved by a code that the mobile is theirs."""

    kind: ClassVar[str] = "mobile.verified"


@dataclass(frozen=True, kw_only=True)
class MobileUnbound(DomainEvent):
    """A number does not receive a person's codes any more: its line went to somebody else (ABUSE A16)."""

    kind: ClassVar[str] = "mobile.unbound"
    why: str


@dataclass(frozen=True, kw_only=True)
class PasswordConfirmed(DomainEvent):
    """A signed-in person gave the password again before a change."""

    kind: ClassVar[str] = "password.confirmed"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(DomainEvent):
    """A password was set. `way`: `changed`, `reset` or `invitation`."""

    kind: ClassVar[str] = "password.changed"
    way: str
    sessions_ended: int


@dataclass(frozen=True, kw_only=True)
class PasswordResetWanted(DomainEvent):
    """Somebody asked for a link on the page of forgotten passwords; for whom is not kept."""

    kind: ClassVar[str] = "password.reset_wanted"


@dataclass(frozen=True, kw_only=True)
class PasswordResetAsked(DomainEvent):
    """A link for a new password was mailed to a person."""

    kind: ClassVar[str] = "password.reset_asked"


@dataclass(frozen=True, kw_only=True)
class ContactChanged(DomainEvent):
    """An e-mail address or a mobile number for signing in was changed by its person."""

    kind: ClassVar[str] = "contact.changed"
    sessions_ended: int


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(DomainEvent):
    """A person changed name, language or time zone of their own account."""

    kind: ClassVar[str] = "profile.changed"


@dataclass(frozen=True, kw_only=True)
class AuthenticatorStarted(DomainEvent):
    """A secret for an authenticator app was shown; it counts only once a code of it was typed."""

    kind: ClassVar[str] = "totp.started"


@dataclass(frozen=True, kw_only=True)
class AuthenticatorAdded(DomainEvent):
    """An authenticator app was confirmed by a code."""

    kind: ClassVar[str] = "totp.added"
    name: str


@dataclass(frozen=True, kw_only=True)
class AuthenticatorRemoved(DomainEvent):
    """An authenticator app was taken away."""

    kind: ClassVar[str] = "totp.removed"
    name: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(DomainEvent):
    """New recovery codes were shown; the former ones are void."""

    kind: ClassVar[str] = "recovery_codes.made"
    number: int


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code was used up."""

    kind: ClassVar[str] = "recovery_codes.used"
    left: int


@dataclass(frozen=True, kw_only=True)
class InvitationSent(DomainEvent):
    """A person was invited; by mail, or by a link printed on the command line."""

    kind: ClassVar[str] = "invitation.sent"
    by_mail: bool
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(DomainEvent):
    """The open invitations of a person were taken back."""

    kind: ClassVar[str] = "invitation.revoked"
    number: int


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(DomainEvent):
    """An invited person set the password and proved the mobile or an authenticator app."""

    kind: ClassVar[str] = "invitation.accepted"
    second_step: str


@dataclass(frozen=True, kw_only=True)
class MembershipChosen(DomainEvent):
    """A person with several profiles chose which one to act as."""

    kind: ClassVar[str] = "membership.chosen"
    membership_id: int
    profile: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """Signed-in browsers of a person were ended. `how` is a `SessionEnd`."""

    kind: ClassVar[str] = "session.ended"
    how: str
    number: int
