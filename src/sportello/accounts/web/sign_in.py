"""The two pages of signing in, signing out, and what was kept of a form that came too late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from sportello.accounts import kept_forms, operations, queries, rules, sessions
from sportello.accounts.states import CodeOutcome, CodePurpose, SecondStep
from sportello.accounts.types import CodeAnswer, FirstStep, SignInResult
from sportello.accounts.web import door
from sportello.accounts.web.door import Pending, browser_of, door_actor, pending_of
from sportello.accounts.web.sign_in_forms import CodeForm, RecoveryForm, SignInForm
from sportello.kernel.access import Profile, Section
from sportello.kernel.refusals import InvalidInput, Refusal, TooOften
from sportello.kernel.web import PageRequest, page, public
from sportello.kernel.web.middleware import client_address

NOT_RIGHT = _(
    "Username or password is not right. After several wrong attempts signing in is locked for some minutes. "
    "If you cannot get in, set a new password or ask your administrator."
)
START_AGAIN = _("Please start again: too much time has passed, or your account was changed in the meantime.")
CODE_NOT_SENT = _("The code could not be sent just now. Use another way to sign in, or try again later.")


@public(why="nobody is signed in yet", methods=("GET", "POST"))
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take username and password; every refusal reads the same (ABUSE A07)."""
    next_path = rules.local_path(request.POST.get("next") or request.GET.get("next", ""))
    if request.signed_in is not None:  # type: ignore[attr-defined]
        return redirect(next_path or "shell:home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        first = _first_step(request, form.cleaned_data["username"], form.cleaned_data["password"])
        if first is not None:
            return _to_second_step(request, first, next_path)
        form.add_error(None, NOT_RIGHT)
    context = {"title": _("Sign in"), "form": form, "next": next_path, **_demo(request, form)}
    return render(request, "accounts/sign_in.html", context, status=422 if form.errors else 200)


def _first_step(request: HttpRequest, username: str, password: str) -> FirstStep | None:
    answer = queries.password_answer(username, password)
    former = pending_of(request)
    same = former is not None and former.person.pk == answer.person_id
    return operations.start_sign_in(
        actor=door_actor(request),
        answer=answer,
        browser=browser_of(request),
        former_token=former.first.browser_token if former and same else "",
        now=queries.database_now(),
    )


def _to_second_step(request: HttpRequest, first: FirstStep, next_path: str) -> HttpResponse:
    person = queries.known_person(first.person_id)
    if queries.second_steps(person)[:1] == [SecondStep.SMS]:
        _send(request, first)
    response = redirect("accounts:sign_in_code")
    door.set_pending(response, first, person, next_path)
    return response


def _send(request: HttpRequest, first: FirstStep) -> None:
    """Send a code; what hinders it is told on the next page (a short pause between two codes is told there anyway)."""
    try:
        sent = operations.send_code(
            actor=door_actor(request),
            person_id=first.person_id,
            purpose=CodePurpose.SIGN_IN,
            browser_token=first.browser_token,
            device_id=first.device_id,
            now=queries.database_now(),
        )
    except rules.CodeTooSoon:
        return
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return
    if not sent:
        messages.warning(request, CODE_NOT_SENT)


@public(why="the password was right, the person is not in yet", methods=("GET", "POST"))
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the code of an SMS, an authenticator app or the recovery list."""
    pending = pending_of(request)
    ways = queries.second_steps(pending.person) if pending else []
    if pending is None or not ways:
        messages.info(request, START_AGAIN)
        return redirect("accounts:sign_in")
    wanted = request.POST.get("way") or request.GET.get("way", "")
    way = SecondStep(wanted) if wanted in ways else ways[0]
    form = (RecoveryForm if way is SecondStep.RECOVERY else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            result = _second_step(request, pending, way, form.cleaned_data["code"])
        except InvalidInput as wrong:
            form.add_error("code", str(wrong))
        except rules.LinkNotGood:
            messages.info(request, START_AGAIN)
            return redirect("accounts:sign_in")
        else:
            if result.answer.accepted:
                return enter(request, result, pending.next_path)
            return _show_code_page(request, pending, way, form, result.answer)
    return _show_code_page(request, pending, way, form, None)


def _second_step(request: HttpRequest, pending: Pending, way: SecondStep, typed: str) -> SignInResult:
    read = rules.read_recovery_code if way is SecondStep.RECOVERY else rules.read_code
    held: sessions.SignedIn | None = request.signed_in  # type: ignore[attr-defined]
    return operations.take_second_step(
        actor=door_actor(request),
        first=pending.first,
        way=way,
        typed=read(typed),
        browser=browser_of(request),
        replaces=held.session.pk if held else None,
        now=queries.database_now(),
    )


def enter(request: HttpRequest, result: SignInResult, next_path: str) -> HttpResponse:
    """Let the person in: new session, new CSRF token, nothing left of the steps before (ABUSE A19)."""
    path = next_path or ("accounts:act_as" if result.must_choose else "shell:home")
    if door.read_signed(request, door.KEPT, age=kept_forms.KEEP):
        path = "accounts:kept_form"
    rotate_token(request)
    response = redirect(path)
    sessions.set_cookie(response, result.session_value)
    door.set_device(response, result.device_value)
    for name in (door.FIRST_STEP, door.LINK):
        door.forget(response, name)
    return response


def _show_code_page(
    request: HttpRequest, pending: Pending, way: SecondStep, form: Any, answer: CodeAnswer | None
) -> HttpResponse:
    if answer is not None:
        form.add_error("code", outcome_text(answer))
    status = 429 if answer and answer.outcome is CodeOutcome.LOCKED else 422 if form.errors else 200
    context = {"title": _("Second step"), "form": form, "way": way, **_code_facts(pending, way)}
    response = render(request, "accounts/sign_in_code.html", context, status=status)
    if answer is not None and answer.locked_until is not None:
        response.headers["Retry-After"] = str(rules.seconds(answer.locked_until - queries.database_now()))
    return response


def outcome_text(answer: CodeAnswer) -> str:
    """Return what a reader is told of a code that was not taken."""
    if answer.locked_until is None:
        return str(answer.outcome.label)
    until = time_format(timezone.localtime(answer.locked_until), "H:i")
    return str(_("Too many wrong codes in a row: signing in is locked until %(time)s.") % {"time": until})


def _code_facts(pending: Pending, way: SecondStep) -> dict[str, Any]:
    person, first = pending.person, pending.first
    others = [each for each in queries.second_steps(person) if each is not way]
    facts: dict[str, Any] = {"others": others, "hint": rules.hint(person.mobile), "demo": settings.SPORTELLO["DEMO"]}
    if way is SecondStep.SMS:
        facts |= code_times(first, CodePurpose.SIGN_IN, now=queries.database_now())
    return facts


def code_times(first: FirstStep, purpose: CodePurpose, *, now: datetime) -> dict[str, Any]:
    """Return what a page says of a code on its way: when it was sent, until when it is good, when the next may be asked for."""
    sent = queries.latest_code(first.person_id, purpose, queries.browser_hash(first.browser_token))
    good = sent is not None and sent.used_at is None and sent.superseded_at is None
    since = now - rules.CODE_SENDS_WINDOW
    sends = queries.code_sends(first.person_id, purpose, device_id=first.device_id, since=since)
    next_code_at = rules.next_code_at(sends, now)
    return {
        "sent": sent if good else None,
        "next_code_at": next_code_at,
        "next_code_minute": whole_minute(next_code_at),
        "elsewhere": not good and next_code_at > now,
    }


def whole_minute(at: datetime) -> datetime:
    """Return the first whole minute from an instant on: who comes at the time that is shown is not sent away."""
    return (at + timedelta(seconds=59, microseconds=999_999)).replace(second=0, microsecond=0)


@public(why="the password was right, the person is not in yet", methods=("POST",))
def send_again(request: HttpRequest) -> HttpResponse:
    """Send a new code by SMS; the former one is void from then on."""
    pending = pending_of(request)
    if pending is None or SecondStep.SMS not in queries.second_steps(pending.person):
        messages.info(request, START_AGAIN)
        return redirect("accounts:sign_in")
    try:
        sent = operations.send_code(
            actor=door_actor(request),
            person_id=pending.person.pk,
            purpose=CodePurpose.SIGN_IN,
            browser_token=pending.first.browser_token,
            device_id=pending.first.device_id,
            now=queries.database_now(),
        )
    except TooOften as refusal:
        return _too_soon(request, pending, refusal)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        _say_sent(request, sent=sent)
    return redirect(reverse("accounts:sign_in_code", query={"way": SecondStep.SMS}))


def _too_soon(request: HttpRequest, pending: Pending, refusal: TooOften) -> HttpResponse:
    messages.warning(request, str(refusal))
    context = {
        "title": _("Second step"),
        "form": CodeForm(),
        "way": SecondStep.SMS,
        **_code_facts(pending, SecondStep.SMS),
    }
    response = render(request, "accounts/sign_in_code.html", context, status=429)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _say_sent(request: HttpRequest, *, sent: bool) -> None:
    if sent:
        messages.success(request, _("A new code is on its way. Former codes are void."))
    else:
        messages.warning(request, CODE_NOT_SENT)


@public(why="whoever is signed in may leave, also while viewing as another", methods=("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the next request of this browser is a stranger's (ABUSE B01)."""
    signed_in: sessions.SignedIn | None = request.signed_in  # type: ignore[attr-defined]
    if signed_in is not None:
        own = signed_in.own_actor(address=client_address(request))
        operations.sign_out(actor=own, session=signed_in.session, now=timezone.now())
        messages.info(request, _("You are signed out."))
    response = redirect("accounts:sign_in")
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@page(section=Section.OWN_ACCOUNT, methods=("GET", "POST"))
def kept_form(request: PageRequest) -> HttpResponse:
    """Offer what was typed when the session had ended, to be sent once more; POST throws it away."""
    cookie = door.read_signed(request, door.KEPT, age=kept_forms.KEEP)
    kept = kept_forms.find(cookie["token"], request.actor.person_id or 0, now=timezone.now()) if cookie else None
    if kept is not None and request.method == "GET":
        return render(request, "accounts/kept_form.html", {"title": _("You were signed out in between"), "kept": kept})
    if kept is not None:
        kept_forms.forget(kept.row_id)
    response = redirect("shell:home")
    door.forget(response, door.KEPT)
    return response


def _demo(request: HttpRequest, form: SignInForm) -> dict[str, Any]:
    """Return the named logins of a demo; `?as=` fills one of them in."""
    logins = queries.demo_logins()
    chosen = next((each for each in logins if each.username == request.GET.get("as")), None)
    if chosen is not None and request.method == "GET":
        form.initial = {"username": chosen.username, "password": chosen.password}
        form.fields["password"].widget.render_value = True  # the demo's, known to everybody
    shown = [{"login": each, "profile": _in_words(each.profile)} for each in logins]
    return {"demo_logins": shown, "chosen": chosen, "demo": settings.SPORTELLO["DEMO"]}


def _in_words(profiles: str) -> str:
    """Return the profiles of a login in the reader's language; a name that is no code, as older demos wrote it, stays."""
    labels = dict(Profile.choices)
    return ", ".join(str(labels.get(code, code)) for code in profiles.split(", "))
