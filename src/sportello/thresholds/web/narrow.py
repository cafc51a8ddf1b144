"""Lists of hundreds of thousands of rows: found and sorted by few columns, read whole for the page alone."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from sportello.kernel.ui.listing import Listing

M = TypeVar("M", bound=Model)


class NarrowListing(Listing[M]):
    """A list whose page is read in two steps: a sort that carries every joined column along is several times dearer."""

    def whole(self) -> QuerySet[Any]:
        """Return the rows with all that the page shows of them."""
        return self.rows

    def _fetched(self, rows: QuerySet[M], lookup: str, anchor: str | None, *, backwards: bool, most: int) -> list[M]:
        narrow = rows.select_related(None).only("pk")
        found = super()._fetched(narrow, lookup, anchor, backwards=backwards, most=most)
        by_key = self.whole().filter(pk__in=[row.pk for row in found]).in_bulk()
        return [by_key[row.pk] for row in found if row.pk in by_key]
