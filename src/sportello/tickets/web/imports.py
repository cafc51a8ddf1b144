"""Taking over an old base: hand in a file, look at what it would do, confirm; both are worked on in the background."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.tabular import write_csv
from sportello.kernel.ui.types import Steps
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import queries as parties
from sportello.parties.models import Organisation
from sportello.tickets import queries, tasks
from sportello.tickets.models import TicketImport
from sportello.tickets.old_bases import COLUMNS
from sportello.tickets.operations import importing
from sportello.tickets.states import ImportState, OldBase, State
from sportello.tickets.web.desk import BOTH, check_sets_up, crumbs

SHOWN_FAULTS = 200
EXAMPLE = (
    "1047", "C000123", "No dial tone", "2024-03-31 14:05", "Since this morning nothing works.", "2024-1047", "XDSL", "closed", "normal",
    "Rita Conti", "2024-03-31 14:05", "2024-04-02 10:30", "1", "partner", "Pia Blu", "pia@partner.example", "0", "web",
)  # fmt: skip


class OldBaseForm(forms.Form):
    """A file of an old base."""

    source = forms.ChoiceField(label=_("Comes from"), choices=OldBase.choices)
    file = forms.FileField(label=_("File"), help_text=_("Up to 200 MB."))
    fallback = forms.CharField(
        label=_("Customer of what cannot be assigned"),
        max_length=40,
        required=False,
        help_text=_("The code of a customer. Left empty, tickets whose customer is not found are wrong."),
    )


@page(section=Section.TICKETS, methods=BOTH)
def imports(request: PageRequest) -> HttpResponse:
    """List the old bases that were taken over, and take a file."""
    check_sets_up(request)
    if "example" in request.GET:
        return _csv("tickets.csv", COLUMNS, [EXAMPLE])
    form = OldBaseForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_bound and form.is_valid():
        with form_refusals(form):
            row = _handed_in(request, form)
            tasks.read_old_base.enqueue_once(f"old-base-read:{row.pk}", row.pk)
            return redirect("tickets:import", token=row.token)
    context = {
        "title": gettext("Take over an old base"),
        "lead": gettext("Tickets of another program, with their history and their dates."),
        "breadcrumbs": crumbs((gettext("Set-up"), reverse("tickets:desk")), (gettext("Old base"), "")),
        "steps": _steps(1),
        "form": form,
        "rows": queries.imports(request.actor),
    }
    return render(request, "tickets/imports.html", context, status=422 if form.errors else 200)


@page(section=Section.TICKETS, methods=BOTH)
def one(request: PageRequest, token: str) -> HttpResponse:
    """Show what a file would do and how far it is; confirm it, or throw it away."""
    check_sets_up(request)
    rows = TicketImport.objects.for_(request.actor).select_related("fallback", "made_by")
    row = rows.get_or_refuse(token=token, made_by=request.actor.person_id)
    if request.method == "POST":
        _decided(request, row)
        return redirect("tickets:import", token=token)
    if "wrong" in request.GET:
        headings = [pgettext("of a file", "Line"), gettext("Ticket"), gettext("Column"), gettext("What is wrong")]
        return _csv("tickets-wrong.csv", headings, row.faults)
    context = _shown(row) | {
        "title": row.name,
        "lead": row.get_source_display(),
        "breadcrumbs": crumbs((gettext("Old base"), reverse("tickets:imports")), (row.name, "")),
    }
    template = "tickets/import_parts.html" if request.headers.get("HX-Request") else "tickets/import.html"
    return render(request, template, context)


def _handed_in(request: PageRequest, form: OldBaseForm) -> TicketImport:
    given = form.cleaned_data
    return importing.hand_in(
        actor=request.actor,
        name=given["file"].name or "",
        parts=given["file"].chunks(),
        source=OldBase(given["source"]),
        fallback=_fallback(request, given["fallback"]),
        now=timezone.now(),
    )


def _fallback(request: PageRequest, code: str) -> Organisation | None:
    code = code.strip()
    found = parties.customers(request.actor).filter(code__iexact=code).first() if code else None
    if code and found is None:
        raise InvalidInput(gettext("There is no customer with this code."), field="fallback")
    return found


def _decided(request: PageRequest, row: TicketImport) -> None:
    if request.POST.get("do") == "discard":
        importing.discard(actor=request.actor, row=row, now=timezone.now())
        messages.info(request, gettext("The file was thrown away. Nothing was changed."))
        return
    try:
        importing.confirm(actor=request.actor, row=row, leaves_out=request.POST.get("leaves_out") == "1")
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
        return
    tasks.write_old_base.enqueue_once(f"old-base-write:{row.pk}", row.pk)


def _shown(row: TicketImport) -> dict[str, Any]:
    before = TicketImport.objects.across_tenants(reason="the operator's own files of old bases")
    same = before.filter(content_hash=row.content_hash, state=ImportState.DONE).exclude(pk=row.pk).order_by("made_at")
    return {
        "row": row,
        "steps": _steps({ImportState.DONE: 3, ImportState.WRITING: 3}.get(ImportState(row.state), 2)),
        "works": row.state in {ImportState.READING, ImportState.WRITING},
        "before": same.first() if row.state == ImportState.READY else None,
        "faults": row.faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(row.faults) - SHOWN_FAULTS),
        "sample": [
            (number, customer, kind, subject, State(state).label, parse_datetime(opened), count)
            for number, customer, kind, subject, state, opened, count, _what in row.sample
        ],
    }


def _steps(current: int) -> Steps:
    return Steps(labels=[gettext("Hand in"), gettext("Check"), gettext("Done")], current=current)


def _csv(name: str, headings: Any, rows: Any) -> HttpResponse:
    content = io.BytesIO()
    write_csv(content, headings, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
