"""Ticket options: where one's organisation is told of its tickets, and of what."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.kernel.access import Section
from sportello.kernel.actor import system_actor
from sportello.kernel.refusals import NotFound, Refusal
from sportello.kernel.web import PageRequest, page, public
from sportello.kernel.web.forms import form_refusals
from sportello.kernel.web.middleware import client_address
from sportello.parties.models import Organisation
from sportello.parties.states import OrganisationKind
from sportello.tickets import operations, queries
from sportello.tickets.operations.options import asked_by
from sportello.tickets.queries.whom import PARTY_OF_KIND, wishes_of
from sportello.tickets.states import Happening, Party
from sportello.tickets.web.forms import AddressForm, HappeningsForm


@page(section=Section.TICKETS, methods=("GET", "POST"))
def options(request: PageRequest) -> HttpResponse:
    """Show and change the options of the organisation that the reader acts in."""
    home = Organisation.objects.for_(request.actor).get_or_refuse(pk=request.actor.organisation_id)
    row = queries.options_of(home.pk)
    party = PARTY_OF_KIND[OrganisationKind(home.kind)]
    wishes = sorted(one.value for one in wishes_of(home.pk, party))
    which = request.POST.get("what", "")
    address = AddressForm(request.POST if which == "address" else None, initial={"email": row.email if row else ""})
    happenings = HappeningsForm(
        request.POST if which == "happenings" else None,
        operator=party is Party.OPERATOR,
        initial={"happenings": wishes},
    )
    form: forms.Form | None = {"address": address, "happenings": happenings}.get(which)
    if request.method == "POST" and form is not None and form.is_valid():
        with form_refusals(form):
            _save(request, home, form)
            return redirect("tickets:options")
    context = {
        "title": _("Ticket options"),
        "lead": home.legal_name,
        "breadcrumbs": [(_("Tickets"), reverse("tickets:index")), (_("Options"), "")],
        "options": row,
        "address": address,
        "happenings": happenings,
        "wrong": form if form is not None and form.errors else None,
    }
    return render(request, "tickets/options.html", context, status=422 if context["wrong"] else 200)


def _save(request: PageRequest, home: Organisation, form: forms.Form) -> None:
    actor, now = request.actor, timezone.now()
    if isinstance(form, AddressForm):
        email = form.cleaned_data["email"]
        operations.ask_address(actor=actor, organisation=home, email=email, now=now)
        sent = _("A link was sent to %(email)s: the address counts once it is confirmed.") % {"email": email}
        messages.success(request, sent if email else _("Saved."))
    else:
        chosen = [Happening(one) for one in form.cleaned_data["happenings"]]
        operations.set_happenings(actor=actor, organisation=home, happenings=chosen)
        messages.success(request, _("Saved."))


@public(why="who holds the link that was sent to an address answers for the address", methods=("GET", "POST"))
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an address for tickets by a button: that a mail scanner opens the link confirms nothing."""
    try:
        row = asked_by(token, now=timezone.now())
    except NotFound:
        return _answer(request, _("This link is no longer good"), status=404)
    if request.method == "POST":
        actor = system_actor(
            reason="the link that was sent to an address for tickets",
            address=client_address(request),
            request_id=str(getattr(request, "request_id", "")),
        )
        try:
            operations.confirm_address(actor=actor, token=token, now=timezone.now())
        except Refusal:
            return _answer(request, _("This link is no longer good"), status=404)
        return _answer(request, _("The address is confirmed"), status=200)
    context = {"title": _("Confirm an address for tickets"), "options": row}
    return _unseen(render(request, "tickets/confirm.html", context))


def _answer(request: HttpRequest, title: str, *, status: int) -> HttpResponse:
    return _unseen(render(request, "tickets/confirmed.html", {"title": title, "good": status == 200}, status=status))  # noqa: PLR2004


def _unseen(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
