"""The filters of the report: an amount, and a day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict

from sportello.kernel.ui.filters import Filter


class Typed(Filter):
    """A word of the address that the page itself has read: it is shown, and narrows nothing here."""

    template: ClassVar[str] = "thresholds/filter_typed.html"
    kind: ClassVar[str] = "text"

    def __init__(self, name: str, label: Any, *, shown: str) -> None:
        """Take what is shown where the address says nothing."""
        super().__init__(name, label)
        self.shown = shown

    def narrow(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """Return the rows as they are."""
        return rows

    def context(self, query: QueryDict) -> dict[str, Any]:
        """Return the value to show."""
        return {"name": self.name, "label": self.label, "value": query.get(self.name) or self.shown, "kind": self.kind}


class TypedDay(Typed):
    """The same for a day."""

    kind = "date"

    def __init__(self, name: str, label: Any, *, shown: date) -> None:
        """Take the day that is shown where the address says nothing."""
        super().__init__(name, label, shown=shown.isoformat())
