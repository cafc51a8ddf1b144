"""My account: authenticator apps, recovery codes, sessions, and which profile to act as."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.accounts import operations, queries, rules
from sportello.accounts.web.account import confirm, show, signed_in_of
from sportello.accounts.web.account_forms import AuthenticatorForm, ConfirmedForm
from sportello.accounts.web.browser_names import browser_name, is_phone
from sportello.accounts.web.pictures import picture_of
from sportello.accounts.web.sign_in_forms import CodeForm
from sportello.kernel.access import Profile, Section
from sportello.kernel.refusals import NotFound
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.kernel.web.middleware import client_address


@page(section=Section.OWN_ACCOUNT)
def authenticators(request: PageRequest) -> HttpResponse:
    """List the authenticator apps."""
    person = queries.own_person(request.actor)
    needed = rules.needs_authenticator(queries.profiles_held(person.pk))
    devices = list(queries.authenticators(person.pk))
    codes = queries.recovery_codes_left(person.pk)
    return show(request, "authenticators", _("Authenticator app"), devices=devices, needed=needed, codes=codes)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def authenticator_add(request: PageRequest) -> HttpResponse:
    """Begin to set up an app: its name, and the password again unless it was just given."""
    return _begin_authenticator(request, "authenticator_add")


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def authenticator_needed(request: PageRequest) -> HttpResponse:
    """Lead the operator's people to their authenticator app before anything else (product/01)."""
    if not signed_in_of(request).must_add_authenticator:
        return redirect("shell:home")
    return _begin_authenticator(request, "authenticator_needed")


def _begin_authenticator(request: PageRequest, template: str) -> HttpResponse:
    person = queries.own_person(request.actor)
    confirmed = queries.freshly_confirmed(signed_in_of(request).session, person, now=timezone.now())
    form = AuthenticatorForm(request.POST or None, asks_password=confirmed is None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            confirmed = confirmed or confirm(request, form, person)
            operations.start_authenticator(
                actor=request.actor, name=form.cleaned_data["name"], confirmed=confirmed, now=timezone.now()
            )
            return redirect("accounts:authenticator_scan")
    return show(request, template, _("Add an authenticator app"), form=form)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def authenticator_scan(request: PageRequest) -> HttpResponse:
    """Show the secret to the app and take its first code."""
    person = queries.own_person(request.actor)
    device = queries.waiting_authenticator(person.pk)
    if device is None:
        return redirect("accounts:authenticators")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            typed = rules.read_code(form.cleaned_data["code"])
            codes = operations.confirm_authenticator(actor=request.actor, typed=typed, now=queries.database_now())
            messages.success(request, _("The authenticator app is ready. From now on it is asked when you sign in."))
            return _show_codes(request, codes) if codes else redirect("accounts:authenticators")
    must = signed_in_of(request).must_add_authenticator
    return show(request, "authenticator_scan", _("Add an authenticator app"), form=form, device=device, must=must)


@page(section=Section.OWN_ACCOUNT)
def authenticator_picture(request: PageRequest) -> HttpResponse:
    """Draw the secret of the app that is being set up."""
    person = queries.own_person(request.actor)
    device = queries.waiting_authenticator(person.pk)
    if device is None:
        raise NotFound
    return picture_of(device, person)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def authenticator_remove(request: PageRequest, pk: int) -> HttpResponse:
    """Take an app away."""
    person = queries.own_person(request.actor)
    device = queries.authenticators(person.pk).filter(pk=pk).first()
    if device is None:
        raise NotFound
    form = ConfirmedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            confirmed = confirm(request, form, person)
            operations.remove_authenticator(
                actor=request.actor, device_id=device.pk, confirmed=confirmed, now=timezone.now()
            )
            messages.success(request, _("The authenticator app is removed."))
            return redirect("accounts:authenticators")
    return show(request, "authenticator_remove", _("Remove an authenticator app"), form=form, device=device)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def recovery_codes(request: PageRequest) -> HttpResponse:
    """Say how many recovery codes are left, and make new ones."""
    person = queries.own_person(request.actor)
    form = ConfirmedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            confirmed = confirm(request, form, person)
            codes = operations.make_recovery_codes(actor=request.actor, confirmed=confirmed, now=timezone.now())
            return _show_codes(request, codes)
    left = queries.recovery_codes_left(person.pk)
    return show(request, "recovery_codes", _("Recovery codes"), form=form, left=left)


def _show_codes(request: PageRequest, codes: list[str]) -> HttpResponse:
    return show(request, "recovery_codes_shown", _("Your recovery codes"), codes=codes)


@page(section=Section.OWN_ACCOUNT, methods=("POST",))
def recovery_codes_file(request: PageRequest) -> HttpResponse:
    """Hand the codes that were just shown out as a text file; codes that are not the person's are no file."""
    person = queries.own_person(request.actor)
    codes = queries.own_recovery_codes(person.pk, request.POST.getlist("code"))
    if not codes:
        raise NotFound
    text = "\r\n".join([f"Sportello · {person.username}", "", *codes, ""])
    headers = {"Content-Disposition": 'attachment; filename="recovery-codes.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@page(section=Section.OWN_ACCOUNT)
def sessions(request: PageRequest) -> HttpResponse:
    """List where the person is signed in."""
    person = queries.own_person(request.actor)
    here = signed_in_of(request).session.pk
    rows = [
        {"row": row, "here": row.pk == here, "name": browser_name(row.browser), "phone": is_phone(row.browser)}
        for row in queries.live_sessions(person.pk, now=timezone.now())
    ]
    return show(request, "sessions", _("Where I am signed in"), rows=rows)


@page(section=Section.OWN_ACCOUNT, methods=("POST",))
def session_end(request: PageRequest, pk: int) -> HttpResponse:
    """End one session."""
    operations.end_session(actor=request.actor, session_id=pk, now=timezone.now())
    messages.success(request, _("The session is ended."))
    return redirect("accounts:sessions")


@page(section=Section.OWN_ACCOUNT, methods=("POST",))
def sessions_end_others(request: PageRequest) -> HttpResponse:
    """End all sessions but this one."""
    operations.end_other_sessions(actor=request.actor, session=signed_in_of(request).session, now=timezone.now())
    messages.success(request, _("All your other sessions are ended."))
    return redirect("accounts:sessions")


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def act_as(request: PageRequest) -> HttpResponse:
    """Choose which of the own profiles to act as."""
    signed_in = signed_in_of(request)
    if request.method == "POST":
        held = operations.choose_membership(
            actor=signed_in.own_actor(address=client_address(request)),
            session=signed_in.session,
            membership_id=request.POST.get("membership", ""),
        )
        words = {"profile": Profile(held.profile).label, "organisation": held.organisation.legal_name}
        messages.success(request, _("You now act as %(profile)s of %(organisation)s.") % words)
        return redirect("shell:home")
    rows = queries.memberships_held(signed_in.person.pk)
    context = {"title": _("Act as"), "rows": rows, "current": signed_in.membership.pk}
    return render(request, "accounts/act_as.html", context)
