"""Technical assistance for customers' people: asking for help with a line or a device, and following what was asked (product/02)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory import queries as inventory
from sportello.inventory.models import Line
from sportello.kernel import phones
from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Filter
from sportello.kernel.ui.listing import Column
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties.models import Organisation
from sportello.tickets import operations, queries, rules
from sportello.tickets.models import Ticket
from sportello.tickets.rules.opening import LONGEST_TEXT
from sportello.tickets.types import Callback
from sportello.tickets.visibility import Audience, audience_of
from sportello.tickets.web import panels, tables
from sportello.tickets.web.entries import drawn
from sportello.tickets.web.files import handed_out
from sportello.tickets.web.filters import FullText, StateFilter
from sportello.tickets.web.forms import FilesField, WithKey

MOST_LINES = 50


class RequestForm(WithKey):
    """A request for assistance. Who has few lines chooses among them; who has many writes the number."""

    line = forms.CharField(label=gettext_lazy("Line"), required=False, max_length=40)
    device = forms.CharField(label=gettext_lazy("Device"), required=False, max_length=120)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("What is the problem?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Number to call you back"), max_length=30, widget=forms.TextInput(attrs={"type": "tel"})
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)

    def __init__(self, *args: Any, lines: Sequence[Line], country: str, own: str, **options: Any) -> None:
        """Take the lines to choose from; none: the number is written."""
        super().__init__(*args, **options)
        self.country, self.own = country, own
        if lines:
            choices = [("", "\N{EM DASH}"), *((one.number, formats.phone(one.number)) for one in lines)]
            self.fields["line"] = forms.ChoiceField(label=gettext_lazy("Line"), choices=choices, required=False)

    def clean_contact_phone(self) -> str:
        """Return the number as it is dialled from anywhere; one's own stands as the portal knows it."""
        if self.own and re.sub(r"[^0-9+]", "", self.cleaned_data["contact_phone"]) == self.own:
            return self.own
        try:
            return phones.normalise(self.cleaned_data["contact_phone"], self.country)
        except InvalidInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class RequestList(tables.TicketList):
    """What the reader asked."""

    name = "tickets.requests"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column[Ticket]("code", gettext_lazy("Code"), link=lambda row: reverse("tickets:request", args=[row.pk])),
        Column[Ticket]("subject", gettext_lazy("Subject")),
        tables.TYPE,
        tables.STATE,
        tables.OPENED,
        tables.LAST,
    )

    def made_filters(self) -> Sequence[Filter]:
        """Return the filters of the reader."""
        return (FullText(self.request.actor), StateFilter("state", gettext_lazy("State")))


@page(section=Section.ASSISTANCE, methods=("GET", "POST"))
def requests(request: PageRequest) -> HttpResponseBase:
    """List what the reader asked; operator and partner go to the tickets."""
    if audience_of(request.actor) is not Audience.CUSTOMER:
        return redirect("tickets:index")
    context = {
        "title": _("My requests"),
        "empty_title": _("No open request"),
        "empty_text": _("Describe the problem, and an answer comes by e-mail."),
        "empty_icon": "message",
        "empty_action": _("Ask for help"),
        "empty_url": reverse("tickets:new_request"),
    }
    rows = queries.tickets(request.actor).filter(opened_by=request.actor.person_id or 0)
    return RequestList(request, rows).respond("tickets/requests.html", context)


@page(section=Section.ASSISTANCE, methods=("GET", "POST"))
def new_request(request: PageRequest) -> HttpResponse:
    """Ask for help with a line, a device or anything."""
    actor = request.actor
    everybody = Organisation.objects.across_tenants(
        reason="one's own organisation, whatever the reach", opens_wall=False
    )
    home = everybody.select_related("partner").filter(pk=actor.organisation_id or 0).first()
    rules.check_can_ask(actor, home=home is not None, wholesale=home is not None and queries.is_wholesale(home))
    mine = list(inventory.lines(actor).order_by("number")[: MOST_LINES + 1])
    lines = mine if len(mine) <= MOST_LINES else []
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    own = _own_number(request)
    initial = {"line": request.GET.get("line", ""), "contact_phone": formats.phone(own) if own else ""}
    form = RequestForm(*given, lines=lines, country=home.country if home else "IT", own=own, initial=initial)
    if home is not None and form.is_bound and form.is_valid():
        with form_refusals(form):
            row = _asked(request, home, form)
            messages.success(request, _("Your request is %(code)s. The answer comes by e-mail.") % {"code": row.code})
            return redirect("tickets:request", pk=row.pk)
    context = {
        "title": _("Ask for help"),
        "breadcrumbs": [(_("My requests"), reverse("tickets:requests")), (_("Ask for help"), "")],
        "form": form,
    }
    return render(request, "tickets/new_request.html", context, status=422 if form.errors else 200)


@page(section=Section.ASSISTANCE)
def one(request: PageRequest, pk: int) -> HttpResponse:
    """Show a request with what its reader may see of it."""
    row = queries.ticket_of(request.actor, pk)
    context = {
        "title": row.subject,
        "breadcrumbs": [(_("My requests"), reverse("tickets:requests")), (row.code, "")],
        "ticket": row,
        "audience": audience_of(request.actor).value,
        "state_pill": tables.state_pill(row),
        "entries": _entries(request, row),
        "facts": panels.facts(request.actor, row),
        "address": reverse("tickets:request_entries", args=[row.pk]),
    }
    return render(request, "tickets/request.html", context)


@page(section=Section.ASSISTANCE)
def entries(request: PageRequest, pk: int) -> HttpResponse:
    """Return the entries that came since, as the page asks every few seconds."""
    row = queries.ticket_of(request.actor, pk)
    after = request.GET.get("after", "")
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else row.sequence  # noqa: PLR2004
    if place >= row.sequence:
        return HttpResponse(status=204)
    context = {
        "ticket": row,
        "entries": _entries(request, row, after=place),
        "state_pill": tables.state_pill(row),
        "address": reverse("tickets:request_entries", args=[row.pk]),
    }
    return render(request, "tickets/entries.html", context)


@page(section=Section.ASSISTANCE)
def file(request: PageRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Hand out a file of an entry that the reader sees."""
    row = queries.ticket_of(request.actor, pk)
    return handed_out(queries.file_of(request.actor, row, file_pk))


def _entries(request: PageRequest, row: Ticket, *, after: int = 0) -> Any:
    rows = queries.entries(request.actor, row, after=after)

    def url(pk: int) -> str:
        return reverse("tickets:request_file", args=[row.pk, pk])

    return drawn(rows, row, audience_of(request.actor), url, may_show=False)


def _asked(request: PageRequest, home: Organisation, form: RequestForm) -> Ticket:
    given, actor = form.cleaned_data, request.actor
    return operations.ask_for_help(
        actor=actor,
        customer=home,
        subject=given["subject"],
        text=given["text"],
        contact=Callback(name=actor.name, phone=given["contact_phone"]),
        line=_line(request, given["line"], home.country),
        device=given["device"],
        files=form.files_given(),
        key=f"{actor.person_id}:{given['key']}"[:80],
        now=timezone.now(),
    )


def _line(request: PageRequest, text: str, country: str) -> Line | None:
    """Return the line of a number, as it was chosen or written. Raises `InvalidInput` when the reader has none of it."""
    text = text.strip()
    if not text:
        return None
    numbers = {text}
    with suppress(InvalidInput):  # the code of an access is no telephone number
        numbers.add(phones.normalise(text, country))
    found = inventory.lines(request.actor).filter(number__in=numbers, active_to=None).first()
    if found is None:
        raise InvalidInput(_("You have no line with this number."), field="line")
    return found


def _own_number(request: PageRequest) -> str:
    person = getattr(request, "person", None)
    return str(person.mobile) if person else ""
