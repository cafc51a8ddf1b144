"""What signing in reads: the database's clock, passwords compared, codes, devices, links, and who somebody may act as."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password, verify_password
from django.db import connection
from django.db.models import Q, QuerySet

from sportello.accounts import rules
from sportello.accounts.models import (
    Invitation,
    Membership,
    OneTimeCode,
    PasswordReset,
    Person,
    RecoveryCode,
    Session,
    SignInGuard,
    TotpDevice,
    TrustedDevice,
)
from sportello.accounts.sessions import live
from sportello.accounts.states import CodePurpose, SecondStep
from sportello.accounts.types import Confirmed, DemoLogin, PasswordAnswer
from sportello.kernel.actor import Actor
from sportello.kernel.crypto import keyed_hash, keyed_hashes
from sportello.kernel.scope import ScopedQuerySet
from sportello.parties.states import OrganisationState

AT_THE_DOOR = "nobody is signed in yet"
MOST_RESETS = 5
"""A mailbox shared by many people gets so many links, not one for each of a thousand."""


def database_now() -> datetime:
    """Return the database's clock (aware, UTC): one-time codes expire by it, not by any web node's (ABUSE A06, A27)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
            return datetime.fromisoformat(str(cursor.fetchone()[0])).replace(tzinfo=UTC)
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now.astimezone(UTC)


def password_answer(username: str, password: str) -> PasswordAnswer:
    """Compare a password with that of the person of `username`; takes as long for a username that nobody has (ABUSE A07).

    Hashing takes about a tenth of a second: it is done here, outside of every transaction.
    """
    wanted = username.strip().lower()
    rows = Person.objects.across_tenants(reason=AT_THE_DOOR, opens_wall=False).filter(username=wanted)
    person_id, encoded = rows.values_list("pk", "password").first() or (None, "")
    right, outdated = verify_password(password, encoded)
    upgraded = make_password(password) if right and outdated else ""
    return PasswordAnswer(username=wanted, person_id=person_id, right=right, encoded=encoded, upgraded=upgraded)


def person_at_the_door(person_id: int) -> Person | None:
    """Return an active person who holds a profile somewhere, or None: nobody else may come in."""
    person = (
        Person.objects.across_tenants(reason=AT_THE_DOOR, opens_wall=False)
        .select_related("organisation")
        .filter(pk=person_id)
        .first()
    )
    if person is None or not person.is_active or not memberships_held(person.pk).exists():
        return None
    return person


def any_person(person_id: int | None) -> Person | None:
    """Return a person whatever their state; None for nobody, which takes one query as well (ABUSE A07)."""
    rows = Person.objects.across_tenants(reason=AT_THE_DOOR, opens_wall=False)
    return rows.filter(pk=person_id or 0).first()


def known_person(person_id: int) -> Person:
    """Return a person who was found a moment ago; people are never deleted."""
    rows = Person.objects.across_tenants(reason=AT_THE_DOOR, opens_wall=False)
    return rows.get_or_refuse(pk=person_id)


def own_person(actor: Actor) -> Person:
    """Return the person that the actor is. Raises `NotFound` for the system."""
    rows = Person.objects.across_tenants(reason="the person's own row", opens_wall=False).select_related("organisation")
    return rows.get_or_refuse(pk=actor.person_id)


def memberships_held(person_id: int) -> ScopedQuerySet[Membership]:
    """Return the profiles that a person can act as now: not ended, in organisations that are not closed (oldest first)."""
    held = Membership.objects.across_tenants(reason="which profiles a person holds", opens_wall=False).filter(
        person_id=person_id, ended_at=None
    )
    open_ones = held.exclude(organisation__state=OrganisationState.CLOSED)
    return open_ones.select_related("organisation", "person").order_by("pk")


def profiles_held(person_id: int) -> list[str]:
    """Return the profiles (values) that a person can act as now."""
    return list(memberships_held(person_id).values_list("profile", flat=True))


def first_membership(person_id: int) -> Membership | None:
    """Return what a person starts as: the profile last acted as, else the one held longest; None without any."""
    held = list(memberships_held(person_id))
    last = (
        Session.objects.filter(person_id=person_id)
        .order_by("-last_seen_at", "-pk")
        .values_list("membership_id", flat=True)
        .first()
    )
    return next((each for each in held if each.pk == last), held[0] if held else None)


def trusted_device(person_id: int | None, token: str) -> TrustedDevice | None:
    """Return the trusted device of a person whose token the browser holds, or None."""
    if not token or person_id is None:
        return None
    return TrustedDevice.objects.filter(person_id=person_id, token_hash__in=keyed_hashes("device", token)).first()


def browser_hash(token: str) -> str:
    """Return what is kept of the token that binds codes to one browser."""
    return keyed_hash("browser", token)


def latest_code(person_id: int, purpose: CodePurpose, browser: str) -> OneTimeCode | None:
    """Return the newest code that this browser (its hash) asked for, in whatever state."""
    rows = OneTimeCode.objects.filter(person_id=person_id, purpose=purpose, browser_hash=browser)
    return rows.order_by("-sent_at", "-pk").first()


def code_sends(person_id: int, purpose: CodePurpose, *, device_id: int | None, since: datetime) -> list[datetime]:
    """Return when codes of one purpose were sent to a person since an instant, newest first.

    A trusted device counts only its own, so that a stranger with the password cannot use up its sends (ABUSE A11); to
    everybody else all count.
    """
    rows = OneTimeCode.objects.filter(person_id=person_id, purpose=purpose, sent_at__gt=since)
    if device_id is not None:
        rows = rows.filter(device_id=device_id)
    return list(rows.order_by("-sent_at").values_list("sent_at", flat=True))


def second_steps(person: Person) -> list[SecondStep]:
    """Return the ways in which a person can prove more than the password, the usual one first.

    Whoever must have an authenticator app and has one uses it: a code by SMS is no way around it.
    """
    app = TotpDevice.objects.filter(person=person).exclude(confirmed_at=None).exists()
    sms = rules.may_receive_codes(mobile=person.mobile, verified=person.mobile_verified_at is not None)
    ways = [SecondStep.APP] if app else []
    if sms and not (app and rules.needs_authenticator(profiles_held(person.pk))):
        ways.append(SecondStep.SMS)
    if recovery_codes_left(person.pk):
        ways.append(SecondStep.RECOVERY)
    return ways


def authenticators(person_id: int) -> QuerySet[TotpDevice]:
    """Return a person's confirmed authenticator apps, oldest first."""
    return TotpDevice.objects.filter(person_id=person_id).exclude(confirmed_at=None).order_by("pk")


def waiting_authenticator(person_id: int) -> TotpDevice | None:
    """Return the authenticator app that a person is just setting up, or None."""
    return TotpDevice.objects.filter(person_id=person_id, confirmed_at=None).order_by("-pk").first()


def recovery_codes_left(person_id: int) -> int:
    """Return how many recovery codes a person has left."""
    return RecoveryCode.objects.filter(person_id=person_id, used_at=None).count()


def own_recovery_codes(person_id: int, typed: list[str]) -> list[str]:
    """Return those of `typed` that are unused recovery codes of the person, in their order."""
    kept = set(RecoveryCode.objects.filter(person_id=person_id, used_at=None).values_list("code_hash", flat=True))
    return [code for code in typed if kept.intersection(keyed_hashes("recovery", str(person_id), code))]


def live_sessions(person_id: int, *, now: datetime) -> QuerySet[Session]:
    """Return a person's signed-in browsers, the last seen first."""
    rows = Session.objects.filter(live(now), person_id=person_id)
    return rows.select_related("membership__organisation").order_by("-last_seen_at", "-pk")


def guard_count(bucket: str, *, now: datetime) -> rules.Count:
    """Return what a guard has counted; a bucket that does not exist has counted nothing."""
    row = SignInGuard.objects.filter(bucket=bucket).first()
    if row is None:
        return rules.Count(0, 0, now, None)
    return rules.Count(row.failures, row.locks, row.window_started_at, row.locked_until)


def invitation_of(token: str, *, now: datetime) -> Invitation | None:
    """Return the open invitation of a link's token: not accepted, not revoked, not old, and the mailbox still the person's."""
    rows = Invitation.objects.filter(
        token_hash__in=keyed_hashes("invitation", token), accepted_at=None, revoked_at=None
    )
    found = rows.filter(expires_at__gt=now).select_related("person__organisation").first()
    if found is None or not found.person.is_active or found.email not in ("", found.person.email):
        return None
    return found


def reset_of(token: str, *, now: datetime) -> PasswordReset | None:
    """Return the open reset of a link's token: not used, not old, the person active and the mailbox still theirs (ABUSE A25)."""
    rows = PasswordReset.objects.filter(token_hash__in=keyed_hashes("reset", token), used_at=None, expires_at__gt=now)
    found = rows.select_related("person__organisation").first()
    if found is None or not found.person.is_active or found.email != found.person.email:
        return None
    return found


def people_to_reset(typed: str) -> list[Person]:
    """Return who gets a reset link for a username or e-mail address as typed: active, with a password and a mailbox."""
    wanted = typed.strip()
    if not wanted:
        return []
    rows = Person.objects.across_tenants(reason=AT_THE_DOOR, opens_wall=False).filter(
        Q(username=wanted.lower()) | Q(email__iexact=wanted)
    )
    return list(rows.filter(deactivated_at=None).exclude(email="").exclude(password="").order_by("pk")[:MOST_RESETS])


def freshly_confirmed(session: Session, person: Person, *, now: datetime) -> Confirmed | None:
    """Return that the password was given a short while ago in this session, or None."""
    if now - session.confirmed_at >= rules.CONFIRMED_FOR:
        return None
    return Confirmed(person_id=person.pk, encoded=person.password, at=session.confirmed_at)


def demo_logins() -> list[DemoLogin]:
    """Return the named logins of the demo, as its generator wrote them; none outside a demo."""
    file = settings.SPORTELLO["DATA_FOLDER"] / "demo-logins.json"
    if not settings.SPORTELLO["DEMO"] or not file.exists():
        return []
    known = DemoLogin.__dataclass_fields__
    return [DemoLogin(**{name: str(entry[name]) for name in known}) for entry in json.loads(file.read_text())]
