"""The search box of every list that is about lines."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sportello.inventory.models import Line
from sportello.inventory.queries import lines_sought
from sportello.kernel.actor import Actor
from sportello.kernel.ui.filters import Search


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
