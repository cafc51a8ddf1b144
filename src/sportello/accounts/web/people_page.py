"""What the page of a person shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.accounts.lines_of_people import PersonLine, lines_of_people
from sportello.accounts.models import Membership, Person
from sportello.accounts.queries import directory as queries
from sportello.accounts.rules import people as rules
from sportello.accounts.rules import viewing as rules_viewing
from sportello.accounts.web.audit_words import told
from sportello.accounts.web.people_forms import GrantForm
from sportello.kernel.access import Profile, Reach
from sportello.kernel.actor import Actor
from sportello.kernel.refusals import Refusal


@dataclass(frozen=True, kw_only=True)
class HeldProfile:
    """A profile on the page: whether it can be ended (or why not), and viewed as."""

    row: Membership
    label: str
    refusal: str
    may_end: bool
    may_view: bool


def person_context(actor: Actor, row: Person, *, now: datetime, posted: QueryDict | None = None) -> dict[str, Any]:
    """Return what the page of a person shows; `posted` is the form of a profile to give."""
    lines = _lines(actor, row)
    changes = _refusal_to_change(actor, row)
    return {
        "title": row.name,
        "breadcrumbs": [(_("People"), reverse("accounts:people")), (row.name, "")],
        "person": row,
        "facts": _facts(row, lines),
        "lines": lines,
        "held": [_held(actor, each) for each in queries.memberships_in_reach(actor, row)],
        "grant_form": _grant_form(actor, row, posted),
        "invitation": queries.open_invitation(row, now=now),
        "invite_refusal": changes or _refusal_to_invite(row),
        "change_refusal": changes,
        "frozen_until": _frozen_until(row, now=now),
        "unfreeze_refusal": _refusal_to_unfreeze(actor, row),
        "is_self": rules.is_self(actor, row),
        "events": told(queries.recent_events(actor, row)),
        "audit_url": f"{reverse('accounts:audit')}?subject=person:{row.pk}",
    }


def _lines(actor: Actor, row: Person) -> list[PersonLine]:
    registered = lines_of_people()
    return list(registered.of(actor, row)) if registered else []


def _facts(row: Person, lines: list[PersonLine]) -> dict[str, Any]:
    dual = [line.number for line in lines if line.dual_billing]
    return {
        _("Username"): row.username,
        _("Organisation"): row.organisation.legal_name,
        _("Person code"): row.code,
        _("E-mail"): row.email,
        _("Mobile"): _mobile(row),
        _("Cost centre"): str(row.cost_centre or ""),
        _("Dual billing"): pgettext("dual billing", "Active") if dual else pgettext("dual billing", "Not active"),
        _("Sign-in"): _sign_in(row),
    }


def _mobile(row: Person) -> str:
    if not row.mobile:
        return ""
    from sportello.kernel.ui.formats import phone

    proved = _("proved") if row.mobile_verified_at else _("not proved yet")
    return f"{phone(row.mobile)} ({proved})"


def _sign_in(row: Person) -> str:
    if not row.is_active:
        return _("Deactivated")
    return _("Has a password") if row.password else _("Not invited, or has not answered yet")


def _held(actor: Actor, each: Membership) -> HeldProfile:
    profile = Profile(each.profile)
    try:
        rules.check_can_end(actor, each, last_one=False)
        refusal = ""
    except Refusal as why:
        refusal = str(why)
    return HeldProfile(
        row=each,
        label=str(profile.label),
        refusal=refusal,
        may_end=each.ended_at is None and profile in rules.grantable(actor, each.organisation),
        may_view=rules_viewing.may_view_as(actor, each),
    )


def _grant_form(actor: Actor, row: Person, posted: QueryDict | None) -> GrantForm | None:
    """Return the form of a profile to give, or None when there is nothing that the actor may give."""
    elsewhere = actor.reach in {Reach.ALL, Reach.PARTNER}
    profiles = rules.offered(actor, row)
    if not profiles or rules.is_self(actor, row) or not row.is_active:
        return GrantForm(posted, profiles=[], elsewhere=False) if posted else None
    return GrantForm(posted, profiles=profiles, elsewhere=elsewhere)


def _refusal_to_change(actor: Actor, row: Person) -> str:
    try:
        rules.check_can_change(actor, row, queries.profiles_anywhere(row))
    except Refusal as why:
        return str(why)
    return ""


def _frozen_until(row: Person, *, now: datetime) -> datetime | None:
    until = row.codes_frozen_until
    return until if until is not None and until > now else None


def _refusal_to_unfreeze(actor: Actor, row: Person) -> str:
    try:
        rules.check_can_let_codes_through(actor, row, queries.profiles_anywhere(row), frozen=True)
    except Refusal as why:
        return str(why)
    return ""


def _refusal_to_invite(row: Person) -> str:
    try:
        rules.check_can_invite(row, queries.profiles_anywhere(row))
    except Refusal as why:
        return str(why)
    return ""
