"""A person's own choice of messages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sportello.accounts.web.account_tabs import account_tabs
from sportello.kernel.access import Section
from sportello.kernel.refusals import NotFound
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.messaging import operations, queries
from sportello.messaging.web.forms import PreferencesForm


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def preferences(request: PageRequest) -> HttpResponse:
    """Choose which messages to get on which channel, and quiet hours."""
    person_id = request.actor.person_id
    if person_id is None:
        raise NotFound
    form = PreferencesForm(
        request.POST or None, unwanted=queries.unwanted(person_id), hours=queries.quiet_hours(person_id)
    )
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.set_preferences(
                actor=request.actor,
                unwanted=form.unwanted(),
                quiet_from=form.cleaned_data["quiet_from"],
                quiet_to=form.cleaned_data["quiet_to"],
            )
            messages.success(request, _("Your choice is saved."))
            return redirect("messaging:preferences")
    context = {"title": _("What I am told"), "form": form, "person": queries.person(person_id)}
    context["tabs"] = account_tabs(request)
    return render(request, "messaging/preferences.html", context, status=422 if form.errors else 200)
