"""Authenticator apps (RFC 6238) and recovery codes."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from sportello.accounts import queries, rules
from sportello.accounts.events import (
    AuthenticatorAdded,
    AuthenticatorRemoved,
    AuthenticatorStarted,
    CodeReplayed,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    about,
)
from sportello.accounts.models import Person, RecoveryCode, TotpDevice
from sportello.accounts.operations.messages import tell_of_change
from sportello.accounts.states import CodeOutcome, SecondStep
from sportello.accounts.types import Confirmed
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, keyed_hashes
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, NotFound

SECRET_BYTES = 20
STEPS_AROUND = 1
"""Codes of the step before and after are good too: phones' clocks differ (RFC 6238 §5.2)."""


def try_authenticator(*, person: Person, typed: str, now: datetime) -> CodeOutcome:
    """Try a code against a person's apps, inside an operation; each time step is good once (RFC 6238 §5.2)."""
    for device in queries.authenticators(person.pk):
        step = step_of(device.secret, typed, now=now)
        if step is None:
            continue
        if TotpDevice.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step) == 1:
            return CodeOutcome.ACCEPTED
        publish(CodeReplayed(**about(person), purpose=SecondStep.APP))
        return CodeOutcome.REPLAYED
    return CodeOutcome.WRONG


def try_recovery_code(*, person: Person, typed: str, now: datetime) -> CodeOutcome:
    """Use one recovery code up, inside an operation."""
    mine = RecoveryCode.objects.filter(person=person, code_hash__in=keyed_hashes("recovery", str(person.pk), typed))
    if mine.filter(used_at=None).update(used_at=now) == 1:
        publish(RecoveryCodeUsed(**about(person), left=queries.recovery_codes_left(person.pk)))
        return CodeOutcome.ACCEPTED
    if mine.exists():
        publish(CodeReplayed(**about(person), purpose=SecondStep.RECOVERY))
        return CodeOutcome.REPLAYED
    return CodeOutcome.WRONG


def step_of(secret: str, typed: str, *, now: datetime) -> int | None:
    """Return the time step whose code was typed, or None."""
    oath = TOTP(base64.b32decode(secret))
    oath.time = now.timestamp()
    return oath.t() if oath.verify(int(typed), tolerance=STEPS_AROUND) else None


def code_of(secret: str, *, now: datetime) -> str:
    """Return the code that an app with this secret shows."""
    oath = TOTP(base64.b32decode(secret))
    oath.time = now.timestamp()
    return f"{oath.token():06d}"


def address_of(device: TotpDevice, person: Person) -> str:
    """Return the otpauth address that an app reads from the picture (Google Authenticator's key URI format)."""
    issuer = settings.SPORTELLO["OPERATOR_NAME"]
    label = quote(f"{issuer}:{person.username}")
    return f"otpauth://totp/{label}?secret={device.secret}&issuer={quote(issuer)}"


@operation(section=Section.OWN_ACCOUNT)
def start_authenticator(*, actor: Actor, name: str, confirmed: Confirmed | None, now: datetime) -> TotpDevice:
    """Make a secret for an app, to be confirmed by a code of it. Raises `PasswordNotConfirmed`."""
    person = queries.own_person(actor)
    rules.check_confirmed(confirmed, person_id=person.pk, encoded=person.password, now=now)
    return new_authenticator(person, name)


def new_authenticator(person: Person, name: str) -> TotpDevice:
    """Write an app that waits for its first code, in the place of one that waited before; inside an operation."""
    TotpDevice.objects.filter(person=person, confirmed_at=None).delete()
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    device = TotpDevice.objects.create(person=person, name=name[:60] or str(_("Authenticator app")), secret=secret)
    publish(AuthenticatorStarted(**about(person)))
    return device


@operation(section=Section.OWN_ACCOUNT)
def confirm_authenticator(*, actor: Actor, typed: str, now: datetime) -> list[str]:
    """Confirm the app that is being set up by a code of it; return new recovery codes when the person has none left.

    Raises `InvalidInput` at `code`, `NotFound` when no app waits.
    """
    person = queries.own_person(actor)
    finish_authenticator(person, typed, now=now)
    tell_of_change(actor=actor, person=person, what=_("authenticator app"), key=f"totp:{person.pk}:{now.timestamp()}")
    return [] if queries.recovery_codes_left(person.pk) else new_recovery_codes(person)


def finish_authenticator(person: Person, typed: str, *, now: datetime) -> None:
    """Confirm the waiting app, inside an operation. Raises `InvalidInput` at `code`, `NotFound`."""
    device = queries.waiting_authenticator(person.pk)
    if device is None:
        raise NotFound
    step = step_of(device.secret, typed, now=now)
    if step is None:
        raise InvalidInput(
            _("This code is not right. Type the one that the app shows now; check the clock of your phone."),
            field="code",
        )
    TotpDevice.objects.filter(pk=device.pk).update(confirmed_at=now, last_step=step)
    publish(AuthenticatorAdded(**about(person), name=device.name))


@operation(section=Section.OWN_ACCOUNT)
def remove_authenticator(*, actor: Actor, device_id: int, confirmed: Confirmed | None, now: datetime) -> None:
    """Take an app away. Raises `PasswordNotConfirmed`, `NotFound`, `AuthenticatorNeeded`."""
    person = queries.own_person(actor)
    rules.check_confirmed(confirmed, person_id=person.pk, encoded=person.password, now=now)
    mine = queries.authenticators(person.pk)
    device = mine.filter(pk=device_id).first()
    if device is None:
        raise NotFound
    rules.check_can_remove_authenticator(left=mine.count() - 1, profiles=queries.profiles_held(person.pk))
    device.delete()
    publish(AuthenticatorRemoved(**about(person), name=device.name))
    tell_of_change(actor=actor, person=person, what=_("authenticator app"), key=f"totp:{person.pk}:{now.timestamp()}")


@operation(section=Section.OWN_ACCOUNT)
def make_recovery_codes(*, actor: Actor, confirmed: Confirmed | None, now: datetime) -> list[str]:
    """Make ten recovery codes in the place of the former ones; they are returned this once. Raises `PasswordNotConfirmed`."""
    person = queries.own_person(actor)
    rules.check_confirmed(confirmed, person_id=person.pk, encoded=person.password, now=now)
    return new_recovery_codes(person)


def new_recovery_codes(person: Person) -> list[str]:
    """Write ten new recovery codes, inside an operation; the used ones stay, so that their replay is recognised."""
    RecoveryCode.objects.filter(person=person, used_at=None).delete()
    codes = [rules.new_recovery_code() for _each in range(rules.RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, code_hash=keyed_hash("recovery", str(person.pk), code)) for code in codes
    )
    publish(RecoveryCodesMade(**about(person), number=len(codes)))
    return codes
