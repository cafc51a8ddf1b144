"""My account: profile, password, new mobile number, new e-mail address.

The kernel closes the section to whoever views as somebody else (ABUSE B06): these pages always show their own person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.accounts import operations, queries, rules
from sportello.accounts.models import Person
from sportello.accounts.sessions import SignedIn
from sportello.accounts.states import CodePurpose
from sportello.accounts.types import Confirmed, FirstStep
from sportello.accounts.web import door
from sportello.accounts.web.account_forms import ConfirmedForm, EmailForm, MobileForm, PasswordForm, ProfileForm
from sportello.accounts.web.account_tabs import account_tabs
from sportello.accounts.web.sign_in import CODE_NOT_SENT, code_times, outcome_text
from sportello.accounts.web.sign_in_forms import CodeForm
from sportello.kernel.access import Section
from sportello.kernel.crypto import new_token
from sportello.kernel.refusals import InvalidInput, TooOften
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals

CONTACT_AGE = timedelta(minutes=30)
LANGUAGE_AGE = timedelta(days=365)


@dataclass(frozen=True)
class Contact:
    """One of the two addresses that can be changed, and its words."""

    purpose: CodePurpose
    field: str
    form: type[ConfirmedForm]
    title: str | Promise
    icon: str
    page: str
    code_page: str


MOBILE = Contact(
    CodePurpose.MOBILE,
    "mobile",
    MobileForm,
    _("Mobile number"),
    "device-mobile",
    "accounts:mobile",
    "accounts:mobile_code",
)
EMAIL = Contact(
    CodePurpose.EMAIL, "email", EmailForm, _("E-mail address"), "mail", "accounts:email", "accounts:email_code"
)


def signed_in_of(request: PageRequest) -> SignedIn:
    """Return the session behind a page of the own account."""
    signed_in: SignedIn = request.signed_in  # type: ignore[attr-defined]
    return signed_in


def confirm(request: PageRequest, form: Form, person: Person) -> Confirmed:
    """Take the present password of a valid form. Raises `PasswordNotConfirmed` for its field."""
    answer = queries.password_answer(person.username, form.cleaned_data["current_password"])
    confirmed = operations.confirm_password(
        actor=request.actor, session=signed_in_of(request).session, answer=answer, now=timezone.now()
    )
    if confirmed is None:
        raise rules.PasswordNotConfirmed(field="current_password")
    return confirmed


def show(
    request: PageRequest, template: str, title: str | Promise, *, form: Form | None = None, **more: Any
) -> HttpResponse:
    """Render a page of the account with its tabs."""
    context = {"title": title, "tabs": account_tabs(request), "form": form, **more}
    return render(
        request, f"accounts/{template}.html", context, status=422 if form is not None and form.errors else 200
    )


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def account(request: PageRequest) -> HttpResponse:
    """Show and change name, language and time zone."""
    person = queries.own_person(request.actor)
    names = ("given_name", "family_name", "language", "time_zone")
    form = ProfileForm(request.POST or None, initial={name: getattr(person, name) for name in names})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.change_profile(actor=request.actor, profile=operations.Profile(**form.cleaned_data))
            messages.success(request, _("Your profile is saved."))
            response = redirect("accounts:account")
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], max_age=LANGUAGE_AGE,
                secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
            )  # fmt: skip
            return response
    held = queries.memberships_held(person.pk)
    return show(request, "account", _("My account"), form=form, person=person, held=held)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def password(request: PageRequest) -> HttpResponse:
    """Change the password."""
    person = queries.own_person(request.actor)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            confirmed = confirm(request, form, person)
            operations.change_password(
                actor=request.actor,
                session=signed_in_of(request).session,
                password=form.cleaned_data["password"],
                confirmed=confirmed,
                now=timezone.now(),
            )
            messages.success(request, _("Your password is changed. All your other sessions were ended."))
            return redirect("accounts:password")
    return show(request, "account_password", _("Password"), form=form)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def mobile(request: PageRequest) -> HttpResponse:
    """Ask for a new mobile number."""
    return _contact_page(request, MOBILE)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def mobile_code(request: PageRequest) -> HttpResponse:
    """Take the code that went to the new mobile number."""
    return _contact_code_page(request, MOBILE)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def email(request: PageRequest) -> HttpResponse:
    """Ask for a new e-mail address."""
    return _contact_page(request, EMAIL)


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def email_code(request: PageRequest) -> HttpResponse:
    """Take the code that went to the new e-mail address."""
    return _contact_code_page(request, EMAIL)


def _contact_page(request: PageRequest, contact: Contact) -> HttpResponse:
    person = queries.own_person(request.actor)
    form = contact.form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                return _ask_code(request, contact, form, person)
        except TooOften as refusal:
            form.add_error(None, str(refusal))
            return _show_contact(request, contact, form, person, retry_after=refusal.retry_after)
    return _show_contact(request, contact, form, person)


def _show_contact(
    request: PageRequest, contact: Contact, form: ConfirmedForm, person: Person, *, retry_after: int = 0
) -> HttpResponse:
    present = getattr(person, contact.field)
    facts = {"contact": contact, "present": present, "person": person}
    response = show(request, "account_contact", contact.title, form=form, **facts)
    if retry_after:
        response.status_code = 429
        response.headers["Retry-After"] = str(retry_after)
    return response


def _ask_code(request: PageRequest, contact: Contact, form: ConfirmedForm, person: Person) -> HttpResponse:
    destination = form.cleaned_data["destination"]
    if contact is MOBILE:
        try:
            destination = rules.read_mobile(destination)
        except InvalidInput as wrong:
            raise InvalidInput(wrong.sentence, field="destination") from wrong
    confirmed = confirm(request, form, person)
    token = new_token(256)
    sent = operations.ask_new_contact(
        actor=request.actor, purpose=contact.purpose, destination=destination, confirmed=confirmed, browser_token=token,
        now=queries.database_now(),
    )  # fmt: skip
    if not sent:
        messages.warning(request, CODE_NOT_SENT)
    response = redirect(contact.code_page)
    door.set_signed(response, door.CONTACT, {"purpose": contact.purpose, "token": token, "to": destination})
    return response


def _contact_code_page(request: PageRequest, contact: Contact) -> HttpResponse:
    person = queries.own_person(request.actor)
    kept = door.read_signed(request, door.CONTACT, age=CONTACT_AGE)
    if kept is None or kept["purpose"] != contact.purpose:
        return redirect(contact.page)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            _confirm_contact(request, contact, form, kept["token"])
            messages.success(
                request, _("The change is made. Your other sessions were ended, and the former address was told.")
            )
            response = redirect(contact.page)
            door.forget(response, door.CONTACT)
            return response
    asked = FirstStep(person_id=person.pk, browser_token=kept["token"], device_id=None)
    times = code_times(asked, contact.purpose, now=queries.database_now())
    return show(request, "account_contact_code", contact.title, form=form, contact=contact, to=kept["to"], **times)


def _confirm_contact(request: PageRequest, contact: Contact, form: CodeForm, token: str) -> None:
    answer = operations.confirm_new_contact(
        actor=request.actor,
        session=signed_in_of(request).session,
        purpose=contact.purpose,
        typed=rules.read_code(form.cleaned_data["code"]),
        browser_token=token,
        now=queries.database_now(),
    )
    if not answer.accepted:
        raise InvalidInput(outcome_text(answer), field="code")
