"""The pages of profiles, of bill periods, and of thresholds by file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sportello.inventory.models import Agreement
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import ImportReport
from sportello.kernel.refusals import NotFound
from sportello.kernel.tabular import Table
from sportello.kernel.ui.imports import ImportColumn, ImportPages
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import queries as parties
from sportello.parties.models import Organisation
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.web.forms import ThresholdForm


class NewProfileForm(forms.Form):
    """The name of a profile, and whether new lines get it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    default = forms.BooleanField(label=gettext_lazy("New mobile lines get this profile"), required=False)


class CutOffForm(forms.Form):
    """From which day bill periods run."""

    agreement = forms.ChoiceField(label=gettext_lazy("Agreement"), required=False)
    day = forms.IntegerField(label=gettext_lazy("Day of the month"), min_value=1, max_value=28)

    def __init__(self, data: Any, actor: Actor) -> None:
        """Take what was posted, and whose agreements may be chosen."""
        super().__init__(data)
        rows = Agreement.objects.for_(actor).order_by("code")[:200]
        choices = [("", _("All agreements")), *((str(row.pk), str(row)) for row in rows)]
        self.fields["agreement"].choices = choices  # type: ignore[attr-defined]


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def profiles(request: PageRequest) -> HttpResponse:
    """Show the profiles of a customer's lines, and make one."""
    rules.check_can_manage(request.actor)
    form = NewProfileForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form_refusals(form):
            made = operations.make_profile(
                actor=request.actor, organisation=_customer(request.actor), now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("The profile is made. Add its thresholds now."))
            return redirect("thresholds:profile", made.pk)
    found = list(queries.profiles(request.actor)[:100])
    terms, counts = queries.terms_of_profiles(request.actor, found), queries.lines_by_profile(request.actor, found)
    context = {
        "title": _("Profiles"),
        "profiles": [(row, terms[row.pk], counts.get(row.pk, 0)) for row in found],
        "form": form if request.actor.reach is Reach.CUSTOMER else None,
        "several": request.actor.reach is not Reach.CUSTOMER,
    }
    return render(request, "thresholds/profiles.html", context, status=422 if form.errors else 200)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def profile(request: PageRequest, pk: int) -> HttpResponse:
    """Show a profile, and add a threshold to it."""
    rules.check_can_manage(request.actor)
    row = queries.profile(request.actor, pk)
    form = ThresholdForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form_refusals(form):
            operations.add_term(actor=request.actor, profile=row, terms=form.terms(), now=timezone.now())
            messages.success(request, _("The threshold is in the profile, and set on all its lines."))
            return redirect("thresholds:profile", pk)
    context = {
        "title": row.title,
        "profile": row,
        "terms": queries.terms_of_profiles(request.actor, [row])[row.pk],
        "lines": queries.lines_by_profile(request.actor, [row]).get(row.pk, 0),
        "form": form,
        "breadcrumbs": [(_("Profiles"), reverse("thresholds:profiles")), (row.title, "")],
    }
    return render(request, "thresholds/profile.html", context, status=422 if form.errors else 200)


@page(section=Section.THRESHOLDS, methods=("POST",))
def remove_term(request: PageRequest, pk: int) -> HttpResponse:
    """Take a threshold out of its profile."""
    row = queries.term(request.actor, pk)
    count = operations.remove_term(actor=request.actor, term=row, now=timezone.now())
    said = ngettext("Removed, and cancelled on %(count)s line.", "Removed, and cancelled on %(count)s lines.", count)
    messages.success(request, said % {"count": count})
    return redirect("thresholds:profile", row.profile_id)


@page(section=Section.THRESHOLDS, methods=("POST",))
def set_default(request: PageRequest, pk: int) -> HttpResponse:
    """Let new lines have this profile, or not."""
    row = queries.profile(request.actor, pk)
    operations.set_default(actor=request.actor, profile=row, default=request.POST.get("default") == "1")
    messages.success(request, _("Kept. Lines that are there already keep the profile they have."))
    return redirect("thresholds:profile", pk)


@page(section=Section.THRESHOLDS, methods=("POST",))
def end_profile(request: PageRequest, pk: int) -> HttpResponse:
    """End a profile."""
    row = queries.profile(request.actor, pk)
    operations.end_profile(actor=request.actor, profile=row, now=timezone.now())
    messages.success(request, _("The profile is ended; its lines have none now."))
    return redirect("thresholds:profiles")


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def bill_periods(request: PageRequest) -> HttpResponse:
    """Show and set the day on which bill periods begin."""
    rules.check_can_manage(request.actor)
    customer = _customer(request.actor)
    form = CutOffForm(request.POST if request.method == "POST" else None, request.actor)
    if form.is_valid():
        with form_refusals(form):
            operations.set_cut_off(
                actor=request.actor, organisation=customer, agreement=_agreement(request.actor, form.cleaned_data["agreement"]),
                day=form.cleaned_data["day"], now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Kept. Thresholds by bill period run from that day now."))
            return redirect("thresholds:bill_periods")
    days = queries.cut_offs(request.actor, customer.pk)
    rows = Agreement.objects.for_(request.actor).filter(organisation=customer).order_by("code")[:200]
    context = {
        "title": _("Bill periods"),
        "breadcrumbs": [(_("Profiles"), reverse("thresholds:profiles")), (_("Bill periods"), "")],
        "form": form,
        "usual": days.get(None, 1),
        "agreements": [(row, days.get(row.pk)) for row in rows],
    }
    return render(request, "thresholds/bill_periods.html", context, status=422 if form.errors else 200)


class ThresholdsImport(ImportPages):
    """Thresholds by file."""

    purpose = "thresholds.thresholds"
    title = gettext_lazy("Set thresholds by file")
    lead = gettext_lazy("Each row is a threshold as it is to be: handing in the same file again changes nothing.")
    columns = (
        ImportColumn("number", gettext_lazy("One of your lines, in E.164 form."), "+393510000001"),
        ImportColumn("traffic", gettext_lazy("data, voice, sms or all."), "data"),
        ImportColumn("limit", gettext_lazy("A number with a decimal point, in the unit beside it."), "50"),
        ImportColumn("unit", gettext_lazy("eur, gb, mb, min or count."), "eur"),
        ImportColumn("zone", gettext_lazy("any, national, eu or extra_eu. Empty: any."), "any", required=False),
        ImportColumn("period", gettext_lazy("month, bill or day. Empty: month."), "month", required=False),
        ImportColumn(
            "kind", gettext_lazy("informational or enforcing. Empty: informational."), "informational", required=False
        ),
        ImportColumn(
            "steps",
            gettext_lazy("Percentages, separated by semicolons. Empty: 50; 80; 100."),
            "50; 80; 100",
            required=False,
        ),
    )
    address = "thresholds:import"
    back = "thresholds:index"
    back_label = gettext_lazy("Thresholds")

    def load(self, *, table: Table, apply: bool, expected: str) -> ImportReport:
        """Take the file as the reader's."""
        return operations.load_thresholds(actor=self.actor, table=table, apply=apply, now=self.now, expected=expected)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def import_thresholds(request: PageRequest, token: str = "") -> HttpResponse:
    """Hand in a file of thresholds, look at what it does, confirm."""
    rules.check_can_manage(request.actor)
    return ThresholdsImport(request).respond(token)


def _customer(actor: Actor) -> Organisation:
    """Return the customer acted in; who reaches many has no profiles of its own."""
    if actor.reach is not Reach.CUSTOMER:
        raise NotFound
    return parties.organisations(actor).get_or_refuse(pk=actor.organisation_id)


def _agreement(actor: Actor, pk: str) -> Agreement | None:
    return Agreement.objects.for_(actor).get_or_refuse(pk=pk) if pk else None
