"""The called numbers of the own traffic, whole for some minutes after a fresh code."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from sportello.accounts import queries as accounts
from sportello.accounts.models import Session
from sportello.kernel.access import Section
from sportello.kernel.refusals import InvalidInput, TooOften, WrongState
from sportello.kernel.web import PageRequest, page
from sportello.kernel.web.forms import form_refusals
from sportello.usage import operations, queries, rules
from sportello.usage.web.parts import part_tabs

LONGEST = 400


class CodeForm(forms.Form):
    """The digits of the text message."""

    code = forms.CharField(
        max_length=12, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
    )


def session_of(request: PageRequest) -> Session:
    """Return the session that the request came with."""
    session: Session = request.signed_in.session  # type: ignore[attr-defined]
    return session


def clear_until(request: PageRequest) -> datetime | None:
    """Return until when this browser shows called numbers whole."""
    return queries.clear_until(request.actor, session_of(request), timezone.now())


@page(section=Section.TRAFFIC_BILLING, methods=("POST",))
def ask_numbers(request: PageRequest) -> HttpResponse:
    """Send a fresh code, and ask for it; where none can go out, say why on the page that asked."""
    rules.check_can_see_clear_numbers(request.actor)
    back = _back(request.POST.get("back", ""))
    try:
        sent = operations.ask_clear_numbers(
            actor=request.actor, session=session_of(request), now=accounts.database_now()
        )
    except (TooOften, WrongState) as refused:
        messages.error(request, str(refused))
        return redirect(back)
    if not sent:
        messages.error(request, _("The code could not be sent. Try again later."))
        return redirect(back)
    return redirect(f"{reverse('usage:open_numbers')}?{urlencode({'back': back})}")


@page(section=Section.TRAFFIC_BILLING, methods=("GET", "POST"))
def open_numbers(request: PageRequest) -> HttpResponse:
    """Take the code and lead back to where the numbers are shown."""
    rules.check_can_see_clear_numbers(request.actor)
    back = _back(request.GET.get("back", ""))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = operations.open_clear_numbers(
            actor=request.actor,
            session=session_of(request),
            typed="".join(form.cleaned_data["code"].split()),
            now=accounts.database_now(),
        )
        if answer.accepted:
            messages.success(request, _("Called numbers are shown whole for ten minutes."))
            return redirect(back)
        with form_refusals(form):
            raise InvalidInput(answer.outcome.label, field="code")
    context = {
        "title": _("Show whole numbers"),
        "tabs": part_tabs(request.actor, "usage:index"),
        "form": form,
        "back": back,
    }
    return render(request, "usage/numbers.html", context, status=422 if form.errors else 200)


def _back(address: str) -> str:
    """Return where the reader came from, inside Traffic; anything else leads to its first page."""
    inside = address.startswith(reverse("usage:index")) and len(address) <= LONGEST
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if inside and safe else reverse("usage:index")
