"""Changes of many lines or thresholds: what was chosen in a list, the form of what they get, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.sentences import told
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.models import BulkChange, LineProfile
from sportello.thresholds.states import BulkState, BulkWhat
from sportello.thresholds.web.at_once import confirmed
from sportello.thresholds.web.forms import LimitForm, ThresholdForm
from sportello.thresholds.web.lines import WatchedLines
from sportello.thresholds.web.tables import ThresholdList

SKIPPED_SHOWN: Final = 100


class ProfileForm(forms.Form):
    """Which profile many lines get."""

    profile = forms.ChoiceField(label=gettext_lazy("Profile"))

    def __init__(self, data: Any, profiles: Sequence[LineProfile]) -> None:
        """Take what was posted, and the profiles of the customer whose lines were chosen."""
        super().__init__(data)
        choices = [("0", _("No profile")), *((str(row.pk), row.title) for row in profiles)]
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """Return what a change of many keeps."""
        return {"profile": int(self.cleaned_data["profile"])}

    def barred(self, actor: Actor, ids: Sequence[int], now: datetime) -> set[int]:
        """Return the chosen lines that the profile bars at once."""
        wanted = int(self.cleaned_data["profile"])
        return queries.barred_by_profile(actor, ids, queries.profile(actor, wanted) if wanted else None, now)


class EmptyForm(forms.Form):
    """Nothing to type: only to be confirmed."""

    def terms(self) -> dict[str, Any]:
        """Return what a change of many keeps."""
        return {}

    def barred(self, actor: Actor, ids: Sequence[int], now: datetime) -> set[int]:
        """Return nothing: a cancelled threshold bars nobody."""
        return set()


class SetForm(ThresholdForm):
    """A threshold for many lines."""

    def kept(self) -> dict[str, Any]:
        """Return the terms as a change of many keeps them."""
        return asdict(self.terms())

    def barred(self, actor: Actor, ids: Sequence[int], now: datetime) -> set[int]:
        """Return the chosen lines that the threshold bars at once. Raises what `check_terms` raises."""
        terms = self.terms()
        rules.check_terms(terms)
        return queries.barred_by_terms(actor, ids, terms, now)


class ManyLimitForm(LimitForm):
    """One limit for the thresholds chosen in the list."""

    def barred(self, actor: Actor, ids: Sequence[int], now: datetime) -> set[int]:
        """Return the lines of the chosen thresholds that the limit bars at once."""
        return queries.barred_by_limit(actor, ids, self.terms()["limit"], now)


@page(section=Section.THRESHOLDS, methods=("POST",))
def choose_set(request: PageRequest) -> HttpResponse:
    """Keep the lines chosen for a new threshold."""
    return _choose_lines(request, BulkWhat.SET)


@page(section=Section.THRESHOLDS, methods=("POST",))
def choose_profile(request: PageRequest) -> HttpResponse:
    """Keep the lines chosen for a profile."""
    return _choose_lines(request, BulkWhat.PROFILE)


@page(section=Section.THRESHOLDS, methods=("POST",))
def choose_limit(request: PageRequest) -> HttpResponse:
    """Keep the thresholds chosen for another limit."""
    return _choose_thresholds(request, BulkWhat.LIMIT)


@page(section=Section.THRESHOLDS, methods=("POST",))
def choose_cancel(request: PageRequest) -> HttpResponse:
    """Keep the thresholds chosen to be cancelled."""
    return _choose_thresholds(request, BulkWhat.CANCEL)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def change(request: PageRequest, token: str) -> HttpResponse:
    """Ask what many lines or thresholds get, start it once, and show how far it has come."""
    row = queries.bulk_change(request.actor, token)
    # A change that is on its way is looked at every two seconds, and asks nothing any more.
    form = _form(request, row) if request.method == "POST" or row.state == BulkState.DRAFT else EmptyForm()
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            if _started(request, row, form):
                return redirect("thresholds:bulk", token)
    context = _progress(row) | {
        "title": row.get_what_display(),
        "form": form,
        "draft": row.state == BulkState.DRAFT,
        "breadcrumbs": [(_("Thresholds"), reverse("thresholds:index")), (row.get_what_display(), "")],
    }
    if request.htmx:
        return render(request, "thresholds/bulk.html#progress", context)
    return render(request, "thresholds/bulk.html", context, status=422 if form.errors else 200)


def _started(request: PageRequest, row: BulkChange, form: Any) -> bool:
    """Start a change as it was typed, unless its form has to ask first whether lines are to be barred at once."""
    now = timezone.now()
    terms = form.kept() if isinstance(form, SetForm) else form.terms()
    if row.state == BulkState.DRAFT and not _confirmed(request, row, form, now):
        return False
    if not operations.start_bulk(actor=request.actor, change=row, terms=terms, now=now):
        messages.info(request, _("This change was started already."))
    return True


def _confirmed(request: PageRequest, row: BulkChange, form: Any, now: datetime) -> bool:
    barred = form.barred(request.actor, row.ids, now)
    if barred or not isinstance(form, SetForm):
        return confirmed(form, barred)
    return confirmed(form, queries.told_by_terms(request.actor, row.ids, form.terms(), now), telling=True)


def _progress(row: BulkChange) -> dict[str, Any]:
    shown = [(told(what), told(why)) for what, why in row.skipped[:SKIPPED_SHOWN]]
    return {
        "change": row,
        "moving": row.state in (BulkState.WAITING, BulkState.RUNNING),
        "problem": told(row.problem),
        "skipped": shown,
        "more_skipped": row.left - len(shown),
    }


def _form(request: PageRequest, row: BulkChange) -> Any:
    data = request.POST if request.method == "POST" else None
    if row.what == BulkWhat.SET:
        return SetForm(data)
    if row.what == BulkWhat.PROFILE:
        customers = queries.customers_of_lines(request.actor, row.ids)
        return ProfileForm(data, list(queries.profiles(request.actor).filter(organisation__in=customers)))
    if row.what == BulkWhat.LIMIT:
        return ManyLimitForm(data, queries.measures_of(request.actor, row.ids))
    return EmptyForm(data)


def _choose_lines(request: PageRequest, what: BulkWhat) -> HttpResponse:
    rules.check_can_manage(request.actor)
    chosen = WatchedLines(request, queries.watched_lines(request.actor)).chosen(request.POST)
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: rules.MOST_AT_ONCE + 1])
    return _chosen(request, what, ids)


def _choose_thresholds(request: PageRequest, what: BulkWhat) -> HttpResponse:
    rules.check_can_manage(request.actor)
    rows = queries.with_standing(request.actor, queries.thresholds(request.actor), timezone.now())
    chosen = ThresholdList(request, rows).chosen(request.POST)
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: rules.MOST_AT_ONCE + 1])
    return _chosen(request, what, ids)


def _chosen(request: PageRequest, what: BulkWhat, ids: Sequence[int]) -> HttpResponse:
    row = operations.choose_many(actor=request.actor, what=what, ids=ids, now=timezone.now())
    return redirect("thresholds:bulk", str(row.token))
