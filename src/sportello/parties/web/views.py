"""The pages of customers and partners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import NotPermitted
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties import operations, queries, rules
from sportello.parties.actions import actions
from sportello.parties.figures import figures
from sportello.parties.models import Organisation
from sportello.parties.parts import PART_KINDS
from sportello.parties.states import TRANSITIONS, OrganisationKind, OrganisationState
from sportello.parties.web.forms import (
    ContactForm,
    MoveForm,
    NewCustomerForm,
    NewPartnerForm,
    RegistryForm,
    StateForm,
    registry_initial,
)
from sportello.parties.web.imports import CustomerImport
from sportello.parties.web.tables import CustomerList, PartnerList

BOTH = ("GET", "POST")


@page(section=Section.ADMINISTRATION, methods=BOTH)
def customers(request: PageRequest) -> HttpResponseBase:
    """List the customers in reach; a customer's own administrator goes to the one page there is."""
    if request.actor.reach not in {Reach.ALL, Reach.PARTNER}:
        return redirect("parties:own_organisation")
    context = {
        "title": _("Customers"),
        "empty_title": _("No customers yet"),
        "empty_text": _("Create the first one, or load them from a file."),
        "empty_action": _("New customer"),
        "empty_url": reverse("parties:new_customer"),
    }
    return CustomerList(request, queries.customers(request.actor)).respond("parties/customers.html", context)


@page(section=Section.ADMINISTRATION, methods=BOTH)
def partners(request: PageRequest) -> HttpResponseBase:
    """List the partners."""
    rules.check_can_create_partner(request.actor)
    context = {
        "title": _("Partners"),
        "empty_title": _("No partners yet"),
        "empty_action": _("New partner"),
        "empty_url": reverse("parties:new_partner"),
    }
    return PartnerList(request, queries.partners(request.actor)).respond("parties/partners.html", context)


@page(section=Section.ADMINISTRATION)
def own_organisation(request: PageRequest) -> HttpResponse:
    """Go to the page of the organisation that the reader acts in."""
    return redirect("parties:organisation", pk=request.actor.organisation_id)


@page(section=Section.ADMINISTRATION)
def organisation(request: PageRequest, pk: int) -> HttpResponse:
    """Show an organisation: what is registered, figures, sites, cost centres, contacts, brands."""
    row = found(request.actor, pk)
    parts = queries.parts_of(request.actor, row, everything=request.GET.get("all", ""))
    context = {
        "title": row.legal_name,
        "breadcrumbs": crumbs(request.actor, row, here=True),
        "organisation": row,
        "figures": figures(request.actor, row),
        "actions": actions(request.actor, row),
        "facts": _facts(row),
        "sections": [(kind, *parts[kind.word]) for kind in PART_KINDS.values()],
        "may_edit": rules.may_edit_invoice_data(request.actor, row),
        "may_run": rules.may_run(request.actor) and row.kind != OrganisationKind.OPERATOR,
        "is_customer": row.kind == OrganisationKind.CUSTOMER,
    }
    return render(request, "parties/organisation.html", context)


@page(section=Section.ADMINISTRATION, methods=BOTH)
def new_customer(request: PageRequest) -> HttpResponse:
    """Create a customer."""
    actor = request.actor
    rules.check_can_create_customer(actor)
    choices = queries.partner_choices(actor) if rules.may_manage_all(actor) else ()
    form = NewCustomerForm(request.POST or None, partners=choices, initial={"country": "IT", "time_zone": "Europe/Rome"})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            chosen = form.cleaned_data.get("partner")
            partner = queries.partners(actor).get_or_refuse(pk=chosen) if chosen else None
            code = form.cleaned_data.get("code", "")
            row = operations.create_customer(actor=actor, registry=form.registry(), partner=partner, code=code)
            messages.success(request, _("%(name)s was created.") % {"name": row.legal_name})
            return redirect("parties:organisation", pk=row.pk)
    crumb = [(_("Customers"), reverse("parties:organisations")), (_("New customer"), "")]
    return _form(request, form, title=_("New customer"), crumb=crumb, label=_("Create the customer"))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def new_partner(request: PageRequest) -> HttpResponse:
    """Create a partner."""
    rules.check_can_create_partner(request.actor)
    form = NewPartnerForm(request.POST or None, initial={"country": "IT", "time_zone": "Europe/Rome"})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            code = form.cleaned_data["code"]
            row = operations.create_partner(actor=request.actor, registry=form.registry(), code=code)
            messages.success(request, _("%(name)s was created.") % {"name": row.legal_name})
            return redirect("parties:organisation", pk=row.pk)
    crumb = [(_("Partners"), reverse("parties:partners")), (_("New partner"), "")]
    return _form(request, form, title=_("New partner"), crumb=crumb, label=_("Create the partner"))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def edit_registry(request: PageRequest, pk: int) -> HttpResponse:
    """Change what is registered of an organisation."""
    row = found(request.actor, pk)
    rules.check_can_edit_invoice_data(request.actor, row)
    form = RegistryForm(request.POST or None, initial=registry_initial(row))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_registry(actor=request.actor, organisation=row, registry=form.registry())
            messages.success(request, _("The data were changed."))
            return redirect("parties:organisation", pk=pk)
    return _form(request, form, title=_("Registry data"), crumb=crumbs(request.actor, row, then=_("Registry data")))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def edit_contact(request: PageRequest, pk: int) -> HttpResponse:
    """Change the organisation's address for messages."""
    row = found(request.actor, pk)
    form = ContactForm(request.POST or None, initial={"email": row.email})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_contact_email(actor=request.actor, organisation=row, email=form.cleaned_data["email"])
            messages.success(request, _("The data were changed."))
            return redirect("parties:organisation", pk=pk)
    return _form(request, form, title=_("E-mail for messages"), crumb=crumbs(request.actor, row, then=_("E-mail")))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def move(request: PageRequest, pk: int) -> HttpResponse:
    """Move a customer to another partner."""
    row = found(request.actor, pk)
    if not rules.may_run(request.actor):
        raise NotPermitted
    choices = queries.partner_choices(request.actor, but=row.partner_id)
    form = MoveForm(request.POST or None, partners=choices)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            chosen = form.cleaned_data["partner"]
            partner = queries.partners(request.actor).get_or_refuse(pk=chosen) if chosen else None
            operations.move_customer(actor=request.actor, customer=row, partner=partner)
            messages.success(request, _("%(name)s was moved.") % {"name": row.legal_name})
            return redirect("parties:organisation", pk=pk)
    lead = _("The partner that has it now loses it at once, with everything that belongs to it.")
    crumb = crumbs(request.actor, row, then=_("Move"))
    return _form(request, form, title=_("Move to another partner"), crumb=crumb, label=_("Move"), lead=lead)


@page(section=Section.ADMINISTRATION, methods=BOTH)
def change_state(request: PageRequest, pk: int) -> HttpResponse:
    """Close an organisation, make it read only, or open it again."""
    row = found(request.actor, pk)
    rules.check_can_change_state(request.actor, row)
    states = [OrganisationState(name) for name in sorted(TRANSITIONS[row.state])]
    form = StateForm(request.POST or None, states=states)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            state, reason = OrganisationState(form.cleaned_data["state"]), form.cleaned_data["reason"]
            operations.set_state(actor=request.actor, organisation=row, state=state, reason=reason)
            messages.success(request, _("%(name)s is now: %(state)s.") % {"name": row.legal_name, "state": state.label})
            return redirect("parties:organisation", pk=pk)
    lead = _("Now: %(state)s.") % {"state": row.get_state_display()}
    crumb = crumbs(request.actor, row, then=_("State"))
    return _form(request, form, title=_("Close or open"), crumb=crumb, label=_("Change the state"), lead=lead)


@page(section=Section.ADMINISTRATION, methods=BOTH)
def import_customers(request: PageRequest, token: str = "") -> HttpResponse:
    """Load customers from a file."""
    rules.check_can_create_customer(request.actor)
    return CustomerImport(request).respond(token)


def found(actor: Actor, pk: int) -> Organisation:
    """Return an organisation in reach. Raises `NotFound`."""
    return Organisation.objects.for_(actor).select_related("partner").get_or_refuse(pk=pk)


def crumbs(actor: Actor, row: Organisation, *, then: str = "", here: bool = False) -> list[tuple[str, str]]:
    """Return the way to an organisation's page and what comes after it."""
    lists = {
        OrganisationKind.CUSTOMER: (_("Customers"), "parties:organisations"),
        OrganisationKind.PARTNER: (_("Partners"), "parties:partners"),
    }
    way: list[tuple[str, str]] = []
    label, address = lists.get(OrganisationKind(row.kind), ("", ""))
    if address and (rules.may_manage_all(actor) or (actor.reach is Reach.PARTNER and row.pk != actor.organisation_id)):
        way.append((label, reverse(address)))
    way.append((row.legal_name, "" if here else reverse("parties:organisation", args=[row.pk])))
    return [*way, (then, "")] if then else way


def _facts(row: Organisation) -> dict[str, Any]:
    facts: dict[str, Any] = {
        _("Code"): row.code,
        _("VAT number"): row.vat_number,
        _("Tax code"): row.tax_code,
        _("Public administration"): _("Yes") if row.public_administration else _("No"),
        _("IPA/SdI code"): row.ipa_code,
        _("Province"): row.province,
        _("Time zone"): row.time_zone,
        _("E-mail for messages"): row.email,
    }
    if row.kind == OrganisationKind.CUSTOMER:
        facts[_("Partner")] = str(row.partner or _("None: a customer of the operator"))
    return facts


def _form(
    request: PageRequest, form: forms.Form, *, title: str, crumb: list[tuple[str, str]], label: str = "", lead: str = ""
) -> HttpResponse:
    back = [url for _label, url in crumb if url][-1]
    context = {"title": title, "lead": lead, "form": form, "breadcrumbs": crumb, "back": back, "label": label or _("Save")}
    return render(request, "parties/form.html", context, status=422 if form.errors else 200)
