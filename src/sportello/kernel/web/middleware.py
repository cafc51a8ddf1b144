"""What every request passes: a request id, headers of personal pages, refusals as pages with an audit row."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from sportello.kernel import row_security
from sportello.kernel.actor import Actor, Via, system_actor
from sportello.kernel.refusals import InvalidInput, NotFound, Refusal, TooOften, WrongMethod
from sportello.kernel.refused import record_refusal

logger = structlog.get_logger(__name__)
UNKNOWN_PER_MINUTE = 20
"""Rows that one person's unknown addresses write in a minute (and process): what is beyond stands in the access log alone."""
GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id_middleware(get_response: GetResponse) -> GetResponse:
    """Give each request an id, in the logs, the audit trail and the answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    return handle


def private_pages_middleware(get_response: GetResponse) -> GetResponse:
    """Forbid every cache to keep a page (static files are served before this)."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        add_never_cache_headers(response)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        return response

    return handle


def row_security_middleware(get_response: GetResponse) -> GetResponse:
    """Begin each request with nothing in the database's reach (PostgreSQL), and leave nothing of it to the next one."""

    def handle(request: HttpRequest) -> HttpResponse:
        with row_security.door():
            return get_response(request)

    return handle


class RefusalMiddleware:
    """Turn a `Refusal` that a view let through into the page of its status, and put it on record.

    On record too, as what signed-in people are refused: an address that does not exist, and a form that was answered with its
    page again because it held a choice that the page does not offer, or because a rule's state refused it (`note_refused_form`).
    What strangers try at addresses or with methods that do not exist stands in the access log alone: a scanner
    would fill a record that nobody can empty.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; put on record what was refused without a `Refusal` getting here."""
        response = self.get_response(request)
        form_refusal = getattr(request, "refused_form", "")
        if form_refusal and response.status_code == InvalidInput.status:
            _record(request, status=InvalidInput.status, name=form_refusal)
        elif response.status_code == NotFound.status and request.resolver_match is None and _unknown_is_told(request):
            _record(request, status=NotFound.status, name="UnknownAddress")
        return response

    def process_view(self, request: HttpRequest, _view: object, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Refuse a NUL in the path or in what was posted: no text of anybody's holds one, and PostgreSQL keeps none."""
        sent = [request.path_info, *(one for name, values in request.POST.lists() for one in (name, *values))]
        return refused(request, InvalidInput()) if any("\0" in one for one in sent) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; anything else is a defect and goes on to the 500 page."""
        return refused(request, exception) if isinstance(exception, Refusal) else None


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page of a refusal (a fragment to htmx) and write its audit row."""
    if not isinstance(refusal, WrongMethod) or getattr(request, "actor", None):
        _record(request, status=refusal.status, name=type(refusal).__name__)
    template = "ui/refusal_fragment.html" if request.headers.get("HX-Request") else f"{refusal.status}.html"
    response = render(request, template, {"sentence": str(refusal), "status": refusal.status}, status=refusal.status)
    if isinstance(refusal, TooOften):
        response.headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, WrongMethod):
        response.headers["Allow"] = ", ".join(refusal.methods)
    return response


def note_refused_form(request: HttpRequest, refusal: str) -> None:
    """Mark the request: a form of it was refused for more than a slip of the pen, by the refusal of this name."""
    request.refused_form = refusal  # type: ignore[attr-defined]


def _unknown_is_told(request: HttpRequest) -> bool:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return False
    key = f"unknown-addresses:{actor.person_id}"
    cache.add(key, 0, timeout=60)
    return int(cache.incr(key)) <= UNKNOWN_PER_MINUTE


def _record(request: HttpRequest, *, status: int, name: str) -> None:
    actor: Actor | None = getattr(request, "actor", None)
    try:
        record_refusal(
            actor=actor
            or system_actor(reason="refusal before sign-in", via=Via.SESSION, address=client_address(request)),
            path=request.path,
            method=request.method or "",
            status=status,
            name=name,
        )
    except DatabaseError:
        logger.exception("refusal not recorded", status=status)


def client_address(request: HttpRequest) -> str:
    """Return the address of the client; forwarded headers count only behind trusted proxies (settings)."""
    return str(getattr(request, "client_address", "") or request.META.get("REMOTE_ADDR", ""))
