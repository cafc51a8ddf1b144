"""Filters of the list of tickets that other lists do not have."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Filter, Search
from sportello.parties import queries as parties
from sportello.tickets import queries
from sportello.tickets.states import OPEN, State

EVERYTHING = "all"
MOST_CUSTOMERS = 500


class StateFilter(Filter):
    """One state, all of them, or (nothing chosen) those that are open (source: «Non inserendo nessun parametro … Aperti»)."""

    template: ClassVar[str] = "tickets/filter_state.html"

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the tickets of the state."""
        wanted = query.get(self.name, "")
        if wanted == EVERYTHING:
            return rows
        if not wanted:
            return rows.filter(state__in=OPEN)
        return rows.filter(state=wanted) if wanted in State.values else rows.none()

    def context(self, query: QueryDict) -> dict[str, Any]:
        """Return the states to choose from."""
        return super().context(query) | {"choices": [(EVERYTHING, _("All")), *State.choices]}


class FullText(Search):
    """Words of texts, answers and text files, inside what the reader sees."""

    def __init__(self, actor: Actor) -> None:
        """Take the reader."""
        super().__init__((), label=_("Text"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the tickets that hold each word."""
        return queries.search(self.actor, rows, query.get(self.name, "").replace("\x00", ""))


class CustomerFilter(Filter):
    """Customers by a part of their name, or their code: looked for first, for there are few of them beside the tickets."""

    template: ClassVar[str] = "tickets/filter_typed.html"

    def __init__(self, actor: Actor) -> None:
        """Take the reader."""
        super().__init__("customer", _("Customer"))
        self.actor = actor

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the tickets of the customers that fit."""
        text = " ".join(query.get(self.name, "").replace("\x00", "").split())[:100]
        if not text:
            return rows
        found = parties.customers(self.actor).filter(Q(legal_name__icontains=text) | Q(code__iexact=text))
        return rows.filter(organisation__in=list(found.order_by().values_list("pk", flat=True)[:MOST_CUSTOMERS]))


class Typed(Filter):
    """A text that one of the lookups begins with or holds; `number` when digits alone are a ticket's number."""

    template: ClassVar[str] = "tickets/filter_typed.html"

    def __init__(self, name: str, label: Any, *lookups: str, number: bool = False) -> None:
        """Take the lookups."""
        super().__init__(name, label)
        self.lookups, self.number = lookups, number

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the tickets that fit."""
        text = " ".join(query.get(self.name, "").replace("\x00", "").split())[:100]
        if not text:
            return rows
        found = Q()
        for lookup in self.lookups:
            found |= Q(**{lookup: text})
        if self.number and text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004 - what the column holds
            found |= Q(number=int(text))
        return rows.filter(found)
