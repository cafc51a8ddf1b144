"""The list of people."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sportello.accounts.lines_of_people import lines_of_people
from sportello.accounts.models import Person
from sportello.accounts.queries import directory as queries
from sportello.kernel.access import CUSTOMER_PROFILES, Profile, Reach
from sportello.kernel.actor import Actor
from sportello.kernel.finding import SHORTEST_NUMBER, holds_number, sought
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Filter, Search, YesNo
from sportello.kernel.ui.listing import Column, Kind, Listing
from sportello.kernel.ui.templatetags.ui import state
from sportello.kernel.web import PageRequest
from sportello.parties.models import Organisation


class PeopleSearch(Search):
    """Finds people by name in either order, username, mail, code, or by a part of their mobile or of the number of a line they hold."""

    def __init__(self, actor: Actor) -> None:
        """Take the actor: lines are looked up in their reach."""
        super().__init__((), label=_("Name, number, mail or code"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows that fit every number and all words."""
        asked = sought(query.get(self.name, ""))
        for number in asked.numbers:
            rows = rows.filter(self._reached_by(number)) if len(number) >= SHORTEST_NUMBER else rows.none()
        return rows.filter(queries.people_sought(asked)) if asked.words else rows

    def _reached_by(self, number: str) -> Q:
        lines = lines_of_people()
        own = holds_number("mobile", number) | Q(code=number)
        return own | lines.number_holds(self.actor, number) if lines else own


class InOrganisation(Filter):
    """People at home in the organisation of a code, for who reaches several."""

    template = "ui/filters/search.html"

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows of the organisation whose code is written out, or whose name holds the text."""
        text = query.get(self.name, "").replace("\x00", "").strip()
        if not text:
            return rows
        return rows.filter(Q(organisation__code__iexact=text) | Q(organisation__legal_name__icontains=text))


def _page(row: Person) -> str:
    return reverse("accounts:person", args=[row.pk])


def _surname_first(row: Person) -> str:
    return f"{row.family_name} {row.given_name}"


def held_words(row: Person) -> str:
    """Return the profiles that a person holds in the reader's reach, as words."""
    held: list[Any] = row.held  # type: ignore[attr-defined] # put there by directory.people
    return ", ".join(str(Profile(membership.profile).label) for membership in held)


def _held_codes(row: Person) -> str:
    """Return the profiles held at home as an import file names them."""
    held: list[Any] = row.held  # type: ignore[attr-defined] # put there by directory.people
    return ";".join(membership.profile for membership in held if membership.organisation_id == row.organisation_id)


def _state(row: Person) -> object:
    return state("active" if row.is_active else "deactivated", _active_words(row))


def _active_words(row: Person) -> str:
    return str(_("Active") if row.is_active else _("Deactivated"))


class PeopleList(Listing[Person]):
    """People in reach."""

    name = "accounts.people"
    default_sort = "family_name"
    import_columns = (
        Column[Person]("customer_code", "customer_code", value=lambda row: row.organisation.code),
        Column[Person]("person_code", "person_code", value=lambda row: row.code),
        Column[Person]("given_name", "given_name"),
        Column[Person]("family_name", "family_name"),
        Column[Person]("email", "email"),
        Column[Person]("mobile", "mobile"),
        Column[Person]("cost_centre", "cost_centre", value=lambda row: row.cost_centre.code if row.cost_centre else ""),
        Column[Person]("profiles", "profiles", value=_held_codes),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Person]) -> None:
        """Name columns and filters for the reader's reach."""
        super().__init__(request, rows)
        several = request.actor.reach in {Reach.ALL, Reach.PARTNER}
        self.columns = _columns(several=several)  # type: ignore[misc] # this list's own: they depend on the reader
        self.filters = _filters(request.actor, several=several)


def _columns(*, several: bool) -> list[Column[Person]]:
    home = [Column[Person]("organisation", _("Organisation"), value=lambda row: row.organisation.legal_name)]
    return [
        Column(
            "name", _("Name"), value=_surname_first, sort="family_name", then="given_name", link=_page, exported=False
        ),
        Column("family_name", _("Family name"), shown=False),
        Column("given_name", _("Given name"), sort="given_name", shown=False),
        *(home if several else []),
        Column("code", _("Person code"), shown=False),
        Column("username", _("Username"), shown=False),
        Column("email", _("E-mail"), sort="email", cell=lambda row: formats.mail(row.email)),
        Column("mobile", _("Mobile"), kind=Kind.PHONE),
        Column("cost_centre", _("Cost centre"), value=lambda row: str(row.cost_centre or "")),
        Column("profiles", _("Profiles"), value=held_words),
        Column("active", _("State"), value=_active_words, cell=_state),
    ]


def _filters(actor: Actor, *, several: bool) -> list[Filter]:
    filters: list[Filter] = [PeopleSearch(actor)]
    if several:
        filters.append(InOrganisation("organisation", _("Organisation (code or name)")))
    profiles = Profile if actor.reach is Reach.ALL else CUSTOMER_PROFILES
    shown = [(profile.value, profile.label) for profile in Profile if profile in profiles]
    filters.append(
        Choice("profile", _("Profile"), shown, apply=lambda rows, value: rows.filter(pk__in=_holders(actor, value)))
    )
    if not several:
        own = Organisation.objects.for_(actor).get(pk=actor.organisation_id or 0)
        centres = queries.cost_centre_choices(actor, own)
        filters.append(Choice("cost_centre", _("Cost centre"), centres, field="cost_centre_id"))
    filters.append(YesNo("active", _("Active"), Q(deactivated_at=None)))
    lines = lines_of_people()
    if lines:
        filters.append(YesNo("has_line", _("Has a line"), lines.has_line(actor)))
    return filters


def _holders(actor: Actor, profile: str) -> QuerySet[Any, Any]:
    return queries.holders(actor, profile).values("person_id")
