"""Pages behind links of mails: first access, and a new password. The link's token moves to a cookie, out of addresses and logs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from sportello.accounts import operations, queries, rules, tasks
from sportello.accounts.operations.invitations import FirstAccess, first_access
from sportello.accounts.states import CodePurpose, SecondStep
from sportello.accounts.types import FirstStep
from sportello.accounts.web import door
from sportello.accounts.web.pictures import picture_of
from sportello.accounts.web.sign_in import CODE_NOT_SENT, code_times, enter, outcome_text
from sportello.accounts.web.sign_in_forms import CodeForm, FirstAccessForm, ForgottenForm, NewPasswordForm
from sportello.kernel.actor import Actor, Via
from sportello.kernel.crypto import encrypt, new_token
from sportello.kernel.refusals import InvalidInput, NotFound, TooOften
from sportello.kernel.web import public
from sportello.kernel.web.forms import form_refusals

INVITATION, RESET = "invitation", "reset"


@public(why="the link of an invitation mail: its token proves who holds it")
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - the frame hands it over
    """Take the token out of the address; nothing changes, so that mail scanners burn no link."""
    return _keep_link(INVITATION, token, "accounts:invitation")


@public(why="the link of a reset mail: its token proves who holds it")
def reset_link(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - the frame hands it over
    """Take the token out of the address; nothing changes, so that mail scanners burn no link."""
    return _keep_link(RESET, token, "accounts:reset")


def _keep_link(kind: str, token: str, view: str) -> HttpResponse:
    response = redirect(view)
    door.set_signed(response, door.LINK, {"kind": kind, "token": token, "browser": new_token(256)})
    return response


def _link(request: HttpRequest, kind: str) -> dict[str, Any]:
    kept = door.read_signed(request, door.LINK, age=door.LINK_AGE)
    rules.check_link(good=kept is not None and kept["kind"] == kind)
    return kept or {}


@public(why="the holder of an invitation link", methods=("GET", "POST"))
def invitation(request: HttpRequest) -> HttpResponse:
    """Set the password (and the mobile, if none is known) of a first access."""
    kept = _link(request, INVITATION)
    access = first_access(kept["token"], now=queries.database_now())
    person = access.invitation.person
    asks_mobile = access.way is SecondStep.SMS and not person.mobile
    form = FirstAccessForm(request.POST or None, asks_mobile=asks_mobile, initial={"mobile": access.mobile})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            sent = operations.start_first_access(
                actor=_actor(request, "invitation link"),
                token=kept["token"],
                password=form.cleaned_data["password"],
                mobile=form.cleaned_data.get("mobile", ""),
                browser_token=kept["browser"],
                now=queries.database_now(),
            )
            if not sent:
                messages.warning(request, CODE_NOT_SENT)
            return redirect("accounts:invitation_code")
    context = {
        "title": _("Welcome, %(name)s") % {"name": person.given_name},
        "form": form,
        "person": person,
        "access": access,
    }
    return render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)


@public(why="the holder of an invitation link", methods=("GET", "POST"))
def invitation_code(request: HttpRequest) -> HttpResponse:
    """Prove the mobile by its code, or the authenticator app, and come in."""
    kept = _link(request, INVITATION)
    access = first_access(kept["token"], now=queries.database_now())
    if not access.started:
        return redirect("accounts:invitation")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            result = operations.finish_first_access(
                actor=_actor(request, "invitation link"),
                token=kept["token"],
                typed=rules.read_code(form.cleaned_data["code"]),
                browser_token=kept["browser"],
                browser=door.browser_of(request),
                now=queries.database_now(),
            )
            if result.answer.accepted:
                messages.success(request, _("Your access is ready."))
                return enter(request, result, "")
            raise InvalidInput(outcome_text(result.answer), field="code")
    return _show_code_page(request, kept, access, form)


def _show_code_page(request: HttpRequest, kept: dict[str, Any], access: FirstAccess, form: CodeForm) -> HttpResponse:
    person = access.invitation.person
    context: dict[str, Any] = {
        "title": _("One more step"),
        "form": form,
        "access": access,
        "hint": rules.hint(access.mobile),
    }
    if access.way is SecondStep.SMS:
        asked = FirstStep(person_id=person.pk, browser_token=kept["browser"], device_id=None)
        context |= code_times(asked, CodePurpose.INVITATION, now=queries.database_now())
    else:
        context["device"] = queries.waiting_authenticator(person.pk)
    return render(request, "accounts/invitation_code.html", context, status=422 if form.errors else 200)


@public(why="the holder of an invitation link", methods=("POST",))
def invitation_send(request: HttpRequest) -> HttpResponse:
    """Send the code of the first access again."""
    kept = _link(request, INVITATION)
    try:
        sent = operations.send_first_code(
            actor=_actor(request, "invitation link"),
            token=kept["token"],
            browser_token=kept["browser"],
            now=queries.database_now(),
        )
    except TooOften as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.add_message(
            request,
            messages.SUCCESS if sent else messages.WARNING,
            _("A new code is on its way. Former codes are void.") if sent else CODE_NOT_SENT,
        )
    return redirect("accounts:invitation_code")


@public(why="the holder of an invitation link")
def invitation_picture(request: HttpRequest) -> HttpResponse:
    """Draw the secret of the authenticator app that the invited person is setting up."""
    access = first_access(_link(request, INVITATION)["token"], now=queries.database_now())
    device = queries.waiting_authenticator(access.invitation.person_id) if access.started else None
    if device is None:
        raise NotFound
    return picture_of(device, access.invitation.person)


@public(why="somebody forgot a password", methods=("GET", "POST"))
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer is the same whoever asks for whomever (ABUSE A07)."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        browser = door.browser_of(request)
        operations.ask_reset_links(
            actor=_actor(request, "forgotten password"), browser=browser, now=queries.database_now()
        )
        tasks.send_reset_links.enqueue(encrypt(form.cleaned_data["who"]), browser.address)
        return redirect("accounts:forgotten_sent")
    context = {"title": _("Forgotten password"), "form": form}
    return render(request, "accounts/forgotten.html", context, status=422 if form.errors else 200)


@public(why="somebody forgot a password")
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next, to everybody the same."""
    return render(request, "accounts/forgotten_sent.html", {"title": _("Look into your mailbox")})


@public(why="the holder of a reset link", methods=("GET", "POST"))
def reset(request: HttpRequest) -> HttpResponse:
    """Set a new password; signing in with its code comes afterwards."""
    kept = _link(request, RESET)
    found = queries.reset_of(kept["token"], now=queries.database_now())
    rules.check_link(good=found is not None)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            operations.reset_password(
                actor=_actor(request, "reset link"),
                token=kept["token"],
                password=form.cleaned_data["password"],
                now=queries.database_now(),
            )
            messages.success(request, _("Your new password is set. Sign in with it now."))
            response = redirect("accounts:sign_in")
            door.forget(response, door.LINK)
            return response
    context = {"title": _("New password"), "form": form, "person": found.person if found else None}
    return render(request, "accounts/reset.html", context, status=422 if form.errors else 200)


def _actor(request: HttpRequest, reason: str) -> Actor:
    return door.door_actor(request, reason=reason, via=Via.MAIL)
