"""The lines with their profiles, and changes of many of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.models import Line
from sportello.inventory.searching import LineSearch
from sportello.inventory.states import LineKind
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Choice, Filter
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.models import BulkChange, Threshold
from sportello.thresholds.states import BulkState, BulkWhat
from sportello.thresholds.web.forms import LimitForm, ThresholdForm
from sportello.thresholds.web.tables import ThresholdList

SKIPPED_SHOWN: Final = 100


def _profile(row: Any) -> str:
    enrolment = getattr(row, "enrolment", None)
    return enrolment.profile.title if enrolment and enrolment.profile else ""


class WatchedLines(Listing[Line]):
    """The running lines in reach with their profile."""

    name = "thresholds.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(
            "number",
            gettext_lazy("Line"),
            sort="number",
            kind=Kind.PHONE,
            link=lambda row: reverse("thresholds:line", args=[row.pk]),
        ),
        Column("holder", gettext_lazy("Held by"), value=lambda row: row.person.name if row.person else ""),
        Column("cost_centre", gettext_lazy("Cost centre"), value=lambda row: str(row.cost_centre or "")),
        Column("plan", gettext_lazy("Plan"), value=lambda row: str(row.plan or "")),
        Column("organisation", gettext_lazy("Customer"), value=lambda row: row.organisation.legal_name, shown=False),
        Column("kind", gettext_lazy("Kind"), value=lambda row: row.get_kind_display()),
        Column("profile", gettext_lazy("Profile"), value=_profile),
    )
    default_sort = "number"
    actions = (
        BulkAction("set", gettext_lazy("Set a threshold"), "thresholds:choose_set", icon="bell-plus"),
        BulkAction("profile", gettext_lazy("Give a profile"), "thresholds:choose_profile", icon="stack-2"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Any]) -> None:
        """Take the rows; the profiles to filter by are those in reach."""
        super().__init__(request, rows)
        self.filters: Sequence[Filter] = (
            LineSearch(request.actor),
            Choice("kind", gettext_lazy("Kind"), LineKind.choices),
            Choice("profile", gettext_lazy("Profile"), lambda: _profile_choices(request.actor), apply=_by_profile),
        )


def _profile_choices(actor: Actor) -> list[tuple[str, str]]:
    return [("none", _("No profile")), *((str(row.pk), row.title) for row in queries.profiles(actor)[:200])]


def _by_profile(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(enrolment__profile=None) if value == "none" else rows.filter(enrolment__profile_id=int(value))


class ProfileForm(forms.Form):
    """Which profile many lines get."""

    profile = forms.ChoiceField(label=gettext_lazy("Profile"))

    def __init__(self, data: Any, actor: Actor) -> None:
        """Take what was posted, and who chooses among the profiles in reach."""
        super().__init__(data)
        choices = [("0", _("No profile")), *_profile_choices(actor)[1:]]
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """Return what a change of many keeps."""
        return {"profile": int(self.cleaned_data["profile"])}


class EmptyForm(forms.Form):
    """Nothing to type: only to be confirmed."""

    def terms(self) -> dict[str, Any]:
        """Return what a change of many keeps."""
        return {}


class SetForm(ThresholdForm):
    """A threshold for many lines."""

    def kept(self) -> dict[str, Any]:
        """Return the terms as a change of many keeps them."""
        return asdict(self.terms())


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def lines(request: PageRequest) -> HttpResponseBase:
    """List the lines in reach with their profiles."""
    rules.check_can_manage(request.actor)
    return WatchedLines(request, queries.watched_lines(request.actor)).respond(
        "thresholds/lines.html", {"title": _("Lines and profiles")}
    )


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
def bulk(request: PageRequest, token: str) -> HttpResponse:
    """Ask what many lines or thresholds get, start it once, and show how far it has come."""
    change = queries.bulk_change(request.actor, token)
    form = _form(request, change)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            terms = form.kept() if isinstance(form, SetForm) else form.terms()
            if not operations.start_bulk(actor=request.actor, change=change, terms=terms, now=timezone.now()):
                messages.info(request, _("This change was started already."))
            return redirect("thresholds:bulk", token)
    context = {
        "title": change.get_what_display(),
        "change": change,
        "form": form,
        "draft": change.state == BulkState.DRAFT,
        "moving": change.state in (BulkState.WAITING, BulkState.RUNNING),
        "skipped": change.skipped[:SKIPPED_SHOWN],
        "breadcrumbs": [(_("Thresholds"), reverse("thresholds:index")), (change.get_what_display(), "")],
    }
    if request.htmx:
        return render(request, "thresholds/bulk.html#progress", context)
    return render(request, "thresholds/bulk.html", context, status=422 if form.errors else 200)


def _form(request: PageRequest, change: BulkChange) -> Any:
    data = request.POST if request.method == "POST" else None
    if change.what == BulkWhat.SET:
        return SetForm(data)
    if change.what == BulkWhat.PROFILE:
        return ProfileForm(data, request.actor)
    if change.what == BulkWhat.LIMIT:
        return LimitForm(data, _measures(request.actor, change))
    return EmptyForm(data)


def _measures(actor: Actor, change: BulkChange) -> set[str]:
    rows = Threshold.objects.for_(actor).filter(pk__in=change.ids[:5000])
    return set(rows.order_by().values_list("measure", flat=True).distinct())


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
    change = operations.choose_many(actor=request.actor, what=what, ids=ids, now=timezone.now())
    return redirect("thresholds:bulk", str(change.token))
