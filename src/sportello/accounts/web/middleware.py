"""The door for browsers: the session cookie becomes an `Actor`, once per request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from sportello.accounts import sessions
from sportello.kernel.web.middleware import client_address

GetResponse = Callable[[HttpRequest], HttpResponse]


class SignedInMiddleware:
    """Set `request.actor` (None = stranger), `request.person`, `request.signed_in` from the session cookie.

    The session, the person, the organisation and the membership are read anew each time: what was ended, deactivated or taken away
    a moment ago ends with this request (ABUSE B01).
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Build the actor and pass the request on, in the person's language and time zone."""
        signed_in = sessions.find(request, now=timezone.now())
        request.signed_in = signed_in  # type: ignore[attr-defined]
        request.person = signed_in.person if signed_in else None  # type: ignore[attr-defined]
        request.actor = signed_in.actor(request_id=_request_id(request), address=client_address(request)) if signed_in else None  # type: ignore[attr-defined]
        if signed_in is None:
            return self.get_response(request)
        with translation.override(signed_in.person.language), timezone.override(signed_in.person.time_zone):
            return self.get_response(request)


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
