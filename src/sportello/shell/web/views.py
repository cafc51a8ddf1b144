"""The pages of the shell: dashboard, search, who may do what, help, language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _

from sportello.accounts.operations import Profile, change_profile
from sportello.accounts.queries import own_person
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.web.pages import PageRequest, page, public
from sportello.shell import matrix
from sportello.shell.queries import dashboard, searching

YEAR = 365 * 24 * 3600


@page(section=Section.OVERVIEW)
def home(request: PageRequest) -> HttpResponse:
    """Show what matters now to the profile that the person acts as."""
    shown = dashboard.dashboard(request.actor, now=timezone.now())
    return render(
        request, "shell/home.html", {"title": _("Overview"), "figures": shown.figures, "panels": shown.panels}
    )


@page(section=Section.OVERVIEW)
def search(request: PageRequest) -> HttpResponse:
    """Find lines, people, customers and pages inside the actor's reach; htmx gets the hits alone."""
    text = request.GET.get("q", "")[: searching.LONGEST].strip()
    context = {
        "title": _("Search"),
        "text": text,
        "groups": searching.search(request.actor, text),
        "shortest": searching.SHORTEST,
        "too_short": len(text) < searching.SHORTEST,
    }
    return render(request, "shell/search.html#hits" if request.htmx else "shell/search.html", context)


@page(section=Section.OVERVIEW)
def access(request: PageRequest) -> HttpResponse:
    """Show the matrix of sections and profiles, as the code enforces it."""
    context = {
        "title": _("Who may do what"),
        "lead": _("This table is the one that the portal enforces everywhere: pages, search, exports and files."),
        "profiles": matrix.profiles_for(request.actor),
        "rows": matrix.rows_for(request.actor),
        "breadcrumbs": [(_("Overview"), "/"), (_("Who may do what"), "")],
    }
    return render(request, "shell/access.html", context)


@page(section=Section.OVERVIEW)
def help_page(request: PageRequest) -> HttpResponse:
    """Show how the portal is used, and its keyboard."""
    context = {"title": _("Help and keyboard"), "breadcrumbs": [(_("Overview"), "/"), (_("Help and keyboard"), "")]}
    return render(request, "shell/help.html", context)


@public(why="a stranger reads the sign-in page in their own language too", methods=("POST",))
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back to the page; an unknown language changes nothing."""
    back, host = request.POST.get("next", "/"), request.get_host()
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={host}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        _remember(request, code)
    return response


def _remember(request: HttpRequest, code: str) -> None:
    """Keep the language with the person who is signed in, for messages and other devices; a viewer changes nothing."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.read_only:
        return
    person = own_person(actor)
    if person.language != code:
        profile = Profile(
            given_name=person.given_name, family_name=person.family_name, language=code, time_zone=person.time_zone
        )
        change_profile(actor=actor, profile=profile)
