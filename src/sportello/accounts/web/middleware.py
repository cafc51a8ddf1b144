"""The door for browsers: the session cookie becomes an `Actor`, once per request."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from sportello.accounts import kept_forms, sessions
from sportello.accounts.web import door
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import WrongState
from sportello.kernel.web import PageMark
from sportello.kernel.web.middleware import client_address, refused

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_WITHOUT_AUTHENTICATOR: Final = frozenset(
    {
        "accounts:authenticator_needed",
        "accounts:authenticator_scan",
        "accounts:authenticator_picture",
        "accounts:recovery_codes_file",
        "accounts:sign_out",
        "accounts:act_as",
        "shell:set_language",
    }
)
"""What operator staff reach before they have an authenticator app: setting one up, and the ways out."""
ANY_TAB: Final = frozenset({"accounts:act_as", "accounts:sign_out", "accounts:stop_viewing"})
"""What any tab may send, whoever it was opened as: choosing whom to act as, ceasing to view as another, and leaving."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class OtherTabActsAsAnother(WrongState):
    """A form of a page that was opened while acting as another membership (ABUSE C12)."""

    default = _(
        "This page was opened while you acted as another profile, and you switched in another tab since. "
        "Nothing was changed. Reload the page, or switch back."
    )


class FormSaysNotAsWhom(WrongState):
    """A form that does not say as which membership its page was opened: none of the portal's own (ABUSE C12)."""

    default = _(
        "What you sent does not say as which profile its page was opened. Nothing was changed. "
        "Go back, reload the page and send it again."
    )


class SignedInMiddleware:
    """Set `request.actor` (None = stranger), `request.person`, `request.signed_in` from the session cookie.

    The session, the person, the organisation and the membership are read anew each time: what was ended, deactivated or
    taken away a moment ago ends with this request (ABUSE B01).
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Build the actor and pass the request on, in the person's language and time zone."""
        request.client_address = address_of(request)  # type: ignore[attr-defined]
        signed_in = sessions.find(request, now=timezone.now())
        request.signed_in = signed_in  # type: ignore[attr-defined]
        request.person = signed_in.person if signed_in else None  # type: ignore[attr-defined]
        request.actor = None  # type: ignore[attr-defined]
        if signed_in is None:
            return _keep_form(request, self.get_response(request))
        request.actor = signed_in.actor(request_id=_request_id(request), address=client_address(request))  # type: ignore[attr-defined]
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:  # the language chosen in this browser goes first
            translation.activate(signed_in.person.language)
            request.LANGUAGE_CODE = signed_in.person.language
        with timezone.override(signed_in.person.time_zone):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Lead staff without an authenticator to it, and refuse the form of a tab that acts as somebody else or does not say."""
        signed_in: sessions.SignedIn | None = request.signed_in  # type: ignore[attr-defined]
        name = request.resolver_match.view_name if request.resolver_match else ""
        if signed_in is None:
            return None
        if signed_in.must_add_authenticator and name not in OPEN_WITHOUT_AUTHENTICATOR:
            return redirect("accounts:authenticator_needed")
        if name in ANY_TAB or request.method in SAFE:
            return None
        claimed = request.headers.get("X-Acting") or request.POST.get("_acting", "")
        if claimed == str(signed_in.acting.pk):
            return None
        if claimed:
            return refused(request, OtherTabActsAsAnother())
        return refused(request, FormSaysNotAsWhom()) if _must_say(request, view) else None


def address_of(request: HttpRequest) -> str:
    """Return the client's address: behind TRUSTED_PROXIES proxies the one that the outermost of them saw, else the connection's.

    Only that many last entries of X-Forwarded-For were written by somebody we trust; what a client writes before them is not read.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.SPORTELLO["TRUSTED_PROXIES"]
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies < 1 or not seen:
        return direct
    claimed = seen[-min(proxies, len(seen))]
    try:
        return str(ipaddress.ip_address(claimed))
    except ValueError:
        return direct


def _must_say(request: HttpRequest, view: object) -> bool:
    """Tell whether the view changes something for a membership; what it refuses by itself (405, 403) it refuses with its own status."""
    mark: PageMark | None = getattr(view, "sportello_page", None)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return mark is not None and mark.section is not None and request.method in mark.methods and actor.may(mark.section)


def _keep_form(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep what was typed when time had ended the session before it was sent, and only if the page accepted its CSRF token."""
    if request.method != "POST" or response.status_code != 302 or response.headers["Location"] != settings.LOGIN_URL:  # noqa: PLR2004
        return response
    now = timezone.now()
    ended = sessions.ended_session(request, now=now)
    token = kept_forms.keep(request, ended, now=now) if ended else None
    if token:
        door.set_signed(response, door.KEPT, {"token": token})
    return response


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
