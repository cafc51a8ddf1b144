"""Signed-in browsers: a random cookie, its SHA-256 in the database, idle and absolute ends."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from sportello.accounts.models import Membership, Person, Session
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor, member_actor
from sportello.parties.states import OrganisationState

SEEN_EVERY = timedelta(seconds=60)
"""How exactly `last_seen_at` is kept: not one write per request."""


@dataclass(frozen=True)
class SignedIn:
    """A live session with what it acts as. `membership` None: the person holds no profile any more."""

    session: Session
    person: Person
    membership: Membership | None
    viewing: Membership | None

    def actor(self, *, request_id: str = "", address: str = "") -> Actor | None:
        """Return who acts: the chosen membership; while viewing as another person, that person's, read-only."""
        if self.membership is None:
            return None
        own = _actor_of(self.membership, request_id=request_id, address=address)
        if self.viewing is None:
            return own
        return _actor_of(self.viewing, request_id=request_id, address=address).viewed_by(own)


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
    """Return the live session of the request's cookie, or None."""
    value = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not value:
        return None
    row = (
        Session.objects.filter(live(now), key_hash=key_hash(value))
        .select_related("person", "membership__organisation", "membership__person", "viewing_membership__organisation", "viewing_membership__person")
        .first()
    )
    if row is None or not row.person.is_active:
        return None
    if now - row.last_seen_at > SEEN_EVERY:
        Session.objects.filter(pk=row.pk).update(last_seen_at=now)
    membership = row.membership if row.membership and _holds(row.membership) else _any_membership(row.person)
    viewing = row.viewing_membership if row.viewing_membership and _holds(row.viewing_membership) else None
    return SignedIn(session=row, person=row.person, membership=membership, viewing=viewing)


def live(now: datetime) -> Q:
    """Return the condition of a live session."""
    return Q(
        ended_at=None,
        last_seen_at__gt=now - settings.SPORTELLO["SESSION_IDLE"],
        started_at__gt=now - settings.SPORTELLO["SESSION_ABSOLUTE"],
    )


def end_sessions(person_id: int, *, now: datetime, but: int | None = None) -> int:
    """End the person's sessions (all, or all but one); return how many."""
    return Session.objects.filter(person_id=person_id, ended_at=None).exclude(pk=but).update(ended_at=now)


def set_cookie(response: HttpResponse, value: str) -> None:
    """Hand the cookie to the browser: for this browser's run only, out of reach of scripts."""
    response.set_cookie(
        settings.SESSION_COOKIE_NAME, value, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax", path="/"
    )


def clear_cookie(response: HttpResponse) -> None:
    """Take the cookie back."""
    response.delete_cookie(settings.SESSION_COOKIE_NAME, path="/", samesite="Lax")


def key_hash(value: str) -> str:
    """Return what the database keeps of a cookie's value (random 256 bits: a plain hash is enough)."""
    return hashlib.sha256(value.encode()).hexdigest()


def _holds(membership: Membership) -> bool:
    return (
        membership.ended_at is None
        and membership.person.is_active
        and membership.organisation.state != OrganisationState.CLOSED
    )


def _any_membership(person: Person) -> Membership | None:
    held = Membership.objects.across_tenants(reason="which profiles a person holds").filter(person=person, ended_at=None)
    return held.exclude(organisation__state=OrganisationState.CLOSED).select_related("organisation", "person").order_by("pk").first()


def _actor_of(membership: Membership, *, request_id: str, address: str) -> Actor:
    return member_actor(
        person_id=membership.person_id,
        organisation_id=membership.organisation_id,
        profile=Profile(membership.profile),
        membership_id=membership.pk,
        name=membership.person.name,
        address=address,
        request_id=request_id,
    )
