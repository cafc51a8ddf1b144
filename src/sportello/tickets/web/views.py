"""Tickets: the list, a new one, one ticket with its entries and files, the proof of its chain."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, NotPermitted
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import queries as parties
from sportello.parties.models import Organisation
from sportello.tickets import operations, queries, rules
from sportello.tickets.models import Ticket, TicketForm
from sportello.tickets.states import Priority
from sportello.tickets.visibility import Audience, audience_of
from sportello.tickets.web import panels, tables
from sportello.tickets.web.files import handed_out
from sportello.tickets.web.forms import PREFIX, OpeningForm, WritingForm

BOTH = ("GET", "POST")
LONGEST_VERSION = 5


@page(section=Section.TICKETS, methods=BOTH)
def index(request: PageRequest) -> HttpResponseBase:
    """List the tickets that the reader sees; the open ones unless a state is chosen."""
    audience = audience_of(request.actor)
    opens = audience in {Audience.OPERATOR, Audience.PARTNER} and not request.actor.read_only
    context = {
        "title": _("Tickets"),
        "opens": opens,
        "figures": audience in {Audience.OPERATOR, Audience.PARTNER},
        "desk": audience is Audience.OPERATOR and request.actor.may(Section.OPERATIONS),
        "empty_title": _("No open ticket"),
        "empty_text": _("Ended ones are found with the filter of states."),
        "empty_icon": "message",
    }
    return tables.list_for(request).respond("tickets/index.html", context)


@page(section=Section.TICKETS, methods=BOTH)
def choose_customer(request: PageRequest) -> HttpResponseBase:
    """Choose the customer that a ticket is opened for."""
    rules.check_can_open(request.actor, customer_kind="customer", customer_state="active")
    context = {
        "title": _("New ticket"),
        "lead": _("Choose the customer that it is about."),
        "empty_title": _("No customers yet"),
    }
    rows = parties.customers(request.actor).order_by()
    return tables.TicketCustomerList(request, rows).respond("tickets/customers.html", context)


@page(section=Section.TICKETS, methods=BOTH)
def new(request: PageRequest, pk: int) -> HttpResponse:
    """Open a ticket for a customer: first the type, then what the type asks for."""
    customer = Organisation.objects.for_(request.actor).select_related("partner").get_or_refuse(pk=pk)
    rules.check_can_open(request.actor, customer_kind=customer.kind, customer_state=customer.state)
    asked = _asked(request)
    form = _opening_form(request, customer, asked) if asked else None
    if form is not None and form.is_bound and form.is_valid():
        with form_refusals(form):
            row = _opened(request, customer, asked, form)
            messages.success(request, _("The ticket %(code)s is open.") % {"code": row.code})
            return redirect("tickets:ticket", pk=row.pk)
    context = {
        "title": _("New ticket"),
        "lead": customer.legal_name,
        "breadcrumbs": [(_("Tickets"), reverse("tickets:index")), (_("New ticket"), "")],
        "customer": customer,
        "types": queries.active_types(),
        "chosen": asked.type if asked else None,
        "form": form,
        "prefix": PREFIX,
    }
    return render(request, "tickets/new.html", context, status=422 if form is not None and form.errors else 200)


def _asked(request: PageRequest) -> TicketForm | None:
    """Return the form of the chosen type: its newest version, or the one that was filled in."""
    code = request.POST.get("type") or request.GET.get("type", "")
    kind = next((one for one in queries.active_types() if one.code == code), None)
    if kind is None:
        return None
    version = request.POST.get("version", "")
    known = version.isascii() and version.isdigit() and len(version) <= LONGEST_VERSION
    return queries.form_of(kind, int(version)) if known else queries.newest_form(kind)


def _opening_form(request: PageRequest, customer: Organisation, asked: TicketForm | None) -> OpeningForm | None:
    if asked is None:
        return None
    contracts = {}
    for question in asked.questions:
        if question.lines:
            contracts = queries.contracts_of(request.actor, customer, question)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    operator = audience_of(request.actor) is Audience.OPERATOR
    return OpeningForm(*given, asked=asked, contracts=contracts, operator=operator, country=customer.country)


def _opened(request: PageRequest, customer: Organisation, asked: TicketForm | None, form: OpeningForm) -> Ticket:
    if asked is None:
        raise InvalidInput
    given = form.cleaned_data
    return operations.open_ticket(
        actor=request.actor,
        customer=customer,
        form=asked,
        subject=given["subject"],
        text=given["text"],
        answers=form.answers(),
        contact=form.contact(),
        files=form.files_given(),
        priority=Priority(given.get("priority") or Priority.NORMAL),
        shown=given["shown"],
        key=f"{request.actor.person_id}:{given['key']}"[:80],
        now=timezone.now(),
    )


@page(section=Section.TICKETS)
def ticket(request: PageRequest, pk: int) -> HttpResponse:
    """Show a ticket with its entries, the form for another one, and what can be done with it."""
    row = queries.ticket_of(request.actor, pk)
    return render(request, "tickets/ticket.html", panels.page_context(request.actor, row))


@page(section=Section.TICKETS)
def entries(request: PageRequest, pk: int) -> HttpResponse:
    """Return the entries that came after the one that the reader has on screen: the page asks every few seconds."""
    row = queries.ticket_of(request.actor, pk)
    after = request.GET.get("after", "")
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else row.sequence  # noqa: PLR2004
    if place >= row.sequence:
        return HttpResponse(status=204)
    context = {
        "ticket": row,
        "entries": panels.drawn_entries(request.actor, row, after=place),
        "state_pill": tables.state_pill(row),
        "address": reverse("tickets:entries", args=[row.pk]),
    }
    return render(request, "tickets/entries.html", context)


@page(section=Section.TICKETS, methods=("POST",))
def write(request: PageRequest, pk: int) -> HttpResponse:
    """Write in a ticket."""
    row = queries.ticket_of(request.actor, pk)
    form = panels.writing_form(request.actor, row, request.POST, request.FILES)
    if form.is_valid():
        with form_refusals(form):
            entry = _written(request, row, form)
            _warn_if_stale(request, form, entry, row)
            return redirect(f"{reverse('tickets:ticket', args=[row.pk])}#entry-{entry.sequence}")
    context = panels.page_context(request.actor, row, writing=form)
    return render(request, "tickets/ticket.html", context, status=422)


def _written(request: PageRequest, row: Ticket, form: WritingForm) -> Any:
    given, actor, now = form.cleaned_data, request.actor, timezone.now()
    key = f"{actor.person_id}:{given['key']}"[:120]
    what = given.get("as_what", "answer")
    if what == "note":
        return operations.add_note(
            actor=actor, ticket=row, text=given["text"], files=form.files_given(), key=key, now=now
        )
    return operations.add_interaction(
        actor=actor,
        ticket=row,
        text=given["text"],
        files=form.files_given(),
        shown=bool(given.get("shown")),
        of_supplier=what == "supplier",
        key=key,
        now=now,
    )


def _warn_if_stale(request: PageRequest, form: WritingForm, entry: Any, before: Ticket) -> None:
    """Say what happened while somebody wrote: others' entries, or that the customer does not see the ticket (ABUSE E30)."""
    seen = form.cleaned_data.get("seen")
    if seen is not None and entry.sequence > seen + 1:
        messages.warning(request, _("Others wrote in this ticket while you did: read what they say."))
    if entry.shown and not before.visible_to_customer:
        messages.info(request, _("The ticket is not visible to the customer: your entry is shown once it is."))
    messages.success(request, _("Your entry is in the ticket."))


@page(section=Section.TICKETS)
def file(request: PageRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Hand out a file of an entry that the reader sees."""
    row = queries.ticket_of(request.actor, pk)
    return handed_out(queries.file_of(request.actor, row, file_pk))


@page(section=Section.TICKETS, methods=BOTH)
def proof(request: PageRequest, pk: int) -> HttpResponse:
    """Prove the chain of a ticket; the walk begins with the button. The operator and the partner may ask."""
    row = queries.ticket_of(request.actor, pk)
    if audience_of(request.actor) is Audience.CUSTOMER:
        raise NotPermitted
    proved = request.method == "POST"
    context = {
        "title": _("Proof of the ticket"),
        "breadcrumbs": [
            (_("Tickets"), reverse("tickets:index")),
            (row.code, reverse("tickets:ticket", args=[row.pk])),
            (_("Proof"), ""),
        ],
        "ticket": row,
        "proved": proved,
        "broken": operations.prove_ticket(actor=request.actor, ticket=row) if proved else None,
    }
    return render(request, "tickets/proof.html", context)
