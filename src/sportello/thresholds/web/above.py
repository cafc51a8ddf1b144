"""The list of lines above an amount: off the sums of a month, and for a day inside a month."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.inventory.searching import LineSearch
from sportello.kernel.access import Reach
from sportello.kernel.money import from_units, to_units
from sportello.kernel.refusals import InvalidInput
from sportello.kernel.ui import formats
from sportello.kernel.ui.filters import Choice, Filter
from sportello.kernel.ui.listing import COUNT_UP_TO, Column, Kind, Page
from sportello.kernel.ui.templatetags import ui
from sportello.kernel.web import PageRequest
from sportello.thresholds import queries
from sportello.thresholds.queries import Above
from sportello.thresholds.states import Traffic
from sportello.thresholds.web.filters import Typed, TypedDay
from sportello.thresholds.web.narrow import NarrowListing
from sportello.usage.models import LineMonth

READ_AT_ONCE: Final = 2_000

Key = tuple[Any, int]
"""What a row is sorted by, and its line."""


def _address(row: LineMonth) -> str:
    return reverse("thresholds:line", args=[row.line_id])


def _share(row: Any) -> Decimal | None:
    return to_units(row.spent) * Decimal(100) / row.limit if row.limit else None


def _meter(row: Any) -> SafeString:
    share = _share(row)
    if share is None:
        return format_html('<span class="text-secondary">{}</span>', _("no threshold"))
    text = f"{formats.money(row.spent)} / {formats.money(from_units(row.limit))}"
    return SafeString(render_to_string("ui/meter.html", ui.meter(share, text=text, tone="")))


class LinesAbove(NarrowListing[LineMonth]):
    """The lines above an amount, the highest first."""

    name = "thresholds.above"
    columns: ClassVar[Sequence[Column[Any]]] = (
        Column(
            "number",
            gettext_lazy("Line"),
            value=lambda row: row.line.number,
            sort="line__number",
            link=_address,
            kind=Kind.PHONE,
        ),
        Column("holder", gettext_lazy("Held by"), value=lambda row: row.line.person.name if row.line.person else ""),
        Column("cost_centre", gettext_lazy("Cost centre"), value=lambda row: str(row.line.cost_centre or "")),
        Column("organisation", gettext_lazy("Customer"), value=lambda row: row.organisation.legal_name, shown=False),
        Column("spent", gettext_lazy("Spent, net of VAT"), sort="spent", kind=Kind.MONEY),
        Column(
            "limit",
            gettext_lazy("Threshold"),
            value=lambda row: from_units(row.limit) if row.limit else None,
            kind=Kind.MONEY,
            shown=False,
        ),
        Column(
            "share",
            gettext_lazy("Share of the threshold"),
            value=lambda row: f"{share:.1f}%" if (share := _share(row)) is not None else "",
            cell=_meter,
        ),
    )
    default_sort = "-spent"

    def __init__(self, request: PageRequest, rows: QuerySet[LineMonth], asked: Above) -> None:
        """Take the rows and what was asked."""
        super().__init__(request, rows)
        self.asked = asked
        if request.actor.reach is not Reach.CUSTOMER:  # no index gives the order by number over all customers
            self.columns = [replace(one, sort=None) if one.name == "number" else one for one in self.columns]  # type: ignore[misc]
        amount = formats.number(from_units(asked.amount), 2)
        self.filters: Sequence[Filter] = (
            Typed("above", _("Above (EUR)"), shown=amount),
            TypedDay("on", _("At the end of"), shown=asked.on),
            Choice("traffic", _("Traffic"), Traffic.choices, apply=lambda found, _value: found),
            LineSearch(request.actor, through="line"),
        )

    def page(self) -> Page[LineMonth]:
        """Return the page, without the share where no line of it has a threshold that it could be a share of."""
        found = self.paged()
        if not any(getattr(row, "limit", None) for row in found.rows):
            self.columns = [column for column in self.columns if column.name != "share"]  # type: ignore[misc]  # of this page alone
        return found

    def paged(self) -> Page[LineMonth]:
        """Return the page that the address asks for."""
        return super().page()

    def sorted(self) -> Any:
        """Return the lines in the order of the address, to be written into a file."""
        return queries.with_lines(self.asked, super().sorted())

    def whole(self) -> QuerySet[Any]:
        """Return the rows with their lines and limits."""
        return queries.with_lines(self.asked, self.rows)


class LinesAboveThen(LinesAbove):
    """The same for a day inside a month: what lines had spent by then stands in no column, so the list is sorted and paged here."""

    def __init__(
        self, request: PageRequest, rows: QuerySet[LineMonth], asked: Above, spent: Sequence[tuple[int, int]]
    ) -> None:
        """Take the rows of the whole month, and (1e-5 EUR, line) of the lines to list."""
        super().__init__(request, rows, asked)
        self.spent = {line: units for units, line in spent}

    def sorted(self) -> Any:
        """Return the lines in the order of the address, to be written into a file."""
        return _ReadInTurn(self, [line for _value, line in self._keys()])

    def paged(self) -> Page[LineMonth]:
        """Return the page that the address asks for."""
        keys = self._keys()
        begin, end = self._place(keys)
        shown = keys[begin:end]
        return Page(
            listing=self,
            rows=self.read([line for _value, line in shown]),
            total=min(len(keys), COUNT_UP_TO),
            total_is_more=len(keys) > COUNT_UP_TO,
            next_url=self._address(after=json.dumps(shown[-1])) if shown and end < len(keys) else "",
            previous_url=self._address(before=json.dumps(shown[0])) if shown and begin > 0 else "",
        )

    def read(self, lines: Sequence[int]) -> list[LineMonth]:
        """Read the rows of some lines, in the order of the lines, with what they had spent."""
        found: dict[int, Any] = {row.line_id: row for row in self.whole().filter(line_id__in=lines)}
        for line, row in found.items():
            row.spent = from_units(self.spent[line])
        return [found[line] for line in lines if line in found]

    def _keys(self) -> list[Key]:
        """Return the lines in the order of the address."""
        lookup, backwards = self._sort()
        rows = self.filtered().order_by()
        keys: list[Key]
        if lookup == "line__number":
            numbers = rows.values_list("line_id", "line__number")
            keys = [(number, line) for line, number in numbers if line in self.spent]
        elif self._sought():
            lines = rows.values_list("line_id", flat=True)
            keys = [(self.spent[line], line) for line in lines if line in self.spent]
        else:
            keys = [(units, line) for line, units in self.spent.items()]
        return sorted(keys, reverse=backwards)

    def _sought(self) -> bool:
        return any(self.query.get(one.name) for one in self.filters if isinstance(one, LineSearch))

    def _place(self, keys: list[Key]) -> tuple[int, int]:
        """Return where the page begins and ends: beside the row that the address names, which may be gone meanwhile."""
        size, backwards = self._size(), self._sort()[1]
        after, before = self.query.get("after"), self.query.get("before")
        if not (anchor := after or before):
            return 0, size
        value, _tie, line = self._read_key(anchor, "")
        ascending = keys[::-1] if backwards else keys
        side = bisect_right if bool(after) != backwards else bisect_left
        kinds = (str if self._sort()[0] == "line__number" else int, int)
        if (type(value), type(line)) != kinds:  # typed into the address: of another column, or no key at all
            raise InvalidInput
        found = side(ascending, (value, line))
        place = len(keys) - found if backwards else found
        return (place, place + size) if after else (max(0, place - size), place)


class _ReadInTurn:
    """Rows read some lines at a time, sliced and iterated as an export does it with rows of the database."""

    def __init__(self, listing: LinesAboveThen, lines: Sequence[int]) -> None:
        self.listing = listing
        self.lines = lines

    def __getitem__(self, part: slice) -> _ReadInTurn:
        return _ReadInTurn(self.listing, self.lines[part])

    def order_by(self) -> _ReadInTurn:
        """Return the rows, whatever their order: only to be counted."""
        return self

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.lines)

    def iterator(self, chunk_size: int = READ_AT_ONCE) -> Iterator[LineMonth]:
        for start in range(0, len(self.lines), chunk_size):
            yield from self.listing.read(self.lines[start : start + chunk_size])
