"""The pages of people and their profiles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts import operations
from sportello.accounts.models import Membership, Person
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.accounts.web.people_forms import EditPersonForm, NewPersonForm, OrganisationForm, person_initial
from sportello.accounts.web.people_import import PeopleImport
from sportello.accounts.web.people_page import person_context
from sportello.accounts.web.people_tables import PeopleList
from sportello.kernel.access import Profile, Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.parties.models import CostCentre, Organisation

BOTH = ("GET", "POST")


@page(section=Section.ADMINISTRATION, methods=BOTH)
def people(request: PageRequest) -> HttpResponseBase:
    """List the people in reach."""
    context = {
        "title": _("People"),
        "colleague_url": _colleague_url(request.actor),
        "empty_title": _("No people yet"),
        "empty_text": _("Add the first one, or load them from a file."),
        "empty_action": _("New person"),
        "empty_url": reverse("accounts:new_person"),
    }
    return PeopleList(request, queries.people(request.actor)).respond("accounts/people.html", context)


@page(section=Section.ADMINISTRATION)
def person(request: PageRequest, pk: int) -> HttpResponse:
    """Show a person: what is kept, lines, profiles, and what happened lately."""
    row = found(request.actor, pk)
    return render(request, "accounts/people_person.html", person_context(request.actor, row, now=timezone.now()))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def new_person(request: PageRequest) -> HttpResponse:
    """Add a person to an organisation in reach; who reaches several chooses first."""
    actor = request.actor
    wanted = str(actor.organisation_id) if actor.reach is Reach.CUSTOMER else request.GET.get("organisation", "")
    if not wanted:
        return _choose_organisation(request)
    organisation = Organisation.objects.for_(actor).get_or_refuse(pk=wanted)
    form = NewPersonForm(
        request.POST or None,
        cost_centres=queries.cost_centre_choices(actor, organisation),
        profiles=rules.grantable(actor, organisation),
        initial={"language": "es" if organisation.country == "ES" else "it"},
    )
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            row = operations.create_person(
                actor=actor,
                organisation=organisation,
                data=form.data_of_person(),
                cost_centre=_cost_centre(actor, form),
                profiles=form.chosen_profiles(),
            )
            _created(request, row, invite=form.cleaned_data["invite"])
            return redirect("accounts:person", pk=row.pk)
    title = _("New person")
    lead = organisation.legal_name
    return _form(request, form, title=title, lead=lead, crumb=[(title, "")], back=reverse("accounts:people"))


@page(section=Section.ADMINISTRATION, methods=BOTH)
def edit_person(request: PageRequest, pk: int) -> HttpResponse:
    """Change what is kept of a person."""
    row = found(request.actor, pk)
    rules.check_can_change(request.actor, row, queries.profiles_anywhere(row))
    centres = queries.cost_centre_choices(request.actor, row.organisation)
    form = EditPersonForm(request.POST or None, cost_centres=centres, initial=person_initial(row))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_person(
                actor=request.actor,
                person=row,
                data=form.data_of_person(),
                cost_centre=_cost_centre(request.actor, form),
                only=form.changed_by_reader(),
                now=timezone.now(),
            )
            messages.success(request, _("The data were changed."))
            return redirect("accounts:person", pk=pk)
    back = reverse("accounts:person", args=[pk])
    name = str(found(request.actor, pk))
    return _form(
        request, form, title=_("Edit %(name)s") % {"name": name}, crumb=[(name, back), (_("Edit"), "")], back=back
    )


@page(section=Section.ADMINISTRATION, methods=("POST",))
def deactivate(request: PageRequest, pk: int) -> HttpResponse:
    """Let a person in no more."""
    row = found(request.actor, pk)
    operations.deactivate_person(actor=request.actor, person=row, now=timezone.now())
    messages.success(request, _("%(name)s was deactivated; all sessions ended.") % {"name": row.name})
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def reactivate(request: PageRequest, pk: int) -> HttpResponse:
    """Let a person in again."""
    row = found(request.actor, pk)
    operations.reactivate_person(actor=request.actor, person=row)
    messages.success(request, _("%(name)s is active again.") % {"name": row.name})
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def invite(request: PageRequest, pk: int) -> HttpResponse:
    """Send a person the invitation for the first access."""
    row = found(request.actor, pk)
    rules.check_can_change(request.actor, row, queries.profiles_anywhere(row))
    _invited(request, row)
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def revoke_invitation(request: PageRequest, pk: int) -> HttpResponse:
    """Take a person's open invitation back."""
    row = found(request.actor, pk)
    rules.check_can_change(request.actor, row, queries.profiles_anywhere(row))
    operations.revoke_invitations(actor=request.actor, person=row, now=timezone.now())
    messages.success(request, _("The invitation was taken back."))
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def unfreeze_codes(request: PageRequest, pk: int) -> HttpResponse:
    """Confirm that a number whose SIM card changed still is the person's."""
    row = found(request.actor, pk)
    operations.unfreeze_codes(actor=request.actor, person=row)
    messages.success(request, _("%(name)s gets sign-in codes by SMS again.") % {"name": row.name})
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def grant(request: PageRequest, pk: int) -> HttpResponse:
    """Give a person a profile."""
    row = found(request.actor, pk)
    context = person_context(request.actor, row, now=timezone.now(), posted=request.POST)
    form = context["grant_form"]
    if form.is_valid():
        with form_refusals(form):
            code = form.cleaned_data.get("organisation", "").strip()
            organisation = (
                Organisation.objects.for_(request.actor).get_or_refuse(code=code) if code else row.organisation
            )
            profile = Profile(form.cleaned_data["profile"])
            operations.grant_profile(actor=request.actor, person=row, organisation=organisation, profile=profile)
            messages.success(request, _("The profile was given."))
            return redirect("accounts:person", pk=pk)
    return render(request, "accounts/people_person.html", context, status=422)


@page(section=Section.ADMINISTRATION, methods=("POST",))
def end_profile(request: PageRequest, pk: int, membership_pk: int) -> HttpResponse:
    """End a profile of a person."""
    rows = Membership.objects.for_(request.actor).select_related("organisation", "person")
    held = rows.get_or_refuse(pk=membership_pk, person_id=pk)
    operations.end_profile(actor=request.actor, membership=held, now=timezone.now())
    messages.success(request, _("The profile was ended."))
    return redirect("accounts:person", pk=pk)


@page(section=Section.ADMINISTRATION, methods=BOTH)
def import_people(request: PageRequest, token: str = "") -> HttpResponse:
    """Load people from a file."""
    return PeopleImport(request).respond(token)


def found(actor: Actor, pk: int) -> Person:
    """Return a person in reach. Raises `NotFound`."""
    return queries.people(actor).get_or_refuse(pk=pk)


def _colleague_url(actor: Actor) -> str:
    """Return where the operator's and partners' staff add somebody of their own; nothing for who adds no others anyway."""
    if actor.reach is Reach.CUSTOMER or not actor.organisation_id:
        return ""
    own = Organisation.objects.for_(actor).filter(pk=actor.organisation_id).first()
    return f"{reverse('accounts:new_person')}?organisation={own.pk}" if own and rules.grantable(actor, own) else ""


def _choose_organisation(request: PageRequest) -> HttpResponse:
    asked = request.GET if "organisation" in request.GET else None
    form = OrganisationForm(asked, choices=queries.organisation_choices(request.actor))
    context = {"title": _("New person"), "form": form, "breadcrumbs": _crumbs([(_("New person"), "")])}
    return render(request, "accounts/people_choose.html", context, status=422 if form.errors else 200)


def _cost_centre(actor: Actor, form: forms.Form) -> CostCentre | None:
    chosen = form.cleaned_data["cost_centre"]
    return CostCentre.objects.for_(actor).get_or_refuse(pk=chosen) if chosen else None


def _created(request: PageRequest, row: Person, *, invite: bool) -> None:
    messages.success(request, _("%(name)s was added, with the username %(username)s.") % vars_of(row))
    if invite:
        _invited(request, row)


def _invited(request: PageRequest, row: Person) -> None:
    """Send the invitation; what stands against it is told, and the person stays as written."""
    try:
        operations.invite_person(actor=request.actor, person=row, now=timezone.now())
    except (InvalidInput, WrongState) as refusal:
        messages.error(request, str(refusal))
        return
    messages.success(request, _("The invitation was sent to %(email)s.") % vars_of(row))


def vars_of(row: Person) -> dict[str, str]:
    """Return what messages say of a person."""
    return {"name": row.name, "username": row.username, "email": row.email}


def _crumbs(then: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_("People"), reverse("accounts:people")), *then]


def _form(
    request: PageRequest, form: forms.Form, *, title: str, crumb: list[tuple[str, str]], back: str, lead: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"title": title, "lead": lead, "form": form, "breadcrumbs": _crumbs(crumb), "back": back}
    return render(request, "accounts/people_form.html", context, status=422 if form.errors else 200)
