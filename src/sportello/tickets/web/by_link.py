"""A ticket by the link of a mail, without signing in: this ticket, for this recipient, with the rights of this moment (ABUSE E10 to E15).

The token leaves the address at once: it is exchanged for a signed cookie of this ticket's page alone. Opening changes nothing, so that
mail scanners burn no link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.actor import Actor
from sportello.kernel.refusals import TooOften
from sportello.kernel.web import public
from sportello.kernel.web.forms import form_refusals
from sportello.kernel.web.middleware import client_address
from sportello.tickets import operations, queries, visitors
from sportello.tickets.models import AccessLink, Ticket
from sportello.tickets.operations.feedback import AT_THE_END
from sportello.tickets.queries.around import link_by_id
from sportello.tickets.visibility import Audience, audience_of
from sportello.tickets.web import tables
from sportello.tickets.web.entries import drawn
from sportello.tickets.web.files import handed_out
from sportello.tickets.web.forms import WritingForm

WHY: Final = "the link of a mail: its secret is the right of its recipient, to one ticket"
SALT: Final = "sportello.ticket-link"
WRONG_TRIES, WITHIN_SECONDS = 30, 600


@dataclass(frozen=True)
class Visit:
    """A recipient at its ticket."""

    link: AccessLink
    actor: Actor
    ticket: Ticket


@public(why=WHY)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address and lead to the ticket; what opens nothing is told in the same words, whatever the reason."""
    key = f"ticket-links:{client_address(request)}"
    if cache.get(key, 0) >= WRONG_TRIES:
        raise TooOften(retry_after=WITHIN_SECONDS)
    found = queries.live_link(token, now=timezone.now())
    if found is None:
        cache.add(key, 0, timeout=WITHIN_SECONDS)
        cache.incr(key)
        return closed(request)
    if _visit_of(request, found) is None:
        return closed(request)
    asks = found.made_for == AT_THE_END
    response = redirect("tickets:by_link_feedback" if asks else "tickets:by_link", pk=found.pk)
    response.set_cookie(
        _cookie(found.pk),
        signing.dumps(found.pk, salt=SALT),
        max_age=settings.SPORTELLO["TICKET_LINK_LIFETIME"],
        path=reverse("tickets:by_link", args=[found.pk]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return unseen(response)


@public(why=WHY, methods=("GET", "POST"))
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ticket of a link, and take its recipient's answer; the end customer answers by mail (rule 5)."""
    visit = visit_at(request, pk)
    if visit is None:
        return closed(request)
    writes = audience_of(visit.actor) is not Audience.CUSTOMER and not visit.actor.frozen
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = WritingForm(*given, operator=False, may_show=False, initial={"seen": visit.ticket.sequence})
    if form.is_bound and form.is_valid():
        with form_refusals(form):
            operations.add_interaction(
                actor=visit.actor,
                ticket=visit.ticket,
                text=form.cleaned_data["text"],
                files=form.files_given(),
                key=f"link-{pk}:{form.cleaned_data['key']}"[:120],
                now=timezone.now(),
            )
            return unseen(redirect("tickets:by_link", pk=pk))
    context = _page(visit, pk) | {"form": form, "writes": writes}
    return unseen(render(request, "tickets/by_link.html", context, status=422 if form.errors else 200))


@public(why=WHY)
def entries(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the entries that came since, as the page of the link asks every few seconds."""
    visit = visit_at(request, pk)
    if visit is None:
        return closed(request)
    after = request.GET.get("after", "")
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else visit.ticket.sequence  # noqa: PLR2004
    if place >= visit.ticket.sequence:
        return unseen(HttpResponse(status=204))
    return unseen(render(request, "tickets/entries.html", _page(visit, pk, after=place)))


@public(why=WHY)
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Hand out a file of an entry that the recipient sees."""
    visit = visit_at(request, pk)
    if visit is None:
        return closed(request)
    response = handed_out(queries.file_of(visit.actor, visit.ticket, file_pk))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(visit: Visit, pk: int, *, after: int = 0) -> dict[str, Any]:
    rows = queries.entries(visit.actor, visit.ticket, after=after)
    audience = audience_of(visit.actor)
    return {
        "title": visit.ticket.subject,
        "ticket": visit.ticket,
        "visitor": visit.actor.name,
        "audience": audience.value,
        "state_pill": tables.state_pill(visit.ticket),
        "entries": drawn(
            rows, visit.ticket, audience, lambda one: reverse("tickets:by_link_file", args=[pk, one]), may_show=False
        ),
        "address": reverse("tickets:by_link_entries", args=[pk]),
        "pk": pk,
        "feedback": queries.feedback_asked(visit.link.recipient),
    }


def visit_at(request: HttpRequest, pk: int) -> Visit | None:
    """Return the visit of a browser that exchanged the token of this link, while the link is good."""
    try:
        kept = signing.loads(
            request.COOKIES.get(_cookie(pk), ""), salt=SALT, max_age=settings.SPORTELLO["TICKET_LINK_LIFETIME"]
        )
    except signing.BadSignature:
        return None
    found = link_by_id(pk, now=timezone.now()) if kept == pk else None
    return _visit_of(request, found) if found else None


def _visit_of(request: HttpRequest, link: AccessLink) -> Visit | None:
    actor = visitors.actor_of(
        link.recipient, address=client_address(request), request_id=str(getattr(request, "request_id", ""))
    )
    row = visitors.ticket_for(actor, link.recipient, now=timezone.now()) if actor else None
    return Visit(link, actor, row) if actor and row else None


def _cookie(pk: int) -> str:
    return f"ticket-link-{pk}"


def closed(request: HttpRequest) -> HttpResponse:
    """Answer that a link opens nothing, in the same words whatever the reason."""
    context = {"title": _("This link opens nothing any more"), "sign_in": settings.LOGIN_URL}
    return unseen(render(request, "tickets/link_closed.html", context, status=404))


def unseen(response: HttpResponse) -> HttpResponse:
    """Let no referrer carry the address on, and no search engine keep it (ABUSE E11)."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
