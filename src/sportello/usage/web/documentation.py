"""Requests for traffic documentation: the list with its states, asking, and taking the encrypted file."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.models import Line
from sportello.kernel.access import Section
from sportello.kernel.calendar import local_day
from sportello.kernel.refusals import NotFound
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.usage import operations, prepared, queries, rules
from sportello.usage.exports.queries import documentation_requests
from sportello.usage.operations.documentation import Wanted
from sportello.usage.states import DocumentationPurpose, PreparedState
from sportello.usage.web.exports import WATCHED, share_done
from sportello.usage.web.parts import part_tabs


class DocumentationForm(forms.Form):
    """Which days, and why."""

    since = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy(
            "At least 10 characters. It is put on record, and told to whoever used the line in these days."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, *, own: bool, today: date) -> None:
        """Offer the purposes of the company, or the person's own; `today` is the day where the line is."""
        super().__init__(data)
        self.today = today
        choices = [choice for choice in DocumentationPurpose.choices if (choice[0] == DocumentationPurpose.OWN) == own]
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)  # noqa: S101 - declared above
        purpose.choices = choices

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the days and with the reason in one round."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "reason" in cleaned:
            with form_refusals(self):
                rules.check_reason(cleaned["reason"])
        if {"since", "until"} <= cleaned.keys():
            with form_refusals(self):
                rules.check_days(cleaned["since"], cleaned["until"], today=self.today)
        return cleaned


@page(section=Section.TRAFFIC_BILLING)
def documentation(request: PageRequest) -> HttpResponse:
    """List the requests: the customer's, with who asked; an employee's own."""
    rows = list(documentation_requests(request.actor)[:100])
    context = {
        "title": _("Traffic documentation"),
        "lead": _("The full records of a line, encrypted, for six months back. Ask for it from the traffic of a line."),
        "tabs": part_tabs(request.actor, "usage:documentation"),
        "rows": [
            {"row": row, "share": share_done(row), "mine": row.person_id == request.actor.person_id} for row in rows
        ],
        "watching": any(row.state in WATCHED for row in rows),
        "own_lines": queries.own_lines(request.actor) if queries.sees_own_only(request.actor) else [],
    }
    partial = bool(request.htmx) and not request.htmx.boosted
    return render(request, "usage/documentation_list.html" if partial else "usage/documentation.html", context)


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def ask_documentation(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for the documentation of a line."""
    line = queries.line_of(request.actor, pk)
    today = local_day(timezone.now(), ZoneInfo(line.organisation.time_zone))
    form = DocumentationForm(request.POST or None, own=queries.sees_own_only(request.actor), today=today)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            _ask(request, line, form.cleaned_data)
            messages.success(request, _("The documentation is being prepared. Its password comes to you by SMS."))
            return redirect("usage:documentation")
    context = {
        "title": _("Documentation of %(number)s") % {"number": formats.phone(line.number)},
        "tabs": part_tabs(request.actor, "usage:documentation"),
        "line": line,
        "form": form,
    }
    return render(request, "usage/documentation_form.html", context, status=422 if form.errors else 200)


def _ask(request: PageRequest, line: Line, data: dict[str, Any]) -> None:
    wanted = Wanted(
        line=line,
        since=data["since"],
        until=data["until"],
        purpose=DocumentationPurpose(data["purpose"]),
        reason=data["reason"],
    )
    operations.ask_documentation(actor=request.actor, wanted=wanted, now=timezone.now())


@page(section=Section.TRAFFIC_BILLING)
def documentation_file(request: PageRequest, pk: int) -> HttpResponseBase:
    """Hand the encrypted file to the person who asked for it, and to nobody else (ABUSE C04)."""
    mine = documentation_requests(request.actor).filter(
        person_id=request.actor.person_id or 0, membership_id=request.actor.membership_id or 0
    )
    row = mine.get_or_refuse(pk=pk)
    now = timezone.now()
    path = prepared.path_of(row.file_token or "-")
    if row.state != PreparedState.READY or row.expires_at is None or row.expires_at <= now or not path.is_file():
        raise NotFound
    operations.take_documentation(actor=request.actor, request=row, now=now)
    return FileResponse(path.open("rb"), as_attachment=True, filename=row.file_name, content_type="application/zip")
