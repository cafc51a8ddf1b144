"""How many lines there are, of which sort, and how that went over the months."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When

from sportello.inventory.models import Line
from sportello.inventory.states import LineKind, LineStatus
from sportello.inventory.types import MonthCount, Share
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_month, month_bounds, previous_month
from sportello.kernel.chunks import in_chunks

AT_ONCE: Final = 800
"""Ids asked for in one query: databases bound the number of parameters."""

_LABELS: Final[dict[str, dict[str, Any]]] = {
    "kind": dict(LineKind.choices),
    "status": dict(LineStatus.choices),
}
_NAMES: Final = {
    "plan": "plan__name",
    "site": "site__name",
    "cost_centre": "cost_centre__code",
    "agreement": "agreement__code",
    "organisation": "organisation__legal_name",
}


def totals(actor: Actor, by: str, *, rows: QuerySet[Line] | None = None, ended: bool = False) -> list[Share]:
    """Return how many lines have each value of `by` (kind, status, plan, site, cost_centre, agreement, organisation), the most first.

    Lines that have ended count only when `ended`; `rows` narrows to some of the lines in reach.
    """
    counted = Line.objects.for_(actor) if rows is None else rows
    counted = counted if ended else counted.exclude(status=LineStatus.TERMINATED)
    column = f"{by}_id" if by in _NAMES else by
    found = dict(counted.order_by().values_list(column).annotate(Count("pk")))
    return _shares(by, found)


def totals_at_once(actor: Actor, *bys: str) -> dict[str, list[Share]]:
    """Return what `totals` returns of each of `bys`, from one reading of the lines; those that have ended count by status alone.

    For values that are few: kinds, states, plans. One with a value for nearly each line is better asked for by itself.
    """
    columns = [f"{by}_id" if by in _NAMES else by for by in bys]
    counts: dict[str, Counter[Any]] = {by: Counter() for by in bys}
    for status, *values, lines in Line.objects.for_(actor).order_by().values_list("status", *columns).annotate(Count("pk")):
        for by, value in zip(bys, values, strict=True):
            if by == "status" or status != LineStatus.TERMINATED:
                counts[by][value] += lines
    return {by: _shares(by, found) for by, found in counts.items()}


def _shares(by: str, found: Mapping[Any, int]) -> list[Share]:
    labels = _labels(by, list(found))
    shares = [Share(str(value or ""), str(labels.get(value, "")), count) for value, count in found.items()]
    return sorted(shares, key=lambda share: (-share.lines, share.label))


def active_lines_by_month(actor: Actor, *, now: datetime, months: int = 24, zone: str = "Europe/Rome") -> list[MonthCount]:
    """Return how many lines of each kind were held at the end of each of the last `months` local months, the running month now.

    Two scans whatever the number of months: lines are sorted by the month in which they began, and in which they ended.
    """
    edges = _edges(now, months, ZoneInfo(zone))
    rows = Line.objects.for_(actor).order_by()
    begun = _by_month(rows, "active_from", edges)
    ended = _by_month(rows.exclude(active_to=None), "active_to", edges)
    held: Counter[str] = Counter()
    counts = []
    for place, (month, _end) in enumerate(edges):
        for kind in LineKind.values:
            held[kind] += begun[place, kind] - ended[place, kind]
            counts.append(MonthCount(month, kind, held[kind]))
    return counts


def _labels(by: str, values: list[Any]) -> dict[Any, Any]:
    if by in _LABELS:
        return _LABELS[by]
    related: Any = Line._meta.get_field(by).related_model  # noqa: SLF001 - Django's documented door to a model's fields
    manager = related.objects
    rows = manager.all() if by == "plan" else manager.across_tenants(reason="names of what the counted lines have")
    column = _NAMES[by].rpartition("__")[2]
    chunks = in_chunks((value for value in values if value), AT_ONCE)
    return {pk: name for some in chunks for pk, name in rows.filter(pk__in=some).values_list("pk", column)}


def _edges(now: datetime, months: int, zone: ZoneInfo) -> list[tuple[date, datetime]]:
    month, edges = local_month(now, zone), []
    for _place in range(months):
        edges.append((month, min(month_bounds(month, zone)[1], now)))
        month = previous_month(month)
    return edges[::-1]


def _by_month(rows: QuerySet[Line], field: str, edges: list[tuple[date, datetime]]) -> dict[tuple[int, str], int]:
    """Count rows by kind and by the first edge that their instant lies before (the last: not later than now)."""
    *earlier, (_month, last) = edges
    # All kinds there are: with them named, the databases count from an index that begins with the kind and holds both instants.
    until = rows.filter(kind__in=LineKind.values, **{f"{field}__lte": last})
    counts: dict[tuple[int, str], int] = defaultdict(int)
    place = _place(field, [end for _month, end in earlier], 0)
    grouped = until.annotate(place=place).values_list("place", F("kind")).annotate(lines=Count("pk"))
    for step, kind, count in grouped:
        counts[step, kind] += count
    return counts


def _place(field: str, ends: list[datetime], first: int) -> Case | Value:
    """Return the place of the first of the ends that an instant lies before, halving them: five comparisons a row instead of dozens."""
    if not ends:
        return Value(first, output_field=IntegerField())
    half = len(ends) // 2
    before, after = _place(field, ends[:half], first), _place(field, ends[half + 1 :], first + half + 1)
    return Case(When(**{f"{field}__lt": ends[half]}, then=before), default=after, output_field=IntegerField())
