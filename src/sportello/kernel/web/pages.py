"""The decorators of views: who may open the page, and with which methods."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotPermitted, WrongMethod


class PageRequest(HttpRequest):
    """A request behind `@page`: `actor` is there, and `htmx` by its middleware."""

    actor: Actor
    htmx: Any


@dataclass(frozen=True)
class PageMark:
    """What the tests about the code base read off a view; `section` None = public, and `why` says why."""

    section: Section | None
    methods: tuple[str, ...]
    why: str = ""


View = Callable[..., HttpResponseBase]


def page(*, section: Section, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Open a view to signed-in people whose profile the matrix lets into `section`.

    Not signed in: to the sign-in page and back. Section closed: 403. Another method: 405. HEAD follows GET.
    """

    def declare(view: View) -> View:
        @functools.wraps(view)
        def opened(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _method(request) not in methods:
                raise WrongMethod(*methods)
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return to_sign_in(request)
            if not actor.may(section):
                raise NotPermitted
            return view(request, *args, **kwargs)

        opened.sportello_page = PageMark(section=section, methods=methods)  # type: ignore[attr-defined]
        return opened

    return declare


def public(*, why: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Open a view to everybody; `why` says why that is right."""
    if not why:
        msg = "a public view says why"
        raise TypeError(msg)

    def declare(view: View) -> View:
        @functools.wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _method(request) not in methods:
                raise WrongMethod(*methods)
            return view(request, *args, **kwargs)

        opened.sportello_page = PageMark(section=None, methods=methods, why=why)  # type: ignore[attr-defined]
        return opened

    return declare


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to the sign-in page, and back here afterwards (htmx: the whole page goes)."""
    here = request.get_full_path() if request.method == "GET" else ""
    address = f"{settings.LOGIN_URL}?{urlencode({'next': here})}" if here not in ("", "/") else settings.LOGIN_URL
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address}, status=401)
    return redirect(address)


def _method(request: HttpRequest) -> str:
    return "GET" if request.method == "HEAD" else request.method or ""
