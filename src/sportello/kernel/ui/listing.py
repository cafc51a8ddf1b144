"""Every list of the portal: filters, sort and page in the address, keyset paging, saved views, bulk actions, export.

A page of 50 rows costs the same number of queries and about the same time at 100 and at 100,000 rows: rows are found by the sort key of the
row before (keyset), never by counting off, and the total is counted up to `COUNT_UP_TO` only.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DataError
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from sportello.kernel.refusals import InvalidInput, NotFound
from sportello.kernel.ui import formats, saved_views
from sportello.kernel.ui.export import exported
from sportello.kernel.ui.filters import Filter
from sportello.kernel.web.pages import PageRequest

M = TypeVar("M", bound=Model)
Label = str | Promise


class PlaceNotFound(InvalidInput):
    """The place to read on from, in an address that was changed by hand or cut off, is none of this list's."""

    default = _("The address names a place that this list does not have. Open the list again from its beginning.")


COUNT_UP_TO = 10_000
SIZES = (25, 50, 100, 200)
_BIGINT = re.compile(r"[0-9]{1,18}")
IMPORTABLE = "import"
STATE_WORDS = frozenset({"sort", "after", "before", "size", "export", "view"})


class Kind(enum.Enum):
    """How a column's values look and sort."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    INSTANT = "instant"
    DAY = "day"
    VOLUME = "volume"
    DURATION = "duration"
    PHONE = "phone"


NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.VOLUME, Kind.DURATION})
_SHOWN: dict[Kind, Callable[[Any], object]] = {
    Kind.NUMBER: formats.number,
    Kind.MONEY: formats.money,
    Kind.INSTANT: formats.instant,
    Kind.DAY: formats.day,
    Kind.VOLUME: formats.volume,
    Kind.DURATION: formats.duration,
    Kind.PHONE: formats.phone,
}


@dataclass(frozen=True)
class Column(Generic[M]):
    """A column: `value(row)` (the attribute `name` when not told; `a__b` follows relations) is what is exported, `cell(row)` what is
    drawn (safe markup) when it differs, `sort` the lookup to sort by (indexed where lists are long), `then` a field of the row itself
    (never null) that sorts what is equal there, `link(row)` an address.
    """  # noqa: D205

    name: str
    label: Label
    value: Callable[[M], Any] | None = None
    cell: Callable[[M], Any] | None = None
    sort: str | None = None
    then: str = ""
    link: Callable[[M], str] | None = None
    kind: Kind = Kind.TEXT
    exported: bool = True
    shown: bool = True

    @property
    def numeric(self) -> bool:
        """Tell whether the values stand to the right."""
        return self.kind in NUMERIC

    def plain(self, row: M) -> Any:
        """Return the value for exports."""
        found: Any = self.value(row) if self.value else row
        if self.value is None:
            for step in self.name.split("__"):
                found = getattr(found, step, None)
        return str(found) if isinstance(found, Promise | Model) else found

    def drawn(self, row: M) -> object:
        """Return what the page shows, linked when the column links."""
        if self.cell:
            content: object = self.cell(row)
        else:
            plain = self.plain(row)
            show = _SHOWN.get(self.kind)
            content = "" if plain is None else show(plain) if show else plain
        return format_html('<a href="{}">{}</a>', self.link(row), content) if self.link and content else content


@dataclass(frozen=True)
class BulkAction:
    """A button over the chosen rows: posts `ids` (or `everything=1` with the filters) to the page named `url`."""

    name: str
    label: Label
    url: str
    icon: str = ""
    tone: str = ""


class Listing(Generic[M]):
    """A list of rows that an actor may see. Subclasses name columns, filters and the usual sort.

    `import_columns` are those of the file that brings the rows in, headed by its own words: what is taken out so (`?export=import`)
    can be changed and handed in again. `subject_words` of the address say what the list is of (its month): they narrow nothing.
    """

    name: ClassVar[str]
    columns: ClassVar[Sequence[Column[Any]]]
    filters: Sequence[Filter] = ()
    default_sort: ClassVar[str]
    subject_words: ClassVar[frozenset[str]] = frozenset()
    actions: ClassVar[Sequence[BulkAction]] = ()
    import_columns: Sequence[Column[Any]] = ()
    size: ClassVar[int] = 50
    template: ClassVar[str] = "ui/listing_page.html"

    def __init__(self, request: PageRequest, rows: QuerySet[M]) -> None:
        """Take the request and the rows inside the actor's reach, unsorted."""
        self.request = request
        self.rows = rows
        self.query: QueryDict = request.GET

    # --- what a view calls ----------------------------------------------------------------------------------------------
    def respond(self, template: str | None = None, context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Answer: the page, its moving part to htmx, a file for `?export=csv|xlsx|import`; a POST keeps or removes a saved view."""
        if self.request.method == "POST":
            saved_views.change(self.request, self.name)
            return redirect(self.request.get_full_path())
        if self.query.get("export") == IMPORTABLE and self.import_columns:
            return exported(self.request, self.name, self.import_columns, self.sorted(), "csv")
        if "export" in self.query:
            return exported(self.request, self.name, self.export_columns(), self.sorted(), self.query.get("export", ""))
        page = template or self.template
        partial = bool(self.request.htmx) and not self.request.htmx.boosted
        name = "ui/listing.html" if partial else page
        return render(
            self.request, name, {"listing": self.page(), "default_sort": self.default_sort, **(context or {})}
        )

    def filtered(self) -> QuerySet[M]:
        """Return the rows that the filters of the address let through."""
        rows = self.rows
        for one in self.filters:
            try:
                rows = one.narrow(rows, self.query)
            except (ValidationError, ValueError, OverflowError):
                return self.rows.none()
        return rows

    def sorted(self) -> QuerySet[M]:
        """Return the filtered rows in the order of the address."""
        lookup, backwards = self._sort()
        return self.filtered().order_by(*self._order(lookup, backwards=backwards))

    def export_columns(self) -> list[Column[Any]]:
        """Return the columns of an export."""
        return [column for column in self.columns if column.exported]

    def chosen(self, data: QueryDict) -> QuerySet[M]:
        """Return the rows that a bulk action's POST names; any id that is not in reach refuses the whole (C05)."""
        if data.get("everything"):
            self.query = QueryDict(data.get("filters", ""))
            return self.filtered()
        ids = {identity for identity in data.getlist("ids") if _BIGINT.fullmatch(identity)}
        rows = self.rows.filter(pk__in=ids)
        if not ids or len(ids) != len(set(data.getlist("ids"))) or rows.count() != len(ids):
            raise NotFound
        return rows

    # --- one page -------------------------------------------------------------------------------------------------------
    def page(self) -> Page[M]:
        """Return the page that the address asks for."""
        lookup, backwards = self._sort()
        rows, size = self.filtered(), self._size()
        anchor = self.query.get("after") or self.query.get("before")
        reverse = "before" in self.query and "after" not in self.query
        got = self._fetched(rows, lookup, anchor, backwards=backwards != reverse, most=size + 1)
        more, got = len(got) > size, got[:size]
        if reverse:
            got.reverse()
        total = rows.order_by()[: COUNT_UP_TO + 1].count()
        has_next = bool(got) and (bool(reverse) or more)
        has_previous = bool(got) and (more if reverse else bool(anchor))
        return Page(
            listing=self,
            rows=got,
            total=min(total, COUNT_UP_TO),
            total_is_more=total > COUNT_UP_TO,
            next_url=self._address(after=self._key(got[-1], lookup)) if has_next else "",
            previous_url=self._address(before=self._key(got[0], lookup)) if has_previous else "",
        )

    def _fetched(self, rows: QuerySet[M], lookup: str, anchor: str | None, *, backwards: bool, most: int) -> list[M]:
        ordered = rows.order_by(*self._order(lookup, backwards=backwards))
        if not anchor:
            return list(ordered[:most])
        try:  # what stands in the address is typed by anybody: the column's own reading of it may fail as late as in the query
            return list(ordered.filter(self._beyond(lookup, anchor, backwards=backwards))[:most])
        except (ValidationError, TypeError, ValueError, ArithmeticError, DataError) as wrong:
            raise PlaceNotFound from wrong

    def _size(self) -> int:
        wanted = self.query.get("size", "")
        return int(wanted) if wanted in map(str, SIZES) else self.size

    def _sort(self) -> tuple[str, bool]:
        sortable = {column.sort for column in self.columns if column.sort}
        wanted = self.query.get("sort") or self.default_sort
        if wanted.removeprefix("-") not in sortable | {self.default_sort.removeprefix("-")}:
            wanted = self.default_sort
        return wanted.removeprefix("-"), wanted.startswith("-")

    def _order(self, lookup: str, *, backwards: bool) -> list[Any]:
        path, sign = F(lookup), "-" if backwards else ""
        last = [f"{sign}{name}" for name in (self._then(lookup), "pk") if name]
        if lookup == "pk":
            return last
        if self._nullable(lookup):  # empty values are the smallest, as in the keys below
            first = path.desc(nulls_last=True) if backwards else path.asc(nulls_first=True)
            return [first, *last]
        return [path.desc() if backwards else path.asc(), *last]

    def _then(self, lookup: str) -> str:
        return next((column.then for column in self.columns if column.sort == lookup), "")

    def _beyond(self, lookup: str, anchor: str, *, backwards: bool) -> Q:
        then = self._then(lookup)
        value, tie, pk = self._read_key(anchor, then)
        side = "lt" if backwards else "gt"
        if lookup == "pk":
            return Q(**{f"pk__{side}": pk})
        same = Q(**{f"pk__{side}": pk})
        if then:
            same = Q(**{f"{then}__{side}": tie}) | Q(**{then: tie}) & same
        if value is None:
            here = Q(**{f"{lookup}__isnull": True}) & same
            return here if backwards else here | Q(**{f"{lookup}__isnull": False})
        beyond = Q(**{f"{lookup}__{side}": value}) | Q(**{lookup: value}) & same
        return beyond | Q(**{f"{lookup}__isnull": True}) if backwards and self._nullable(lookup) else beyond

    def _nullable(self, lookup: str) -> bool:
        model: Any = self.rows.model
        nullable = False
        for step in lookup.split("__"):
            try:
                field = model._meta.get_field(step)  # noqa: SLF001 - the documented door to a model's fields
            except FieldDoesNotExist:
                return nullable
            nullable = nullable or getattr(field, "null", False)
            model = getattr(field, "related_model", None) or model
        return nullable

    def _key(self, row: M, lookup: str) -> str:
        found: Any = row
        for step in lookup.split("__"):
            found = getattr(found, step, None)
        then = self._then(lookup)
        key = [found, getattr(row, then), row.pk] if then else [found, row.pk]
        return json.dumps(key, ensure_ascii=False, separators=(",", ":"), default=str)

    def _read_key(self, anchor: str, then: str) -> tuple[Any, Any, Any]:
        try:
            read = json.loads(anchor)
        except (ValueError, RecursionError) as wrong:
            raise PlaceNotFound from wrong
        if not isinstance(read, list) or len(read) != (
            3 if then else 2
        ):  # value, what sorts equals if anything does, key
            raise PlaceNotFound
        value, tie, pk = read[0], read[1] if then else "", read[-1]
        loose = any(isinstance(one, list | dict | bool) for one in (value, tie)) or tie is None
        if loose or not isinstance(pk, int | str) or isinstance(pk, bool):
            raise PlaceNotFound
        return value, tie, pk

    def _address(self, **words: str) -> str:
        query = self.query.copy()
        for gone in ("after", "before", "export"):
            query.pop(gone, None)
        for word, value in words.items():
            query[word] = value
        return f"?{query.urlencode()}"


@dataclass(frozen=True)
class Page(Generic[M]):
    """What the list's template draws."""

    listing: Listing[M]
    rows: list[M]
    total: int
    total_is_more: bool
    next_url: str
    previous_url: str

    @property
    def columns(self) -> list[Column[Any]]:
        """Return the columns on screen."""
        return [column for column in self.listing.columns if column.shown]

    @property
    def table(self) -> list[tuple[M, list[tuple[Column[Any], object]]]]:
        """Return each row with its drawn cells."""
        return [(row, [(column, column.drawn(row)) for column in self.columns]) for row in self.rows]

    @property
    def filters(self) -> list[tuple[Filter, dict[str, Any]]]:
        """Return each filter with what its template draws."""
        return [(one, one.context(self.listing.query)) for one in self.listing.filters]

    @property
    def is_filtered(self) -> bool:
        """Tell whether a filter narrows the list."""
        narrows_nothing = STATE_WORDS | self.listing.subject_words
        return any(value for word, value in self.listing.query.items() if word not in narrows_nothing)

    @property
    def subject(self) -> list[tuple[str, str]]:
        """Return the words of the address that the filters have to keep."""
        return [(word, str(value)) for word, value in self.listing.query.items() if word in self.listing.subject_words]

    @property
    def filter_query(self) -> str:
        """Return the query string of filters and sort, without the place in the list."""
        query = self.listing.query.copy()
        for word in ("after", "before", "export", "view"):
            query.pop(word, None)
        return query.urlencode()

    @property
    def saved_views(self) -> list[Any]:
        """Return the reader's saved views of this list."""
        return saved_views.of(self.listing.request, self.listing.name)

    @property
    def importable(self) -> bool:
        """Tell whether the rows can be taken out as a file that can be handed in again."""
        return bool(self.listing.import_columns)

    @property
    def actions(self) -> Sequence[BulkAction]:
        """Return the bulk actions."""
        return self.listing.actions
