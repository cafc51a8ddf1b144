"""Letting suspended thresholds watch again: what they bar at once is asked about first."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.kernel.access import Section
from sportello.kernel.web import PageRequest, page
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.models import Threshold
from sportello.thresholds.web.at_once import confirmed
from sportello.thresholds.web.tables import ThresholdList


@page(section=Section.THRESHOLDS, methods=("POST",))
def resume(request: PageRequest, pk: int) -> HttpResponse:
    """Let a threshold watch again."""
    row = queries.threshold(request.actor, pk)
    rules.check_can_change(request.actor, row)
    form = forms.Form(request.POST)
    if not confirmed(form, queries.barred_by_resuming(request.actor, [pk], timezone.now()), alone=True):
        return _question(request, form, back=reverse("thresholds:line", args=[row.line_id]))
    operations.resume_threshold(actor=request.actor, threshold=row, now=timezone.now())
    messages.success(request, _("The threshold watches again."))
    return redirect("thresholds:line", row.line_id)


@page(section=Section.THRESHOLDS, methods=("POST",))
def resume_chosen(request: PageRequest) -> HttpResponse:
    """Let the thresholds chosen in the list watch again."""
    rows, form, now = chosen_thresholds(request), forms.Form(request.POST), timezone.now()
    if not confirmed(form, queries.barred_by_resuming(request.actor, [row.pk for row in rows], now)):
        return _question(request, form, back=reverse("thresholds:index"), chosen=rows)
    count = operations.resume_thresholds(actor=request.actor, thresholds=rows, now=now)
    messages.success(
        request,
        ngettext("%(count)s threshold watches again.", "%(count)s thresholds watch again.", count) % {"count": count},
    )
    return redirect("thresholds:index")


def chosen_thresholds(request: PageRequest) -> list[Threshold]:
    """Return the thresholds chosen in the list; an id out of reach refuses them all (ABUSE C05)."""
    rows = queries.with_standing(request.actor, queries.thresholds(request.actor), timezone.now())
    chosen = list(ThresholdList(request, rows).chosen(request.POST)[: rules.MOST_IN_ONE_REQUEST + 1])
    rules.check_not_too_many(len(chosen), most=rules.MOST_IN_ONE_REQUEST)
    return chosen


def _question(request: PageRequest, form: forms.Form, *, back: str, chosen: Sequence[Threshold] = ()) -> HttpResponse:
    context = {
        "title": _("Let thresholds watch again"),
        "form": form,
        "back": back,
        "chosen": chosen,
        "breadcrumbs": [(_("Thresholds"), reverse("thresholds:index")), (_("Resume"), "")],
    }
    return render(request, "thresholds/resume.html", context, status=422)
