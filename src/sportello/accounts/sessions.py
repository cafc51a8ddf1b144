"""Signed-in browsers: a random cookie, its SHA-256 in the database, idle and absolute ends."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse

from sportello.accounts import rules
from sportello.accounts.models import Membership, Person, Session, TotpDevice
from sportello.accounts.rules import viewing as rules_viewing
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, member_actor
from sportello.parties.states import OrganisationState

SEEN_EVERY = timedelta(seconds=60)
"""How exactly `last_seen_at` is kept: not one write per request."""
ROWS_BEHIND = (
    "person",
    "membership__organisation",
    "membership__person",
    "viewing_membership__organisation",
    "viewing_membership__person",
)


@dataclass(frozen=True)
class SignedIn:
    """A live session with what it acts as. `viewing` is set while the person views as another one.

    `must_add_authenticator`: acts as operator staff and has no authenticator app yet (product/01): nothing else is open.
    """

    session: Session
    person: Person
    membership: Membership
    viewing: Membership | None = None
    must_add_authenticator: bool = False

    @property
    def acting(self) -> Membership:
        """Return the membership that is acted as: the chosen one, or that of the person viewed as."""
        return self.viewing or self.membership

    def actor(self, *, request_id: str = "", address: str = "") -> Actor:
        """Return who acts: the chosen membership; while viewing as another person, that person's, read-only."""
        own = self.own_actor(request_id=request_id, address=address)
        if self.viewing is None:
            return own
        return actor_of(self.viewing, request_id=request_id, address=address).viewed_by(own)

    def own_actor(self, *, request_id: str = "", address: str = "") -> Actor:
        """Return the person as themselves, also while they view as another."""
        return actor_of(self.membership, request_id=request_id, address=address)


def open_session(
    *, person: Person, membership: Membership | None, now: datetime, address: str, browser: str
) -> tuple[Session, str]:
    """Write a session; return it and the cookie's value, which is kept nowhere else."""
    value = secrets.token_urlsafe(32)
    row = Session.objects.create(
        key_hash=key_hash(value),
        person=person,
        membership=membership,
        started_at=now,
        last_seen_at=now,
        confirmed_at=now,
        address=address,
        browser=browser[:200],
    )
    return row, value


def find(request: HttpRequest, *, now: datetime) -> SignedIn | None:
    """Return the live session of the request's cookie, or None.

    A person who was deactivated, or who holds no profile any more, is out with this request (ABUSE B01, B03).
    """
    value = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not value:
        return None
    has_app = Exists(TotpDevice.objects.filter(person=OuterRef("person")).exclude(confirmed_at=None))
    rows = Session.objects.filter(live(now), key_hash=key_hash(value)).annotate(has_app=has_app)
    row = rows.select_related(*ROWS_BEHIND).first()
    if row is None or not row.person.is_active:
        return None
    membership = row.membership if _holds(row.membership) else _any_membership(row.person)
    if membership is None:
        return None
    if now - row.last_seen_at > SEEN_EVERY:
        Session.objects.filter(pk=row.pk).update(last_seen_at=now)
    return SignedIn(
        session=row,
        person=row.person,
        membership=membership,
        viewing=_viewing(row, membership),
        must_add_authenticator=not row.has_app and rules.needs_authenticator([membership.profile]),
    )


def ended_session(request: HttpRequest, *, now: datetime) -> Session | None:
    """Return the session of the request's cookie that time has ended (idle or absolute), nobody by hand; None otherwise."""
    value = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not value:
        return None
    rows = Session.objects.filter(key_hash=key_hash(value), ended_at=None, person__deactivated_at=None)
    return rows.exclude(live(now)).select_related("person").first()


def live(now: datetime) -> Q:
    """Return the condition of a live session."""
    return Q(
        ended_at=None,
        last_seen_at__gt=now - settings.SPORTELLO["SESSION_IDLE"],
        started_at__gt=now - settings.SPORTELLO["SESSION_ABSOLUTE"],
    )


def end_sessions(person_id: int, *, now: datetime, but: int | None = None) -> int:
    """End the person's sessions (all, or all but one); return how many."""
    others = Session.objects.filter(person_id=person_id, ended_at=None)
    return (others if but is None else others.exclude(pk=but)).update(ended_at=now)


def set_cookie(response: HttpResponse, value: str) -> None:
    """Hand the cookie to the browser: for this browser's run only, out of reach of scripts."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        value,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear_cookie(response: HttpResponse) -> None:
    """Take the cookie back; the browser heeds this for a `__Host-` cookie only with Secure set again."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        "",
        max_age=0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def key_hash(value: str) -> str:
    """Return what the database keeps of a cookie's value (random 256 bits: a plain hash is enough)."""
    return hashlib.sha256(value.encode()).hexdigest()


def actor_of(membership: Membership, *, request_id: str = "", address: str = "") -> Actor:
    """Return the actor of a membership; that of an organisation that is read only can change nothing (ABUSE B03)."""
    actor = member_actor(
        person_id=membership.person_id,
        organisation_id=membership.organisation_id,
        profile=Profile(membership.profile),
        membership_id=membership.pk,
        name=membership.person.name,
        address=address,
        request_id=request_id,
    )
    return replace(actor, frozen=membership.organisation.state == OrganisationState.READ_ONLY)


def _holds(membership: Membership | None) -> bool:
    return (
        membership is not None
        and membership.ended_at is None
        and membership.person.is_active
        and membership.organisation.state != OrganisationState.CLOSED
    )


def _viewing(row: Session, own: Membership) -> Membership | None:
    target = row.viewing_membership
    return target if target is not None and rules_viewing.may_view_as(actor_of(own), target) else None


def _any_membership(person: Person) -> Membership | None:
    held = Membership.objects.across_tenants(reason="which profiles a person holds", opens_wall=False).filter(
        person=person, ended_at=None
    )
    return (
        held.exclude(organisation__state=OrganisationState.CLOSED)
        .select_related("organisation", "person")
        .order_by("pk")
        .first()
    )
