"""First access: a link by mail, in which a person sets the password and proves the mobile, or an authenticator app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.accounts import queries, rules
from sportello.accounts.events import (
    CodeWrong,
    InvitationAccepted,
    InvitationRevoked,
    InvitationSent,
    MobileVerified,
    about,
)
from sportello.accounts.models import Invitation, Person
from sportello.accounts.operations import guards
from sportello.accounts.operations.codes import locked_person, send_code, try_code
from sportello.accounts.operations.messages import link, tell
from sportello.accounts.operations.passwords import store_password
from sportello.accounts.operations.sessions import INVITATION, begin_session
from sportello.accounts.operations.totp import finish_authenticator, new_authenticator
from sportello.accounts.queries import directory
from sportello.accounts.rules.people import check_can_invite
from sportello.accounts.states import CodeOutcome, CodePurpose, SecondStep
from sportello.accounts.types import Browser, CodeAnswer, SignInResult
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, new_token
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import WrongState


@dataclass(frozen=True, kw_only=True)
class FirstAccess:
    """How far an invited person is: by which second step, and whether the first is done. `mobile` is where a code goes ("" = ask)."""

    invitation: Invitation
    way: SecondStep
    mobile: str
    started: bool


@operation(section=Section.ADMINISTRATION)
def invite_person(*, actor: Actor, person: Person, now: datetime) -> None:
    """Mail a person the link for the first access; a former link is void. `person` was read in the actor's reach.

    Raises `InvalidInput` at `email` without a mailbox, `WrongState` for a deactivated person and for one without any profile.
    """
    person = locked_person(person.pk)
    check_can_invite(person, directory.profiles_anywhere(person))
    row, token = _invite(person, person.email, now=now)
    days = settings.SPORTELLO["INVITATION_LIFETIME"].days
    tell(
        actor=actor, person=person, template="invitation", key=f"invitation:{row.pk}", email=person.email,
        context={"organisation": person.organisation.legal_name, "days": str(days)},
        secret={"link": link(reverse("accounts:invitation_link", args=[token]))},
    )  # fmt: skip


@operation(section=Section.OPERATIONS)
def make_invitation_link(*, actor: Actor, person: Person, now: datetime) -> str:  # noqa: ARG001 - the operation permits and records by it
    """Return a link for a person's first access, to be handed over by other ways than mail (the first operator, say)."""
    _row, token = _invite(locked_person(person.pk), "", now=now)
    return link(reverse("accounts:invitation_link", args=[token]))


def _invite(person: Person, email: str, *, now: datetime) -> tuple[Invitation, str]:
    """Void what is open and write the next invitation of a person, whose row is held: one is good at a time (ABUSE B05)."""
    if not person.is_active:
        raise WrongState(_("This person is deactivated and cannot be invited."))
    Invitation.objects.filter(person=person, accepted_at=None, revoked_at=None).update(revoked_at=now)
    token = new_token(256)
    row = Invitation.objects.create(
        person=person,
        token_hash=keyed_hash("invitation", token),
        email=email,
        created_at=now,
        expires_at=now + settings.SPORTELLO["INVITATION_LIFETIME"],
    )
    publish(InvitationSent(**about(person), by_mail=bool(email), expires_at=row.expires_at))
    return row, token


@operation(section=Section.ADMINISTRATION)
def revoke_invitations(*, actor: Actor, person: Person, now: datetime) -> int:  # noqa: ARG001 - the operation permits and records by it
    """Take a person's open invitations back; return how many."""
    number = Invitation.objects.filter(person=person, accepted_at=None, revoked_at=None).update(revoked_at=now)
    publish(InvitationRevoked(**about(person), number=number))
    return number


def first_access(token: str, *, now: datetime) -> FirstAccess:
    """Return how far the invited person of a link is. Raises `LinkNotGood`."""
    found = queries.invitation_of(token, now=now)
    rules.check_link(good=found is not None)
    assert found is not None  # noqa: S101 - said by the line before
    person = found.person
    staff = rules.needs_authenticator(queries.profiles_held(person.pk))
    return FirstAccess(
        invitation=found,
        way=SecondStep.APP if staff else SecondStep.SMS,
        mobile=person.mobile or found.mobile,
        started=bool(found.password),
    )


@operation(section=None, why="the holder of an invitation link, which went to the person's own mailbox")
def start_first_access(
    *, actor: Actor, token: str, password: str, mobile: str, browser_token: str, now: datetime
) -> bool:
    """Keep the chosen password (and mobile, if none is known yet) and begin the second step: a code, or an app for operator staff.

    A number that an administrator entered cannot be changed here: whoever got hold of the mail must not name their own.
    Return False when the code cannot go out. Raises `LinkNotGood`, `InvalidInput` at `password` or `mobile`, `CodeTooSoon`.
    """
    access = first_access(token, now=now)
    person = access.invitation.person
    rules.check_new_password(password, person)
    number = "" if access.way is SecondStep.APP else rules.read_mobile(person.mobile or mobile)
    Invitation.objects.filter(pk=access.invitation.pk).update(password=make_password(password), mobile=number)
    if access.way is SecondStep.APP:
        new_authenticator(person, "")
        return True
    return send_code(
        actor=actor, person_id=person.pk, purpose=CodePurpose.INVITATION, browser_token=browser_token,
        destination=number, now=now,
    )  # fmt: skip


@operation(section=None, why="the holder of an invitation link asks for the code once more")
def send_first_code(*, actor: Actor, token: str, browser_token: str, now: datetime) -> bool:
    """Send the code of the first access again. Return False when it cannot go out. Raises `LinkNotGood`, `CodeTooSoon`."""
    access = first_access(token, now=now)
    rules.check_link(good=access.started and bool(access.mobile))
    return send_code(
        actor=actor, person_id=access.invitation.person_id, purpose=CodePurpose.INVITATION, browser_token=browser_token,
        destination=access.mobile, now=now,
    )  # fmt: skip


@operation(section=None, why="the holder of an invitation link proves the second step")
def finish_first_access(
    *, actor: Actor, token: str, typed: str, browser_token: str, browser: Browser, now: datetime
) -> SignInResult:
    """Take the second step of the first access; the right code opens a session and uses the link up (ABUSE B05).

    Raises `LinkNotGood`, and `InvalidInput` at `code` for a wrong code of an app.
    """
    access = first_access(token, now=now)
    rules.check_link(good=access.started)
    bucket = f"invitation:{access.invitation.person_id}"
    count = guards.hold(bucket, now=now)
    if count.locked(now):
        return SignInResult(answer=CodeAnswer(outcome=CodeOutcome.LOCKED, locked_until=count.locked_until))
    person = locked_person(access.invitation.person_id)
    if access.way is SecondStep.APP:
        finish_authenticator(person, typed, now=now)
        return _accept(actor=actor, access=access, person=person, browser=browser, now=now)
    outcome, row = try_code(
        person=person, purpose=CodePurpose.INVITATION, browser_token=browser_token, typed=typed, now=now
    )
    if row is None:
        publish(CodeWrong(**about(person), purpose=CodePurpose.INVITATION, outcome=outcome))
        return SignInResult(
            answer=CodeAnswer(outcome=outcome, locked_until=guards.failed(bucket, rules.code_limit(), now=now))
        )
    guards.clear(bucket)
    Person.objects.across_tenants(reason="the invited person's own number", opens_wall=False).filter(
        pk=person.pk
    ).update(mobile=row.destination, mobile_verified_at=now, codes_frozen_until=None)
    publish(MobileVerified(**about(person)))
    return _accept(actor=actor, access=access, person=person, browser=browser, now=now)


def _accept(*, actor: Actor, access: FirstAccess, person: Person, browser: Browser, now: datetime) -> SignInResult:
    open_one = Invitation.objects.filter(pk=access.invitation.pk, accepted_at=None, revoked_at=None)
    rules.check_link(good=open_one.update(accepted_at=now) == 1)
    store_password(person, access.invitation.password, way=INVITATION, now=now)
    publish(InvitationAccepted(**about(person), second_step=access.way))
    return begin_session(actor=actor, person=person, browser=browser, device_id=None, second_step=INVITATION, now=now)
