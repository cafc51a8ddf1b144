"""The lines with their profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.models import Line
from sportello.inventory.searching import LineSearch, belonging_filters
from sportello.inventory.states import LineKind
from sportello.kernel.access import Reach, Section
from sportello.kernel.actor import Actor
from sportello.kernel.finding import row_id
from sportello.kernel.ui.filters import Choice, Filter
from sportello.kernel.ui.listing import BulkAction, Column, Kind, Listing
from sportello.kernel.web import PageRequest, page
from sportello.thresholds import queries, rules

KINDS_OF_PROFILES: Final = (
    ("safeguard", gettext_lazy("The safeguard by regulation")),
    ("own", gettext_lazy("A profile of the customer's own")),
)


def _profile(row: Any) -> str:
    enrolment = getattr(row, "enrolment", None)
    return enrolment.profile.title if enrolment and enrolment.profile else ""


class WatchedLines(Listing[Line]):
    """The running lines in reach with their profile."""

    name = "thresholds.lines"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(
            "number",
            gettext_lazy("Line"),
            sort="number",
            kind=Kind.PHONE,
            link=lambda row: reverse("thresholds:line", args=[row.pk]),
        ),
        Column("holder", gettext_lazy("Held by"), value=lambda row: row.person.name if row.person else ""),
        Column("cost_centre", gettext_lazy("Cost centre"), value=lambda row: str(row.cost_centre or "")),
        Column("plan", gettext_lazy("Plan"), value=lambda row: str(row.plan or "")),
        Column("organisation", gettext_lazy("Customer"), value=lambda row: row.organisation.legal_name, shown=False),
        Column("kind", gettext_lazy("Kind"), value=lambda row: row.get_kind_display()),
        Column("profile", gettext_lazy("Profile"), value=_profile),
    )
    default_sort = "number"
    actions = (
        BulkAction("set", gettext_lazy("Set a threshold"), "thresholds:choose_set", icon="bell-plus"),
        BulkAction("profile", gettext_lazy("Give a profile"), "thresholds:choose_profile", icon="stack-2"),
    )

    def __init__(self, request: PageRequest, rows: QuerySet[Any]) -> None:
        """Take the rows; the profiles to filter by are those in reach."""
        super().__init__(request, rows)
        self.filters: Sequence[Filter] = (
            LineSearch(request.actor),
            Choice("kind", gettext_lazy("Kind"), LineKind.choices),
            Choice("profile", gettext_lazy("Profile"), self._profiles, apply=_by_profile),
            *belonging_filters(request.actor),
        )

    def _profiles(self) -> list[tuple[str, Any]]:
        return _profile_choices(self.request.actor, self.query.get("profile", ""))


def _profile_choices(actor: Actor, asked: str) -> list[tuple[str, Any]]:
    """Return the profiles to filter by: a customer's own, and in a wider reach, where each customer has theirs, kinds of them.

    There the profile that the address asks for is a choice too.
    """
    found = queries.profiles(actor)
    if actor.reach is Reach.CUSTOMER:
        return [("none", _("No profile")), *((str(row.pk), row.title) for row in found)]
    one = found.filter(pk=row_id(asked) or 0)
    named = [(str(row.pk), f"{row.title} · {row.organisation.legal_name}") for row in one]
    return [("none", _("No profile")), *KINDS_OF_PROFILES, *named]


def _by_profile(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "none":
        return rows.filter(enrolment__profile=None)
    if value in dict(KINDS_OF_PROFILES):
        return rows.filter(enrolment__profile__safeguard=value == "safeguard")
    return rows.filter(enrolment__profile_id=int(value))


@page(section=Section.THRESHOLDS, methods=("GET", "POST"))
def lines(request: PageRequest) -> HttpResponseBase:
    """List the lines in reach with their profiles."""
    rules.check_can_manage(request.actor)
    return WatchedLines(request, queries.watched_lines(request.actor)).respond(
        "thresholds/lines.html", {"title": _("Lines and profiles")}
    )
