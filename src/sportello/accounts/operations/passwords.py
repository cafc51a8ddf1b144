"""Passwords: given again before a change, changed, reset by mail."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.accounts import queries, rules, sessions
from sportello.accounts.events import (
    PasswordChanged,
    PasswordConfirmed,
    PasswordResetAsked,
    PasswordResetWanted,
    SignInFailed,
    about,
)
from sportello.accounts.models import PasswordReset, Person, Session, TrustedDevice
from sportello.accounts.operations import guards
from sportello.accounts.operations.codes import locked_person, void_codes
from sportello.accounts.operations.messages import link, tell, tell_of_change
from sportello.accounts.states import SignInFailure
from sportello.accounts.types import Browser, Confirmed, PasswordAnswer
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, new_token
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import TooOften


@operation(section=Section.OWN_ACCOUNT)
def confirm_password(*, actor: Actor, session: Session, answer: PasswordAnswer, now: datetime) -> Confirmed | None:
    """Take the password that a signed-in person gave again; None when it is wrong, which counts as at the door.

    Good for a few minutes of this session (`rules.CONFIRMED_FOR`). Raises `TooOften` while the count is locked.
    """
    person = queries.own_person(actor)
    bucket = rules.account_bucket(f"{person.pk} signed in", None)  # apart from the door's: strangers cannot lock it
    guards.check_free(bucket, TooOften, now=now)
    if answer.person_id != person.pk or not answer.right:
        guards.failed(bucket, rules.password_limit(), now=now)
        publish(SignInFailed(**about(person), failure=SignInFailure.WRONG_PASSWORD))
        return None
    guards.clear(bucket)
    Session.objects.filter(pk=session.pk).update(confirmed_at=now)
    publish(PasswordConfirmed(**about(person)))
    return Confirmed(person_id=person.pk, encoded=answer.encoded, at=now)


@operation(section=Section.OWN_ACCOUNT)
def change_password(
    *, actor: Actor, session: Session, password: str, confirmed: Confirmed | None, now: datetime
) -> None:
    """Set a new password; the other sessions end, the person is told (ABUSE A14).

    Raises `PasswordNotConfirmed`, `InvalidInput` at `password`.
    """
    person = queries.own_person(actor)
    rules.check_confirmed(confirmed, person_id=person.pk, encoded=person.password, now=now)
    rules.check_new_password(password, person)
    store_password(person, make_password(password), way="changed", now=now, but=session.pk)
    _tell(actor, person, now)


def store_password(person: Person, encoded: str, *, way: str, now: datetime, but: int | None = None) -> None:
    """Store a hash inside an operation: sessions, trusted devices, codes and reset links that stood on the former one end."""
    Person.objects.across_tenants(reason="the person's own password", opens_wall=False).filter(pk=person.pk).update(
        password=encoded
    )
    TrustedDevice.objects.filter(person=person).delete()
    PasswordReset.objects.filter(person=person, used_at=None).update(used_at=now)
    void_codes(person.pk, now=now)
    ended = sessions.end_sessions(person.pk, now=now, but=but)
    publish(PasswordChanged(**about(person), way=way, sessions_ended=ended))


@operation(section=None, why="somebody forgot a password: nobody is signed in")
def ask_reset_links(*, actor: Actor, browser: Browser, now: datetime) -> None:  # noqa: ARG001 - the operation permits and records by it
    """Count that somebody asked for reset links; the mailing is background work, which the caller queues.

    Raises `TooManyFromHere` after many questions from one network address.
    """
    bucket = f"reset:{rules.address_bucket(browser.address)}"
    guards.check_free(bucket, rules.TooManyFromHere, now=now)
    guards.failed(bucket, rules.address_limit(), now=now)
    publish(PasswordResetWanted(organisation_id=None))


@operation(
    section=None, why="somebody forgot a password: who asks is not known, the link goes to the person's own mailbox"
)
def send_reset_links(*, actor: Actor, typed: str, now: datetime) -> int:
    """Mail a link for a new password to whoever has this username or address; return to how many, which nobody is told.

    Runs in the background, so that the page answers the same, as fast, for addresses that nobody has (ABUSE A07, A25).
    One link per person within `rules.RESET_PAUSE`: the button fills no mailbox.
    """
    sent = 0
    for person in queries.people_to_reset(typed):
        if PasswordReset.objects.filter(person=person, created_at__gt=now - rules.RESET_PAUSE).exists():
            continue
        _send_reset_link(actor=actor, person=person, now=now)
        sent += 1
    return sent


def _send_reset_link(*, actor: Actor, person: Person, now: datetime) -> None:
    token = new_token(256)
    lifetime = settings.SPORTELLO["RESET_LIFETIME"]
    PasswordReset.objects.filter(person=person, used_at=None).update(used_at=now)
    row = PasswordReset.objects.create(
        person=person,
        token_hash=keyed_hash("reset", token),
        email=person.email,
        created_at=now,
        expires_at=now + lifetime,
    )
    tell(
        actor=actor, person=person, template="password_reset", key=f"reset:{row.pk}", email=person.email, urgent=True,
        context={"minutes": str(int(lifetime.total_seconds() // 60))},
        secret={"link": link(reverse("accounts:reset_link", args=[token]))},
    )  # fmt: skip
    publish(PasswordResetAsked(**about(person)))


@operation(section=None, why="the holder of a reset link, which went to the person's own mailbox")
def reset_password(*, actor: Actor, token: str, password: str, now: datetime) -> None:
    """Set a new password by a reset link, once; every session ends. Signing in with a code comes afterwards as ever (ABUSE A25).

    Raises `LinkNotGood`, `InvalidInput` at `password`.
    """
    found = queries.reset_of(token, now=now)
    rules.check_link(good=found is not None)
    assert found is not None  # noqa: S101 - said by the line before
    guards.clear(rules.account_bucket(found.person.username, None))  # before the person's lock, as at the door
    person = locked_person(found.person_id)
    rules.check_new_password(password, person)
    used = PasswordReset.objects.filter(pk=found.pk, used_at=None).update(used_at=now)
    rules.check_link(good=used == 1)
    store_password(person, make_password(password), way="reset", now=now)
    _tell(actor, person, now)


def _tell(actor: Actor, person: Person, now: datetime) -> None:
    tell_of_change(actor=actor, person=person, what=_("password"), key=f"password:{person.pk}:{now.timestamp()}")
