"""Dual billing for the administration: who is billed directly, asking, changing, ending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.dual_billing import operations, queries, rules
from sportello.dual_billing.models import ConsentDocument, Enrolment
from sportello.dual_billing.operations.asking import FIELDS, SECRETS
from sportello.dual_billing.web.forms import AskForm, CorrectionForm, DataForm
from sportello.dual_billing.web.panels import facts_for_administration, steps_of
from sportello.dual_billing.web.tables import EnrolmentList
from sportello.inventory import queries as inventory
from sportello.inventory.line_pages import line_tabs
from sportello.kernel.access import Reach, Section
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def index(request: PageRequest) -> HttpResponseBase:
    """List the employees who are billed directly, or were asked."""
    context = {
        "title": _("Employees billed directly"),
        "empty_title": _("Nobody is billed directly yet"),
        "empty_text": _(
            "Ask for an employee: they accept on their own page, and from then on private traffic is theirs to pay."
        ),
        "empty_icon": "users",
        "empty_action": _("Ask for an employee"),
        "empty_url": reverse("dual_billing:new"),
    }
    return EnrolmentList(request, queries.enrolments(request.actor)).respond("dual_billing/list.html", context)


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def new(request: PageRequest) -> HttpResponse:
    """Ask for dual billing of a line."""
    now = timezone.now()
    initial = {"number": request.GET.get("number", ""), "start_date": timezone.localdate()}
    form = AskForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            line = queries.line_named(request.actor, form.cleaned_data["number"])
            if line is None:  # somebody else's line and none at all look the same (ABUSE C07)
                raise InvalidInput(_("Unknown line."), field="number")
            row = operations.ask_enrolment(
                actor=request.actor, line=line, data=form.entered(), consent=form.document(), now=now
            )
            messages.success(request, _("Asked. The employee is told by mail and accepts on their own page."))
            return redirect("dual_billing:enrolment", row.pk)
    crumbs = [(_("Dual billing"), reverse("dual_billing:index")), (_("New"), "")]
    return _form(
        request, form, {"title": _("Ask for dual billing"), "breadcrumbs": crumbs, "submit": _("Ask the employee")}
    )


@page(section=Section.DUAL_BILLING)
def enrolment(request: PageRequest, pk: int) -> HttpResponse:
    """Show what is kept of an employee's dual billing: secrets masked, and nothing of their traffic."""
    row = queries.enrolment(request.actor, pk)
    context = {
        "title": row.person.name,
        "lead": " · ".join([formats.phone(row.line.number), row.organisation.legal_name]),
        "breadcrumbs": [(_("Dual billing"), reverse("dual_billing:index")), (row.person.name, "")],
        "enrolment": row,
        "facts": facts_for_administration(row),
        "steps": steps_of(row),
        "consent": ConsentDocument.objects.for_(request.actor).filter(enrolment=row).defer("content").first(),
        "corrects": request.actor.reach is Reach.ALL and row.accepted_at is not None,
    }
    return render(request, "dual_billing/enrolment.html", context)


@page(section=Section.DUAL_BILLING)
def line(request: PageRequest, line_pk: int) -> HttpResponse:
    """Show the dual billing that a line has and had."""
    row = inventory.line_of(request.actor, line_pk)
    context = {
        "title": formats.phone(row.number),
        "lead": " · ".join(filter(None, [str(row.person or ""), row.organisation.legal_name])),
        "line": row,
        "tabs": line_tabs(request.actor, row, "dual_billing:line"),
        "rows": list(queries.enrolments(request.actor).filter(line=row).order_by("-asked_at")),
        "open": queries.open_of_line(request.actor, row) is not None,
    }
    return render(request, "dual_billing/line.html", context)


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Change what is kept of an employee."""
    row = queries.enrolment(request.actor, pk)
    rules.check_can_change(row)
    initial = {name: getattr(row, name) for name in FIELDS if name not in SECRETS}
    form = DataForm(request.POST or None, request.FILES or None, known=row, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_enrolment(
                actor=request.actor, enrolment=row, data=form.entered(), consent=form.document(), now=timezone.now()
            )
            messages.success(request, _("The data are changed."))
            return redirect("dual_billing:enrolment", row.pk)
    context = {"title": _("Change the data"), "breadcrumbs": _crumbs(row, _("Change")), "submit": _("Change")}
    return _form(request, form, context | {"back": reverse("dual_billing:enrolment", args=[pk])})


@page(section=Section.DUAL_BILLING, methods=("POST",))
def end(request: PageRequest, pk: int) -> HttpResponse:
    """End dual billing now."""
    row = queries.enrolment(request.actor, pk)
    operations.end_enrolment(actor=request.actor, enrolment=row, now=timezone.now())
    messages.success(request, _("Dual billing of the line has ended: all its traffic is the organisation's again."))
    return redirect("dual_billing:enrolment", pk)


@page(section=Section.DUAL_BILLING, methods=("GET", "POST"))
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Correct from when to when it counted; the operator's alone."""
    rules.check_runs_portal(request.actor)
    row = queries.enrolment(request.actor, pk)
    if row.accepted_at is None:
        raise rules.NotAsked
    form = CorrectionForm(request.POST or None, known=row)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            since, until = form.instants()
            operations.correct_enrolment(
                actor=request.actor, enrolment=row, active_from=since, active_to=until,
                reason=form.cleaned_data["reason"], now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Corrected. The usage of that time is placed and billed again in a moment."))
            return redirect("dual_billing:enrolment", pk)
    context = {
        "title": _("Correct the time"),
        "breadcrumbs": _crumbs(row, _("Correct")),
        "submit": _("Correct and bill again"),
    }
    return _form(request, form, context | {"back": reverse("dual_billing:enrolment", args=[pk])})


@page(section=Section.DUAL_BILLING)
def consent(request: PageRequest, pk: int) -> HttpResponse:
    """Give out the consent document as a download, never shown inline (ABUSE F02)."""
    row = queries.enrolment(request.actor, pk)
    document = operations.take_consent(actor=request.actor, enrolment=row)
    answer = HttpResponse(bytes(document.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="consent-{row.pk}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _form(request: PageRequest, form: Any, context: dict[str, Any]) -> HttpResponse:
    shown = {"form": form, "back": reverse("dual_billing:index"), **context}
    return render(request, "dual_billing/form.html", shown, status=422 if form.errors else 200)


def _crumbs(row: Enrolment, last: str) -> list[tuple[str, str]]:
    middle = (row.person.name, reverse("dual_billing:enrolment", args=[row.pk]))
    return [(_("Dual billing"), reverse("dual_billing:index")), middle, (last, "")]
