"""What the pages of the door read off a request, and the cookies they keep: each signed or random, short-lived, out of scripts' reach.

Cookies: the first step of a sign-in, the trusted device, a mail's link, the new number or address being proved, a kept form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from sportello.accounts import queries
from sportello.accounts.models import Person
from sportello.accounts.types import Browser, FirstStep
from sportello.kernel.actor import Actor, Via, system_actor
from sportello.kernel.crypto import constant_time_equal, keyed_hash
from sportello.kernel.web.middleware import client_address

FIRST_STEP, DEVICE, LINK, CONTACT, KEPT = "first-step", "device", "link", "contact", "kept"
DEVICE_AGE = timedelta(days=365)
LINK_AGE = timedelta(hours=2)


@dataclass(frozen=True)
class Pending:
    """A browser between the two steps of a sign-in; `next_path` is where it wanted to go. It is nobody yet (ABUSE A18)."""

    first: FirstStep
    person: Person
    next_path: str


def door_actor(request: HttpRequest, *, reason: str = "sign-in", via: Via = Via.SESSION) -> Actor:
    """Return the actor of pages where nobody is signed in yet."""
    request_id = str(getattr(request, "request_id", ""))
    return system_actor(reason=reason, via=via, address=client_address(request), request_id=request_id)


def browser_of(request: HttpRequest) -> Browser:
    """Return the browser of a request."""
    return Browser(
        address=client_address(request),
        name=request.headers.get("User-Agent", ""),
        device_token=request.COOKIES.get(cookie_name(DEVICE), ""),
    )


def pending_of(request: HttpRequest) -> Pending | None:
    """Return the first step that this browser has taken, or None: none, too old, the password changed since, or not let in."""
    kept = read_signed(request, FIRST_STEP, age=settings.SPORTELLO["CODE_LIFETIME"])
    person = queries.person_at_the_door(kept["person"]) if kept else None
    if kept is None or person is None or not constant_time_equal(kept["stands_on"], _stands_on(person)):
        return None
    first = FirstStep(person_id=person.pk, browser_token=kept["browser"], device_id=kept["device"])
    return Pending(first=first, person=person, next_path=kept["next"])


def set_pending(response: HttpResponse, first: FirstStep, person: Person, next_path: str) -> None:
    """Let the browser remember its first step."""
    kept = {
        "person": first.person_id,
        "browser": first.browser_token,
        "device": first.device_id,
        "next": next_path,
        "stands_on": _stands_on(person),
    }
    set_signed(response, FIRST_STEP, kept)


def set_device(response: HttpResponse, value: str) -> None:
    """Let the browser be known again as a trusted device."""
    _set(response, DEVICE, value, age=DEVICE_AGE)


def read_signed(request: HttpRequest, name: str, *, age: timedelta) -> dict[str, Any] | None:
    """Return what a signed cookie says, or None when it is missing, forged or too old."""
    try:
        kept: dict[str, Any] = signing.loads(
            request.COOKIES.get(cookie_name(name), ""), salt=f"sportello.{name}", max_age=age
        )
    except signing.BadSignature:
        return None
    return kept


def set_signed(response: HttpResponse, name: str, kept: dict[str, Any]) -> None:
    """Set a signed cookie for this run of the browser."""
    _set(response, name, signing.dumps(kept, salt=f"sportello.{name}", compress=True), age=None)


def forget(response: HttpResponse, name: str) -> None:
    """Take a cookie back; for a `__Host-` cookie the browser heeds this only with Secure set again."""
    _set(response, name, "", age=timedelta(0))


def cookie_name(name: str) -> str:
    """Return a cookie's full name: bound to this host alone where there is HTTPS (ABUSE B08)."""
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def _set(response: HttpResponse, name: str, value: str, *, age: timedelta | None) -> None:
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=age,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _stands_on(person: Person) -> str:
    return keyed_hash("first-step", str(person.pk), person.password)[:32]
