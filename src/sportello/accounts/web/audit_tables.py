"""The list of what happened."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sportello.accounts.queries import audit as queries
from sportello.accounts.web import audit_words as words
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.models import Event
from sportello.kernel.ui.filters import Choice, Days, Filter
from sportello.kernel.ui.listing import Column, Kind, Listing, Page
from sportello.kernel.web import PageRequest
from sportello.parties.queries import by_code

SHOWN_CHANGES = 4


class ByPerson(Filter):
    """What a person did, or what was done to them: by the begin of a name or username."""

    template = "ui/filters/search.html"

    def __init__(self, actor: Actor) -> None:
        """Take the actor: people are looked up in their reach."""
        super().__init__("person", _("Person"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the events that the people of that name took part in."""
        text = query.get(self.name, "").replace("\x00", "").strip()
        if not text:
            return rows
        people = queries.people_named(self.actor, text)
        to_them = Q(subject_type="person", subject_id__in=[str(pk) for pk in people])
        return rows.filter(Q(person_id__in=people) | Q(viewer_id__in=people) | to_them)


class BySubject(Filter):
    """What happened to one thing: `type:id`, or all things of a type."""

    template = "ui/filters/search.html"

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the events about the subject."""
        kind, _colon, identity = query.get(self.name, "").replace("\x00", "").strip().partition(":")
        if not kind:
            return rows
        rows = rows.filter(subject_type=kind)
        return rows.filter(subject_id=identity) if identity else rows


class ByOrganisation(Filter):
    """What happened in the organisation of a code, for who reaches several."""

    template = "ui/filters/search.html"

    def __init__(self, actor: Actor) -> None:
        """Take the actor: codes are looked up in their reach."""
        super().__init__("organisation", _("Organisation (code)"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the events of the organisation; a code outside the reach narrows to nothing."""
        code = query.get(self.name, "").replace("\x00", "").strip()
        if not code:
            return rows
        found = by_code(self.actor, [code])
        return rows.filter(organisation_id__in=[row.pk for row in found.values()])


def _of_area(rows: QuerySet[Any], area: str) -> QuerySet[Any]:
    wanted = Q()
    for first in area.split(","):
        wanted |= Q(kind__startswith=f"{first}.")
    return rows.filter(wanted)


class AuditList(Listing[Event]):
    """What happened inside the reader's reach, newest first."""

    name = "accounts.audit"
    default_sort = "-pk"

    def __init__(self, request: PageRequest, rows: QuerySet[Event]) -> None:
        """Name columns and filters for the reader's reach."""
        super().__init__(request, rows)
        self.names = queries.Names()
        several = request.actor.reach in {Reach.ALL, Reach.PARTNER}
        self.columns = self._columns(several=several)  # type: ignore[misc] # this list's own: they depend on the reader
        self.filters = _filters(request.actor, several=several)

    def page(self) -> Page[Event]:
        """Return the page, its names read in two queries."""
        page = super().page()
        self.names.read(page.rows)
        return page

    def _columns(self, *, several: bool) -> list[Column[Event]]:
        return [
            Column("at", _("When"), sort="pk", kind=Kind.INSTANT, link=lambda row: reverse("accounts:audit_entry", args=[row.pk])),
            Column("who", _("Who"), value=lambda row: words.who_of(row, self.names)),
            Column("profile", _("As"), value=words.profile_of),
            Column("organisation", _("In"), value=lambda row: self.names.organisation(row.organisation_id), shown=several),
            Column("what", _("What"), value=words.sentence_of, cell=_what),
            Column("kind", _("Kind"), shown=False),
            Column("changes", _("Before → after"), value=_changes_text, cell=_changes),
            Column("address", _("From"), value=words.via_of),
            Column("subject", pgettext_lazy("an event", "Subject"), value=words.subject_of, shown=False),
            Column("hash", _("Hash"), shown=False),
        ]  # fmt: skip


def _what(row: Event) -> object:
    sentence, url = words.sentence_of(row), words.subject_url(row)
    return format_html('<a href="{}">{}</a>', url, sentence) if url else sentence


def _changes(row: Event) -> object:
    changes = words.changes_of(row)
    shown = format_html_join("", "<li>{}: {} → {}</li>", changes[:SHOWN_CHANGES])
    more = format_html("<li>…</li>") if len(changes) > SHOWN_CHANGES else ""
    return format_html('<ul class="list-unstyled mb-0">{}{}</ul>', shown, more) if changes else ""


def _changes_text(row: Event) -> str:
    return "; ".join(f"{field}: {before} → {after}" for field, before, after in words.changes_of(row))


def _filters(actor: Actor, *, several: bool) -> list[Filter]:
    return [
        Choice("area", _("About"), words.kind_choices, apply=_of_area),
        ByPerson(actor),
        *([ByOrganisation(actor)] if several else []),
        Days("at", _("When")),
        BySubject("subject", pgettext_lazy("an event", "Subject")),
    ]
