"""The search box of every list that is about lines, and the filters by where a line belongs."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.inventory.queries import agreement_choices, cost_centre_choices, lines_sought, site_choices
from sportello.kernel.access import Reach
from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Choice, Filter, Search

MOST_OPTIONS: Final = 200
"""Values that a filter offers to choose from; with more it is a box to type the code in."""

NONE: Final = "none"


class LineSearch(Search):
    """Finds lines by their number or a part of it, their SIM, or their holder's name, inside the reader's reach.

    `through` names the field that leads from the rows of the list to their line; "" when the rows are lines.
    """

    def __init__(self, actor: Actor, *, through: str = "") -> None:
        """Take who searches: people are found inside their reach only."""
        super().__init__((), label=_("Number, person or SIM"))
        self.actor = actor
        self.through = through

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows whose line the search finds."""
        text = query.get(self.name, "").strip()
        if not text:
            return rows
        if not self.through:
            return lines_sought(self.actor, rows, text)
        lines = lines_sought(self.actor, Line.objects.for_(self.actor), text)
        return rows.filter(**{f"{self.through}__in": lines.order_by().values("pk")})


def belonging_filters(actor: Actor) -> list[Filter]:
    """Return the filters of lines by agreement, cost centre and site; for who reaches several customers also by customer."""
    if actor.reach is Reach.CUSTOMER:
        return [
            _one_of("agreement", _("Agreement"), agreement_choices(actor), "agreement__code__istartswith"),
            _one_of("cost_centre", _("Cost centre"), cost_centre_choices(actor), "cost_centre__code__istartswith"),
            _one_of("site", _("Site"), site_choices(actor), "site__name__istartswith"),
        ]
    return [
        Search(("organisation__code__iexact", "organisation__legal_name__icontains"), name="customer", label=_("Customer")),
        Search(("agreement__code__istartswith",), name="agreement", label=_("Agreement")),
        Search(("cost_centre__code__iexact",), name="cost_centre", label=_("Cost centre")),
        Search(("site__name__istartswith",), name="site", label=_("Site")),
    ]  # fmt: skip


def _one_of(name: str, label: Any, choices: list[tuple[str, str]], typed: str) -> Filter:
    if len(choices) > MOST_OPTIONS:
        return Search((typed,), name=name, label=label)
    return Choice(name, label, [*choices, (NONE, _("None"))], apply=lambda rows, value: _chosen(rows, name, value))


def _chosen(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    return rows.filter(**{name: None if value == NONE else value})
