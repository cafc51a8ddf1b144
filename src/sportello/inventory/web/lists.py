"""The pages of many lines: the list, its totals, assigning in bulk, agreements."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.inventory import operations, queries, rules
from sportello.inventory.operations import AssignmentRefused
from sportello.inventory.web import panels
from sportello.inventory.web.forms import AssignmentForm
from sportello.inventory.web.tables import AgreementList, line_list
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui import formats
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals

MOST_AT_ONCE = 20_000
"""Lines assigned while the reader waits; more go by file."""


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def lines(request: PageRequest) -> HttpResponseBase:
    """List the lines."""
    context = {
        "title": _("Lines"),
        "lead": _("Lines that have ended are shown when you search, or choose their status."),
        "runs_network": rules.runs_network(request.actor),
        "empty_title": _("No line yet"),
        "empty_text": _("Lines come from the operator's files. Hand one in, or ask the operator."),
        "empty_icon": "device-mobile",
    }
    return line_list(request).respond("inventory/lines.html", context)


@page(section=Section.ADMINISTRATION)
def totals(request: PageRequest) -> HttpResponse:
    """Show how many lines there are, by kind, status and plan, by customer or by site and cost centre, and over the months."""
    actor, now = request.actor, timezone.now()
    found = queries.totals_at_once(actor, "kind", "status", "plan")
    kinds, states = found["kind"], found["status"]
    context = {
        "title": _("Lines in numbers"),
        "breadcrumbs": panels.below_lines(_("In numbers")),
        "held": formats.number(sum(share.lines for share in kinds)),
        "states": [(share.label, formats.number(share.lines), share.value) for share in states],
        "months": panels.over_months(queries.active_lines_by_month(actor, now=now)),
        "kinds": panels.by_kind(kinds),
        "ranks": [panels.ranked(_("Lines by plan"), _("Plan"), found["plan"]), *_ranks(actor)],
    }
    return render(request, "inventory/totals.html", context)


def _ranks(actor: Actor) -> list[panels.Ranking]:
    """Rank by what means something in the reader's reach: sites and cost centres are one customer's own."""
    if actor.reach in {Reach.ALL, Reach.PARTNER}:
        return [panels.ranked(_("Lines by customer"), _("Customer"), queries.totals(actor, "organisation"))]
    return [
        panels.ranked(_("Lines by site"), _("Site"), queries.totals(actor, "site")),
        panels.ranked(_("Lines by cost centre"), _("Cost centre"), queries.totals(actor, "cost_centre")),
    ]


@page(section=Section.ADMINISTRATION, methods=("POST",))
def assign(request: PageRequest) -> HttpResponse:
    """Assign the chosen lines: first the question, then the answer with what became of each."""
    chosen = line_list(request).chosen(request.POST).order_by("number", "pk")
    rows = list(chosen.values_list("pk", "organisation_id", "number")[: MOST_AT_ONCE + 1])
    refusal = _why_not(rows)
    if refusal:
        messages.warning(request, refusal)
        return redirect("inventory:lines")
    data = request.POST if request.POST.get("do") == "assign" else None
    form = AssignmentForm(data, actor=request.actor, organisation_id=rows[0][1])
    if form.is_valid():
        answer = _assigned(request, form, [pk for pk, _of, _number in rows])
        if answer:
            return answer
    context = _question(request, rows) | {"form": form}
    return render(request, "inventory/assign.html", context, status=422 if form.errors else 200)


def _why_not(rows: list[tuple[int, int, str]]) -> str:
    if not rows:
        return _("No line was chosen.")
    if len(rows) > MOST_AT_ONCE:
        return _("These are too many lines to assign at once: narrow the list, or hand in a file.")
    if len({organisation_id for _pk, organisation_id, _number in rows}) > 1:
        return _("The chosen lines belong to several customers: choose those of one.")
    return ""


def _question(request: PageRequest, rows: list[tuple[int, int, str]]) -> dict[str, Any]:
    count = len(rows)
    return {
        "title": ngettext("Assign %(count)d line", "Assign %(count)d lines", count) % {"count": count},
        "breadcrumbs": panels.below_lines(_("Assign")),
        "everything": request.POST.get("everything", ""),
        "filters": request.POST.get("filters", ""),
        "ids": [] if request.POST.get("everything") else [pk for pk, _of, _number in rows],
        "numbers": [number for _pk, _of, number in rows[:12]],
        "more": max(0, count - 12),
    }


def _assigned(request: PageRequest, form: AssignmentForm, ids: list[int]) -> HttpResponse | None:
    context: dict[str, Any] = {"title": _("What became of each line"), "breadcrumbs": panels.below_lines(_("Assign"))}
    with form_refusals(form):
        try:
            rows = operations.assign_lines(actor=request.actor, line_ids=ids, changes=form.changes(), now=timezone.now())
        except AssignmentRefused as refused:
            context |= {"rows": refused.rows, "refused": str(refused)}
            return render(request, "inventory/assigned.html", context, status=409)
        changed = sum(row.outcome == "changed" for row in rows)
        messages.success(request, ngettext("%(count)d line was assigned.", "%(count)d lines were assigned.", changed) % {"count": changed})
        return render(request, "inventory/assigned.html", context | {"rows": rows})
    return None


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def agreements(request: PageRequest) -> HttpResponseBase:
    """List the agreements."""
    context = {
        "title": _("Agreements"),
        "breadcrumbs": panels.below_lines(_("Agreements")),
        "empty_title": _("No agreement yet"),
        "empty_text": _("Agreements come with the operator's file of lines."),
        "empty_icon": "file-text",
    }
    return AgreementList(request, queries.agreements(request.actor)).respond("ui/listing_page.html", context)


@page(section=Section.ADMINISTRATION)
def agreement(request: PageRequest, pk: int) -> HttpResponse:
    """Show an agreement with its lines in numbers."""
    row = queries.agreements(request.actor).get_or_refuse(pk=pk)
    held = queries.lines(request.actor).filter(agreement=row)
    kinds = queries.totals(request.actor, "kind", rows=held)
    context = {
        "title": str(row),
        "breadcrumbs": panels.agreement_crumbs(row),
        "agreement": row,
        "facts": [
            (_("Code"), row.code),
            (_("Name"), row.name),
            (_("Customer"), row.organisation.legal_name),
            (_("Convention"), row.convention),
            (_("Active from"), formats.day(row.active_from) if row.active_from else ""),
            (_("Active to"), formats.day(row.active_to) if row.active_to else ""),
        ],
        "held": sum(share.lines for share in kinds),
        "kinds": panels.by_kind(kinds),
        "plans": panels.ranked(_("Lines by plan"), _("Plan"), queries.totals(request.actor, "plan", rows=held)),
        "runs_network": rules.runs_network(request.actor),
    }
    return render(request, "inventory/agreement.html", context)
