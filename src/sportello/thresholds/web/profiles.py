"""The pages of profiles."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sportello.kernel.access import Reach, Section
from sportello.kernel.ui.filters import Search
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.thresholds import operations, queries, rules
from sportello.thresholds.web.at_once import confirmed
from sportello.thresholds.web.forms import ThresholdForm

PROFILES_A_PAGE: Final = 20
SEARCH: Final = Search(
    ("name__icontains", "organisation__legal_name__icontains"), label=gettext_lazy("Search by name or customer")
)


class NewProfileForm(forms.Form):
    """The name of a profile, and whether new lines get it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    default = forms.BooleanField(label=gettext_lazy("New mobile lines get this profile"), required=False)


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def profiles(request: PageRequest) -> HttpResponse:
    """Show the profiles of a customer's lines, and make one."""
    rules.check_can_manage(request.actor)
    form = NewProfileForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form_refusals(form):
            made = operations.make_profile(
                actor=request.actor,
                organisation=queries.customer_acted_in(request.actor),
                now=timezone.now(),
                **form.cleaned_data,
            )
            messages.success(request, _("The profile is made. Add its thresholds now."))
            return redirect("thresholds:profile", made.pk)
    shown = Paginator(SEARCH.narrow(queries.profiles(request.actor), request.GET), PROFILES_A_PAGE).get_page(
        request.GET.get("page")
    )
    found = list(shown)
    terms, counts = queries.terms_of_profiles(request.actor, found), queries.lines_by_profile(request.actor, found)
    context = {
        "title": _("Profiles"),
        "page": shown,
        "profiles": [(row, terms[row.pk], counts.get(row.pk, 0)) for row in found],
        "form": form if request.actor.reach is Reach.CUSTOMER else None,
        "several": request.actor.reach is not Reach.CUSTOMER,
        "search": SEARCH.context(request.GET),
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
            terms, now = form.terms(), timezone.now()
            rules.check_terms(terms)
            if confirmed(form, queries.barred_in_profile(request.actor, row, terms, now)):
                operations.add_term(actor=request.actor, profile=row, terms=terms, now=now)
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
