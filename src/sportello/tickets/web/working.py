"""What is done with a ticket from its page: each address takes one form and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotFound, NotPermitted, Refusal, TooOften
from sportello.kernel.web import PageRequest, page
from sportello.tickets import operations, queries, rules
from sportello.tickets.models import Ticket
from sportello.tickets.states import Priority, State
from sportello.tickets.web import panels
from sportello.tickets.web.forms import OtherTicketForm

POST = ("POST",)


@page(section=Section.TICKETS, methods=POST)
def state(request: PageRequest, pk: int) -> HttpResponse:
    """Move a ticket to another state."""
    row = queries.ticket_of(request.actor, pk)
    wanted = request.POST.get("to", "")
    if wanted not in State.values:
        raise InvalidInput
    with _told(request):
        operations.change_state(actor=request.actor, ticket=row, to=State(wanted), now=timezone.now())
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def show(request: PageRequest, pk: int) -> HttpResponse:
    """Make a ticket visible to the customer, or hide it."""
    row, visible = queries.ticket_of(request.actor, pk), _visible(request)
    with _told(request):
        operations.show_ticket(actor=request.actor, ticket=row, visible=visible, now=timezone.now())
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def show_entry(request: PageRequest, pk: int, sequence: int) -> HttpResponse:
    """Show an entry to the customer, or hide it."""
    row, visible = queries.ticket_of(request.actor, pk), _visible(request)
    with _told(request):
        operations.show_entry(actor=request.actor, ticket=row, sequence=sequence, visible=visible, now=timezone.now())
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def work(request: PageRequest, pk: int) -> HttpResponse:
    """Set priority, assignment and tags."""
    row = queries.ticket_of(request.actor, pk)
    rules.check_can_work(request.actor)
    form = panels.work_form(row, request.POST)
    if not form.is_valid():
        raise InvalidInput(" ".join(str(text) for texts in form.errors.values() for text in texts))
    given, now = form.cleaned_data, timezone.now()
    people = {str(one.pk): one for one in queries.people_to_assign()}
    groups = {str(one.pk): one for one in queries.groups()}
    with _told(request):
        operations.set_priority(actor=request.actor, ticket=row, priority=Priority(given["priority"]), now=now)
        operations.assign(
            actor=request.actor,
            ticket=row,
            person=people.get(given["assignee"]),
            group=groups.get(given.get("group", "")),
            now=now,
        )
        operations.set_tags(actor=request.actor, ticket=row, tags=given["tags"].split(","), now=now)
        messages.success(request, _("Saved."))
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def link(request: PageRequest, pk: int) -> HttpResponse:
    """Link a ticket with another one, or set them apart."""
    row = queries.ticket_of(request.actor, pk)
    rules.check_can_work(request.actor)
    with _told(request):
        other, linked = _other(request), request.POST.get("apart") != "1"
        operations.link_tickets(actor=request.actor, ticket=row, other=other, linked=linked, now=timezone.now())
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def merge(request: PageRequest, pk: int) -> HttpResponse:
    """Let a ticket go on in another one."""
    row = queries.ticket_of(request.actor, pk)
    rules.check_can_work(request.actor)
    with _told(request):
        other = _other(request)
        operations.merge_ticket(actor=request.actor, ticket=row, into=other, now=timezone.now())
        messages.success(request, _("This ticket goes on in %(into)s.") % {"into": other.code})
    return redirect("tickets:ticket", pk=pk)


@page(section=Section.TICKETS, methods=POST)
def recipient(request: PageRequest, pk: int, recipient_pk: int) -> HttpResponse:
    """Make the links of a recipient void, tell it no more, or again."""
    row = queries.ticket_of(request.actor, pk)
    found = next((one for one in queries.recipients(row) if one.pk == recipient_pk), None)
    if found is None:
        raise NotFound
    what, now = request.POST.get("what", ""), timezone.now()
    if what == "revoke":
        operations.revoke_links(actor=request.actor, ticket=row, recipient=found, now=now)
        messages.success(request, _("The links of %(address)s open nothing any more.") % {"address": found.address})
    elif what in {"stop", "resume"}:
        operations.stop_recipient(actor=request.actor, ticket=row, recipient=found, stopped=what == "stop", now=now)
        messages.success(request, _("Saved."))
    else:
        raise InvalidInput
    return redirect("tickets:ticket", pk=pk)


@contextmanager
def _told(request: PageRequest) -> Iterator[None]:
    """Tell a refusal of a rule on the page itself; what is not the reader's to do stays a refusal of the page."""
    try:
        yield
    except (NotFound, NotPermitted, TooOften):
        raise
    except Refusal as refusal:
        messages.error(request, str(refusal))


def _other(request: PageRequest) -> Ticket:
    form = OtherTicketForm(request.POST)
    code = form.cleaned_data["other"].strip().upper() if form.is_valid() else ""
    found = queries.tickets(request.actor).filter(code=code).first() if code else None
    if found is None:
        raise InvalidInput(_("There is no ticket with this code."))
    return found


def _visible(request: PageRequest) -> bool:
    wanted = request.POST.get("visible", "")
    if wanted not in {"0", "1"}:
        raise InvalidInput
    return wanted == "1"
