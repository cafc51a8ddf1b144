"""Signing in and what may be changed about it: pure, facts in, refusal out. Figures: ABUSE.md, header; each is a setting."""

from __future__ import annotations

import ipaddress
import math
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Person
from sportello.accounts.types import Confirmed
from sportello.kernel import phones
from sportello.kernel.access import OPERATOR_PROFILES
from sportello.kernel.crypto import keyed_hash
from sportello.kernel.refusals import InvalidInput, TooOften, WrongState

CODE = re.compile(r"[0-9]{6}", re.ASCII)
USERNAME = re.compile(r"[a-z0-9._@+-]{1,150}", re.ASCII)
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that people mistake for one another (i, l, o, 0, 1)."""
RECOVERY_LENGTH = 10
RECOVERY_CODES = 10
RECOVERY_CODE = re.compile(f"[{RECOVERY_ALPHABET}]{{{RECOVERY_LENGTH}}}")
CONFIRMED_FOR = timedelta(minutes=5)
"""How long a password that was given again allows changes: one form, not the rest of the session."""
CODE_SENDS_WINDOW = timedelta(minutes=30)
"""The window of CODE_SENDS_PER_LIFETIME, also where a strict profile shortens the life of codes."""
RESET_PAUSE = timedelta(minutes=5)
"""How long after one reset link the next is mailed."""
NEXT_LENGTH = 2000


class CodeTooSoon(TooOften):
    """A new code was asked for before its time; `retry_after` says when."""


class TooManyFromHere(TooOften):
    """Too many wrong passwords from one network address (ABUSE A10)."""

    default = _("Too many failed sign-ins from your network. Please try again later.")


class CodesAreFrozen(WrongState):
    """Codes to this number are stopped because its SIM is changing hands (ABUSE A15)."""

    default = _(
        "Codes to your mobile number are paused because its SIM card was changed. "
        "Use your authenticator app, or ask your administrator to confirm the number."
    )


class NoNumberForCodes(WrongState):
    """There is no verified mobile number that codes may go to."""

    default = _("There is no mobile number that codes can be sent to. Please ask your administrator.")


class LinkNotGood(WrongState):
    """An invitation or reset link was used, replaced, taken back, or is too old (ABUSE A25, B05)."""

    default = _(
        "This link is not good any more: it was used, replaced by a newer one, or is too old. Ask for a new one."
    )


class PasswordNotConfirmed(InvalidInput):
    """The password given again is not right."""

    default = _("This is not your present password.")


class AuthenticatorNeeded(WrongState):
    """The operator's people cannot be without an authenticator app."""

    default = _("The operator's people need an authenticator app: add another one before you remove this one.")


@dataclass(frozen=True)
class Limit:
    """`tries` failures lock for `lock`; each further lock lasts twice as long, at most `longest`; counting restarts after `window`."""

    tries: int
    lock: timedelta
    longest: timedelta
    window: timedelta | None = None


@dataclass(frozen=True)
class Count:
    """What a guard has counted. `locked_until` may be past."""

    failures: int
    locks: int
    since: datetime
    locked_until: datetime | None

    def locked(self, now: datetime) -> bool:
        """Tell whether the guard is locked at `now` (half-open: free at the very end)."""
        return self.locked_until is not None and now < self.locked_until


def password_limit() -> Limit:
    """Return the back-off of wrong passwords for one account."""
    figures = settings.SPORTELLO
    return Limit(figures["PASSWORD_TRIES"], figures["PASSWORD_LOCK_TIME"], timedelta(hours=1), timedelta(days=1))


def address_limit() -> Limit:
    """Return the back-off of one network address, whatever the accounts (ABUSE A10)."""
    figures = settings.SPORTELLO
    return Limit(
        figures["ADDRESS_TRIES"], figures["ADDRESS_LOCK_TIME"], timedelta(hours=1), figures["ADDRESS_LOCK_TIME"]
    )


def code_limit() -> Limit:
    """Return the lock after wrong codes in a row, across codes; nothing but a right code restarts it (ABUSE A08, A09)."""
    figures = settings.SPORTELLO
    return Limit(figures["CODE_LOCK_AFTER"], figures["CODE_LOCK_TIME"], timedelta(days=1))


def after_failure(count: Count, limit: Limit, now: datetime) -> Count:
    """Return the count after one more failure at `now`; failures while locked change nothing."""
    if count.locked(now):
        return count
    if limit.window is not None and now - count.since >= limit.window:
        count = Count(0, 0, now, None)
    if count.failures + 1 < limit.tries:
        return replace(count, failures=count.failures + 1)
    lock = min(limit.lock * 2 ** min(count.locks, 30), limit.longest)
    return Count(failures=0, locks=count.locks + 1, since=count.since, locked_until=now + lock)


def address_bucket(address: str) -> str:
    """Return what is counted for an address: IPv4 as it is, IPv6 by its /64, which one subscriber holds whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    if parsed.version == 4:  # noqa: PLR2004 - IPv4
        return f"address:{parsed}"
    return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"


def read_username(typed: str) -> str:
    """Return a username in small letters. Raises `InvalidInput` at `username` for anything but letters, digits and . _ @ + -."""
    name = typed.strip().lower()
    if not USERNAME.fullmatch(name):
        raise InvalidInput(_("A username has only letters, digits and . _ @ + -"), field="username")
    return name


def new_code() -> str:
    """Return six random ASCII digits."""
    return f"{secrets.randbelow(10**6):06d}"


def read_code(typed: str) -> str:
    """Return a typed code without its spaces. Raises `InvalidInput` for anything but six ASCII digits (ABUSE A21)."""
    code = typed.replace(" ", "").replace("\u00a0", "")
    if not CODE.fullmatch(code):
        raise InvalidInput(_("The code has six digits."), field="code")
    return code


def new_recovery_code() -> str:
    """Return a random recovery code (some 49 bits), in two groups for reading."""
    letters = "".join(secrets.choice(RECOVERY_ALPHABET) for _each in range(RECOVERY_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def read_recovery_code(typed: str) -> str:
    """Return a typed recovery code in its one form. Raises `InvalidInput`."""
    code = typed.lower().replace(" ", "").replace("\u00a0", "").replace("-", "")
    if not RECOVERY_CODE.fullmatch(code):
        raise InvalidInput(_("A recovery code has ten letters and digits, such as abcde-fgh23."), field="code")
    return f"{code[:5]}-{code[5:]}"


def next_code_at(sent_at: Sequence[datetime], now: datetime) -> datetime:
    """Return when the next code may be sent: after the resend pause, and so many per half hour. `sent_at` is newest first."""
    figures = settings.SPORTELLO
    frees = [sent_at[0] + figures["CODE_RESEND_AFTER"]] if sent_at else []
    most = figures["CODE_SENDS_PER_LIFETIME"]
    if len(sent_at) >= most:
        frees.append(sent_at[most - 1] + CODE_SENDS_WINDOW)
    return max(frees, default=now)


def check_send_rate(sent_at: Sequence[datetime], now: datetime) -> None:
    """Refuse a code before its time (`next_code_at`). Raises `CodeTooSoon` with the seconds to wait."""
    free = next_code_at(sent_at, now)
    if free > now:
        raise CodeTooSoon(
            _("A code was sent to you a short while ago. Please wait before you ask for another one."),
            retry_after=seconds(free - now),
        )


def seconds(wait: timedelta) -> int:
    """Return whole seconds, rounded up, at least one."""
    return max(1, math.ceil(wait.total_seconds()))


def check_codes_may_go(*, mobile: str, verified: bool, frozen_until: datetime | None, now: datetime) -> None:
    """Refuse codes to a number that is not proved, frozen, or no mobile under an allowed prefix (ABUSE A13, A15, A23)."""
    if not may_receive_codes(mobile=mobile, verified=verified):
        raise NoNumberForCodes
    if frozen_until is not None and now < frozen_until:
        raise CodesAreFrozen


def may_receive_codes(*, mobile: str, verified: bool) -> bool:
    """Tell whether a number could receive sign-in codes, a freeze aside."""
    return verified and phones.is_allowed_for_codes(mobile, settings.SPORTELLO["SMS_ALLOWED_PREFIXES"])


def read_mobile(typed: str) -> str:
    """Return a mobile number for codes in E.164. Raises `InvalidInput` at `mobile` (ABUSE A13, A23)."""
    try:
        number = phones.normalise(typed, settings.SPORTELLO["COUNTRY"])
    except phones.InvalidPhoneNumber as wrong:
        raise InvalidInput(wrong.sentence, field="mobile") from wrong
    prefixes: Iterable[str] = settings.SPORTELLO["SMS_ALLOWED_PREFIXES"]
    if not number.startswith(tuple(prefixes)):
        sentence = _("Codes can be sent to numbers starting with %(prefixes)s only.") % {
            "prefixes": ", ".join(prefixes)
        }
        raise InvalidInput(sentence, field="mobile")
    if not phones.is_mobile(number):
        raise InvalidInput(
            _("This is not a mobile number: codes cannot be sent to land lines or service numbers."), field="mobile"
        )
    return number


def local_path(wanted: str) -> str:
    """Return `wanted` when it is a path of this portal, else "" (ABUSE A24: no redirect to elsewhere)."""
    if not wanted.startswith("/") or len(wanted) > NEXT_LENGTH or not wanted.isprintable():
        return ""  # browsers drop tabs and line ends: "/<tab>/evil" would be "//evil"
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def needs_authenticator(profiles: Collection[str]) -> bool:
    """Tell whether someone with these profiles must have an authenticator app (product/01: operator staff).

    Switched off in the demo alone (STAFF_NEEDS_AUTHENTICATOR), so that a newcomer can look around without an app.
    """
    return bool(settings.SPORTELLO["STAFF_NEEDS_AUTHENTICATOR"]) and any(each in OPERATOR_PROFILES for each in profiles)


def check_can_remove_authenticator(*, left: int, profiles: Collection[str]) -> None:
    """Refuse to leave the operator's people without any authenticator app."""
    if left == 0 and needs_authenticator(profiles):
        raise AuthenticatorNeeded


def check_link(*, good: bool) -> None:
    """Refuse a link that is not good (any more); the reasons are told apart by nothing."""
    if not good:
        raise LinkNotGood


def account_bucket(username: str, device_id: int | None) -> str:
    """Return what is counted for wrong passwords: per username, a trusted device apart (ABUSE A12). Never the name in clear."""
    return _with_device(f"password:{keyed_hash('username', username)[:32]}", device_id)


def code_bucket(person_id: int, device_id: int | None) -> str:
    """Return what is counted for wrong codes of a sign-in, a trusted device apart."""
    return _with_device(f"code:{person_id}", device_id)


def _with_device(bucket: str, device_id: int | None) -> str:
    return bucket if device_id is None else f"{bucket}:device:{device_id}"


def hint(destination: str) -> str:
    """Return as much of a number or address as its owner recognises and nobody else can use."""
    name, at, domain = destination.partition("@")
    return f"{name[:1]}…@{domain}" if at else f"… {destination[-3:]}"


def check_new_password(password: str, person: Person) -> None:
    """Refuse a password that is too short, too common, or too like the person's own data. Raises `InvalidInput` at `password`."""
    try:
        validate_password(password, person)
    except ValidationError as wrong:
        raise InvalidInput(" ".join(wrong.messages), field="password") from wrong


def check_confirmed(confirmed: Confirmed | None, *, person_id: int, encoded: str, now: datetime) -> None:
    """Refuse a change of credentials without the password given again a short while ago (ABUSE A14).

    `encoded` is the person's stored hash now: a confirmation with a former password does not count.
    """
    if confirmed is None or now - confirmed.at >= CONFIRMED_FOR:
        raise PasswordNotConfirmed(field="current_password")
    if (confirmed.person_id, confirmed.encoded) != (person_id, encoded):
        raise PasswordNotConfirmed(field="current_password")
