"""The pages of thresholds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.inventory.line_pages import line_tabs
from sportello.inventory.models import Line
from sportello.kernel.access import Access, Reach, Section
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.models import Threshold
from sportello.thresholds.states import Kind, Measure
from sportello.thresholds.web import panels
from sportello.thresholds.web.at_once import confirmed
from sportello.thresholds.web.forms import ChangeForm, FindLineForm, ThresholdForm
from sportello.thresholds.web.resuming import chosen_thresholds
from sportello.thresholds.web.tables import CustomersThresholdList, ThresholdList


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def index(request: PageRequest) -> HttpResponseBase:
    """Show the thresholds in reach; to an employee, the own lines."""
    now = timezone.now()
    if request.actor.access(Section.THRESHOLDS) is Access.OWN:
        lines = [panels.line_panel(request.actor, row, now) for row in queries.own_lines(request.actor)]
        return render(request, "thresholds/own.html", {"title": _("My thresholds"), "lines": lines})
    rows = queries.with_standing(request.actor, queries.thresholds(request.actor), now)
    listing = ThresholdList if request.actor.reach is Reach.CUSTOMER else CustomersThresholdList
    return listing(request, rows).respond(
        "thresholds/list.html", {"title": _("Thresholds"), "close": queries.close_to_limit(request.actor, now, most=4)}
    )


@page(section=Section.THRESHOLDS)
def find_line(request: PageRequest) -> HttpResponse:
    """Find the line to watch, by number or holder."""
    if request.actor.access(Section.THRESHOLDS) is Access.OWN:
        return redirect("thresholds:index")
    form = FindLineForm(request.GET or None)
    found = queries.lines_matching(request.actor, form.cleaned_data["q"]) if form.is_valid() else []
    return render(request, "thresholds/find.html", {"form": form, "lines": found, "title": _("New threshold")})


@page(section=Section.THRESHOLDS)
def line(request: PageRequest, line_pk: int) -> HttpResponse:
    """Show the thresholds of a line, where they stand, and what they passed."""
    row = _line(request, line_pk)
    panel = panels.line_panel(request.actor, row, timezone.now())
    return render(request, "thresholds/line.html", {**_of_line(request, row), "panel": panel, "title": panel.heading})


def _of_line(request: PageRequest, row: Line) -> dict[str, object]:
    return {"breadcrumbs": panels.crumbs(row), "tabs": line_tabs(request.actor, row, "thresholds:line")}


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def add(request: PageRequest, line_pk: int) -> HttpResponse:
    """Set a threshold on a line."""
    row = _line(request, line_pk)
    own = request.actor.access(Section.THRESHOLDS) is Access.OWN
    form = ThresholdForm(request.POST if request.method == "POST" else None, own=own)
    _refuse_early(request, row, form)
    if form.is_valid():
        with form_refusals(form):
            terms, now = form.terms(), timezone.now()
            rules.check_can_set(request.actor, row, terms)
            if confirmed(form, queries.barred_by_terms(request.actor, [row.pk], terms, now), alone=True):
                threshold = operations.set_threshold(actor=request.actor, line=row, terms=terms, now=now)
                said = _("The threshold is set. You see here how much of it is used.")
                messages.success(request, f"{said} {_told_already(request, threshold)}".rstrip())
                return redirect("thresholds:line", row.pk)
    context = {"form": form, "line": row, "title": _("New threshold"), "breadcrumbs": panels.crumbs(row)}
    # Where no field is wrong, something else of the same kind stands there already.
    if form.non_field_errors():
        context["there"] = queries.same_threshold(request.actor, row, form.terms())
    return render(request, "thresholds/add.html", context, status=422 if form.errors else 200)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Change limit and steps of a threshold."""
    row = queries.threshold(request.actor, pk)
    rules.check_can_change(request.actor, row)
    form = ChangeForm(request.POST if request.method == "POST" else None, row)
    if form.is_valid():
        with form_refusals(form):
            before = row.revision
            if _changed(request, row, form):
                said = _("The threshold is changed. You see here how much of it is used.")
                told = _told_already(request, row) if row.revision > before else ""
                messages.success(request, f"{said} {told}".rstrip())
                return redirect("thresholds:line", row.line_id)
    context = {
        "form": form,
        "threshold": row,
        "title": _("Change the threshold"),
        "breadcrumbs": panels.crumbs(row.line),
    }
    return render(request, "thresholds/change.html", context, status=422 if form.errors else 200)


def _told_already(request: PageRequest, threshold: Threshold) -> str:
    """Say whom a threshold just set or changed tells at once, because a step of it is passed already."""
    notice = queries.told_of(request.actor, threshold)
    if notice is None:
        return ""
    words = {"step": formats.percent(notice.crossing.step), "name": notice.user.name if notice.user else ""}
    if notice.user and notice.user.pk == request.actor.person_id:
        return _("%(step)s of it is passed already: you are told at once.") % words
    if notice.user and (notice.mobile or notice.user.email):
        return _("%(step)s of it is passed already: a message goes to %(name)s at once.") % words
    return _("%(step)s of it is passed already: those who manage thresholds are told at once.") % words


def _changed(request: PageRequest, row: Threshold, form: ChangeForm) -> bool:
    """Change a threshold as it was typed, unless the form has to ask first whether its line is to be barred at once."""
    limit, now = form.limit_units(), timezone.now()
    rules.check_limit(Measure(row.measure), limit)
    if not confirmed(form, queries.barred_by_limit(request.actor, [row.pk], limit, now), alone=True):
        return False
    operations.change_threshold(
        actor=request.actor, threshold=row, limit=limit, steps=form.chosen_steps(), seen=form.cleaned_data["revision"],
        now=now,
    )  # fmt: skip
    return True


@page(section=Section.THRESHOLDS, methods=("POST",))
def suspend_chosen(request: PageRequest) -> HttpResponse:
    """Put the thresholds chosen in the list aside."""
    count = operations.suspend_thresholds(
        actor=request.actor, thresholds=chosen_thresholds(request), now=timezone.now()
    )
    messages.success(
        request, ngettext("%(count)s threshold suspended.", "%(count)s thresholds suspended.", count) % {"count": count}
    )
    return redirect("thresholds:index")


@page(section=Section.THRESHOLDS, methods=("POST",))
def suspend(request: PageRequest, pk: int) -> HttpResponse:
    """Put a threshold aside."""
    row = queries.threshold(request.actor, pk)
    operations.suspend_threshold(actor=request.actor, threshold=row, now=timezone.now())
    messages.success(request, _("The threshold is suspended: it warns nobody until it is resumed."))
    return redirect("thresholds:line", row.line_id)


@page(section=Section.THRESHOLDS, methods=("POST",))
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """End a threshold."""
    row = queries.threshold(request.actor, pk)
    operations.cancel_threshold(actor=request.actor, threshold=row, now=timezone.now())
    messages.success(request, _("The threshold has ended."))
    return redirect("thresholds:line", row.line_id)


def _line(request: PageRequest, pk: int) -> Line:
    rows = Line.objects.for_(request.actor).select_related("organisation", "person")
    return rows.get_or_refuse(pk=pk)


def _refuse_early(request: PageRequest, line: Line, form: ThresholdForm) -> None:
    """Refuse what the profile may never do before anything is said of the rest of the form (ABUSE D03)."""
    rules.check_can_set_on(request.actor, line)
    if form.is_bound:
        rules.check_kind(request.actor, form.data.get("kind") or Kind.INFORMATIONAL)
