"""The pages of one line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.inventory import operations, queries, rules
from sportello.inventory.line_pages import line_tabs
from sportello.inventory.models import Line, Option
from sportello.inventory.web import panels
from sportello.inventory.web.forms import (
    AddLineForm,
    AssignmentForm,
    EndForm,
    NetworkForm,
    OptionForm,
    SimForm,
    instant_of,
)
from sportello.kernel.access import Section
from sportello.kernel.calendar import day_bounds
from sportello.kernel.refusals import NotFound
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals


@page(section=Section.ADMINISTRATION)
def line(request: PageRequest, pk: int) -> HttpResponse:
    """Show a line: how it stands, its options, its history, and how it stood on any day (`?on=`)."""
    return _line_page(request, queries.line_of(request.actor, pk))


def _line_page(request: PageRequest, row: Line, *, puk: str = "", no_puk: str = "") -> HttpResponse:
    now = timezone.now()
    context = {
        "title": formats.phone(row.number),
        "lead": " · ".join(filter(None, [str(row.person or ""), row.organisation.legal_name])),
        "breadcrumbs": panels.line_crumbs(row),
        "line": row,
        "tabs": line_tabs(request.actor, row, "inventory:line"),
        "facts": panels.line_facts(row),
        "standing": panels.standing_facts(row),
        "sim": panels.sim_facts(row),
        "puk": puk,
        "no_puk": no_puk,
        "options": list(queries.options_of(request.actor, row)),
        "timeline": panels.timeline(request.actor, row),
        "runs_network": rules.runs_network(request.actor),
        "ended": rules.has_ended(row, now),
        **_as_of(request, row, now),
    }
    return render(request, "inventory/line.html", context)


def _as_of(request: PageRequest, row: Line, now: datetime) -> dict[str, Any]:
    asked = request.GET.get("on", "")
    if not asked:
        return {}
    try:
        day = date.fromisoformat(asked)
        end = day_bounds(day, ZoneInfo(row.organisation.time_zone))[1]
    except (ValueError, OverflowError):
        return {"on": asked, "on_wrong": _("Write the day like 2026-03-31.")}
    last = min(end, now) - datetime.resolution
    stood = queries.line_as_of(request.actor, row.pk, last)
    return {
        "on": asked,
        "on_day": day,
        "stood": stood,
        "stood_facts": panels.standing_facts(stood.period) if stood else [],
        "stood_options": list(queries.options_of(request.actor, row, at=last)) if stood else [],
    }


@page(section=Section.ADMINISTRATION, methods=("POST",))
def puk(request: PageRequest, pk: int) -> HttpResponse:
    """Show the PUK of a line's SIM; the look is on record."""
    row = queries.line_of(request.actor, pk)
    try:
        shown = operations.show_puk(actor=request.actor, line=row)
    except NotFound as unknown:
        return _line_page(request, row, no_puk=str(unknown))
    return _line_page(request, row, puk=shown)


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def assign_one(request: PageRequest, pk: int) -> HttpResponse:
    """Give a line to a person, a cost centre, a site."""
    row = queries.line_of(request.actor, pk)
    form = AssignmentForm(request.POST or None, actor=request.actor, organisation_id=row.organisation_id)
    if form.is_valid():
        with form_refusals(form):
            now = timezone.now()
            operations.change_line(actor=request.actor, line=row, changes=form.changes(), at=now, now=now)
            messages.success(request, _("The line is assigned."))
            return redirect("inventory:line", row.pk)
    return _form_page(request, row, form, _("Assign the line"), _("Assign"))


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Change plan, status, dual billing and device of a line."""
    row = queries.line_of(request.actor, pk)
    rules.check_runs_network(request.actor)
    form = NetworkForm(request.POST or None, line=row, now=timezone.now())
    if form.is_valid():
        with form_refusals(form):
            operations.change_line(actor=request.actor, line=row, changes=form.changes(), at=form.takes_effect_at(), now=form.now)
            messages.success(request, _("The line is changed."))
            return redirect("inventory:line", row.pk)
    return _form_page(request, row, form, _("Change the line"), _("Change"))


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def sim(request: PageRequest, pk: int) -> HttpResponse:
    """Put another SIM into a line."""
    row = queries.line_of(request.actor, pk)
    rules.check_runs_network(request.actor)
    now = timezone.now()
    form = SimForm(request.POST or None, initial={"at": _today(row, now)})
    if form.is_valid():
        with form_refusals(form):
            given = {name: form.cleaned_data[name] for name in ("iccid", "imsi", "puk")}
            at = instant_of(form.cleaned_data["at"], row.organisation.time_zone, now)
            operations.change_sim(actor=request.actor, line=row, at=at, now=now, **given)
            messages.success(request, _("The line has another SIM."))
            return redirect("inventory:line", row.pk)
    return _form_page(request, row, form, _("Another SIM"), _("Put this SIM in"))


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def end(request: PageRequest, pk: int) -> HttpResponse:
    """End a line."""
    row = queries.line_of(request.actor, pk)
    rules.check_runs_network(request.actor)
    now = timezone.now()
    form = EndForm(request.POST or None, initial={"at": _today(row, now)})
    if form.is_valid():
        with form_refusals(form):
            at = instant_of(form.cleaned_data["at"], row.organisation.time_zone, now)
            operations.end_line(actor=request.actor, line=row, at=at, now=now)
            messages.success(request, _("The line's end is set."))
            return redirect("inventory:line", row.pk)
    return _form_page(request, row, form, _("End the line"), _("End it"), tone="danger")


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def add_option(request: PageRequest, pk: int) -> HttpResponse:
    """Add an option to a line."""
    row = queries.line_of(request.actor, pk)
    rules.check_runs_network(request.actor)
    now = timezone.now()
    form = OptionForm(request.POST or None, initial={"at": _today(row, now)})
    if form.is_valid():
        with form_refusals(form):
            option = Option.objects.get(pk=form.cleaned_data["option"])
            at = instant_of(form.cleaned_data["at"], row.organisation.time_zone, now)
            operations.add_option(actor=request.actor, line=row, option=option, at=at, now=now)
            messages.success(request, _("The option is active."))
            return redirect("inventory:line", row.pk)
    return _form_page(request, row, form, _("Add an option"), _("Add"))


@page(section=Section.ADMINISTRATION, methods=("POST",))
def end_option(request: PageRequest, pk: int) -> HttpResponse:
    """End an option of a line now."""
    row = queries.line_option(request.actor, pk)
    rules.check_runs_network(request.actor)
    now = timezone.now()
    operations.end_option(actor=request.actor, line_option=row, at=now, now=now)
    messages.success(request, _("The option has ended."))
    return redirect("inventory:line", row.line_id)


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def add_line(request: PageRequest, pk: int) -> HttpResponse:
    """Add a line to an agreement."""
    row = queries.agreements(request.actor).get_or_refuse(pk=pk)
    rules.check_runs_network(request.actor)
    now = timezone.now()
    today = now.astimezone(ZoneInfo(row.organisation.time_zone)).date()
    form = AddLineForm(request.POST or None, actor=request.actor, agreement=row, today=today)
    if form.is_valid():
        with form_refusals(form):
            made = operations.add_line(actor=request.actor, **form.values(now))
            messages.success(request, _("The line is added."))
            return redirect("inventory:line", made.pk)
    context = {
        "title": _("New line"),
        "lead": f"{row} · {row.organisation.legal_name}",
        "breadcrumbs": panels.agreement_crumbs(row, _("New line")),
        "form": form,
        "action": _("Add the line"),
        "tone": "primary",
        "back": reverse("inventory:agreement", args=[row.pk]),
    }
    return render(request, "inventory/form.html", context, status=422 if form.errors else 200)


def _form_page(
    request: PageRequest, row: Line, form: Any, title: str, action: str, *, tone: str = "primary"
) -> HttpResponse:
    context = {
        "title": title,
        "lead": formats.phone(row.number),
        "breadcrumbs": panels.line_crumbs(row, title),
        "standing": panels.standing_facts(row),
        "form": form,
        "action": action,
        "tone": tone,
        "back": reverse("inventory:line", args=[row.pk]),
    }
    return render(request, "inventory/form.html", context, status=422 if form.errors else 200)


def _today(row: Line, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.organisation.time_zone)).date()
