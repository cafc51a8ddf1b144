"""View as: begin and stop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.accounts import operations
from sportello.accounts.models import Membership
from sportello.accounts.rules import viewing as rules_viewing
from sportello.accounts.sessions import SignedIn
from sportello.accounts.web.people_forms import ViewAsForm
from sportello.kernel.access import Profile, Section
from sportello.kernel.refusals import NotPermitted, WrongState
from sportello.kernel.web import PageRequest, page, public
from sportello.kernel.web.forms import form_refusals
from sportello.kernel.web.middleware import client_address
from sportello.kernel.web.pages import to_sign_in


@page(section=Section.ADMINISTRATION, methods=("GET", "POST"))
def view_as(request: PageRequest, pk: int, membership_pk: int) -> HttpResponse:
    """Ask for the reason, then view the portal as a customer's user."""
    actor = request.actor
    if not rules_viewing.may_view(actor):
        raise NotPermitted
    rows = Membership.objects.for_(actor).select_related("organisation", "person")
    target = rows.get_or_refuse(pk=membership_pk, person_id=pk)
    form = ViewAsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            signed_in: SignedIn = request.signed_in  # type: ignore[attr-defined]
            reason = form.cleaned_data["reason"]
            operations.start_viewing(actor=actor, session=signed_in.session, target=target, reason=reason)
            return redirect("/")
    back = reverse("accounts:person", args=[pk])
    context = {
        "title": _("View as %(name)s") % {"name": target.person.name},
        "breadcrumbs": [(_("People"), reverse("accounts:people")), (target.person.name, back), (_("View as"), "")],
        "form": form,
        "target": target,
        "profile": Profile(target.profile).label,
        "back": back,
    }
    return render(request, "accounts/people_view_as.html", context, status=422 if form.errors else 200)


@public(why="whoever views as another may stop; the session's own person is who stops", methods=("POST",))
def stop_viewing(request: HttpRequest) -> HttpResponse:
    """Stop viewing as another person and go back to where it began."""
    signed_in: SignedIn | None = getattr(request, "signed_in", None)
    if signed_in is None:
        return to_sign_in(request)
    viewed = signed_in.session.viewing_membership
    own = signed_in.own_actor(request_id=str(getattr(request, "request_id", "")), address=client_address(request))
    try:
        operations.end_viewing(actor=own, session=signed_in.session)
    except WrongState:  # a second click: it has ended
        return redirect("/")
    messages.success(request, _("You are yourself again."))
    return redirect("accounts:person", pk=viewed.person_id) if viewed else redirect("/")
