"""Totals by cost centre, line, person, kind, zone and agreement, as things stood when the traffic was made.

All stand on `PeriodMonth` (the company's part: G14), whose period says who held the line, in which cost centre, at that time; where nothing
narrows them, on the customer's own sums. Both are written by the same load, so that the parts of any grouping add up to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from sportello.inventory.models import Line
from sportello.inventory.queries import lines_sought
from sportello.kernel.actor import Actor
from sportello.kernel.money import amount_value
from sportello.usage.analysis.labels import named
from sportello.usage.analysis.types import Analysis, Asked, Group, Grouping, Sums
from sportello.usage.models import CustomerMonth, PeriodMonth
from sportello.usage.states import TrafficType, Zone

PATHS: Mapping[str, str] = {
    "cost_centre": "period__cost_centre",
    "person": "period__person",
    "agreement": "period__agreement",
    "line": "period__line",
}
"""Where each thing to group by is found from the sums of a period."""

QUANTITIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "records": (("records",), ()),
    "voice_s": (("voice_s",), ("voice",)),
    "messages": (("sms_count", "mms_count"), ("sms", "mms")),
    "data_bytes": (("data_bytes",), ("data",)),
}
"""Each quantity: its columns, and the kinds of traffic that it is told for (none: only where all kinds count)."""


def analysis(actor: Actor, asked: Asked, *, start: int = 0, most: int = 50) -> Analysis:
    """Return `most` groups from place `start` on, and the sum over all of them."""
    total = totals(actor, asked)
    if asked.by in {Grouping.TYPE, Grouping.ZONE}:
        groups = sorted(_by_kind(actor, asked), key=lambda one: _order(asked, one), reverse=not asked.ascending)
        return Analysis(groups=groups, more=False, total=total)
    rows = list(_grouped(actor, asked)[start : start + most + 1])
    names = named(actor, asked.by, [row["key"] for row in rows[:most]])
    groups = [
        Group(key=str(row["key"] or 0), label=names[row["key"]][0], note=names[row["key"]][1], sums=_sums(row))
        for row in rows[:most]
    ]
    return Analysis(groups=groups, more=len(rows) > most, total=total)


def totals(actor: Actor, asked: Asked) -> Sums:
    """Return the sum over everything that is asked for."""
    if asked.narrowed:
        return _sums(_periods(actor, asked).aggregate(**_measures(asked)))
    wanted = {f"sum_{name}": _customers_quantity(asked, name) for name in _quantities(asked)}
    row = _customers(actor, asked).aggregate(**_span(asked, F("amount")), **wanted)
    return _sums({name.removeprefix("sum_"): value for name, value in row.items()})


def latest_month(actor: Actor, customer: int | None = None) -> Any:
    """Return the last month with traffic of what the reader reaches, or of one customer in it; None where there is none."""
    rows = CustomerMonth.objects.for_(actor)
    rows = rows if customer is None else rows.filter(organisation_id=customer)
    return rows.aggregate(latest=Max("month"))["latest"]


def _grouped(actor: Actor, asked: Asked) -> Any:
    rows: Any
    if asked.by is Grouping.CUSTOMER:
        measures = _span(asked, F("amount"))
        rows = _customers(actor, asked).values(key=F("organisation_id"))
    else:
        measures = _measures(asked)
        rows = _periods(actor, asked).values(key=F(f"{PATHS[asked.by]}_id"))
    sign = "" if asked.ascending else "-"
    rows = rows.annotate(**measures).annotate(difference=F("now") - F("before"))
    return rows.order_by(f"{sign}{asked.order}", "key")


def _by_kind(actor: Actor, asked: Asked) -> list[Group]:
    labels = TrafficType.choices if asked.by is Grouping.TYPE else Zone.choices
    found = _cells_added(actor, asked) if asked.narrowed else _kinds_of_customer(actor, asked)
    return [Group(key=key, label=str(label), sums=found[key]) for key, label in labels if key in found]


def _kinds_of_customer(actor: Actor, asked: Asked) -> dict[str, Sums]:
    column = "traffic_type" if asked.by is Grouping.TYPE else "zone"
    rows = _customers(actor, asked).order_by().values(key=F(column)).annotate(**_span(asked, F("amount")))
    return {row["key"]: _sums(row) for row in rows}


def _cells_added(actor: Actor, asked: Asked) -> dict[str, Sums]:
    place = 0 if asked.by is Grouping.TYPE else 1
    wanted: dict[str, Any] = {}
    for cell in asked.cells:
        span = _span(asked, F(cell))
        wanted |= {f"{cell}_now": span["now"], f"{cell}_before": span["before"]}
    row = _periods(actor, asked).aggregate(**wanted)
    found: dict[str, Sums] = {}
    for cell in asked.cells:
        key = cell.split("_", 1)[place]
        old = found.get(key, Sums(now=Decimal(0), before=Decimal(0)))
        found[key] = Sums(now=old.now + row[f"{cell}_now"], before=old.before + row[f"{cell}_before"])
    return found


def _periods(actor: Actor, asked: Asked) -> QuerySet[PeriodMonth]:
    """Return the sums of the periods that count, of the months asked for and of those before."""
    rows: QuerySet[PeriodMonth] = PeriodMonth.objects.for_(actor).filter(
        month__gte=asked.before, month__lte=asked.until
    )
    if asked.customer is not None:
        rows = rows.filter(organisation_id=asked.customer)
    for name, path in PATHS.items():
        wanted = getattr(asked, name)
        if wanted is not None:
            rows = rows.filter(**{path: wanted}) if wanted else rows.filter(**{f"{path}__isnull": True})
    if asked.words:
        found = lines_sought(actor, Line.objects.for_(actor), asked.words)
        rows = rows.filter(period__line__in=found.order_by().values("pk"))
    return rows


def _customers(actor: Actor, asked: Asked) -> QuerySet[CustomerMonth]:
    rows: QuerySet[CustomerMonth] = CustomerMonth.objects.for_(actor)
    rows = rows.filter(month__gte=asked.before, month__lte=asked.until)
    wanted = {"organisation_id": asked.customer, "traffic_type": asked.traffic_type, "zone": asked.zone}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _measures(asked: Asked) -> dict[str, Any]:
    """Return what is added up of periods; what was used is not kept by zone."""
    whole = not asked.traffic_type and not asked.zone
    amount: Any = F("amount") if whole else reduce(add, (F(cell) for cell in asked.cells))
    return _span(asked, amount) | {name: _quantity(asked, name) for name in _quantities(asked)}


def _quantities(asked: Asked) -> list[str]:
    if asked.zone:
        return []
    return [
        name for name, (_columns, kinds) in QUANTITIES.items() if not asked.traffic_type or asked.traffic_type in kinds
    ]


def _quantity(asked: Asked, name: str) -> Any:
    columns, kinds = QUANTITIES[name]
    if asked.traffic_type and len(kinds) > 1:
        columns = (columns[kinds.index(asked.traffic_type)],)
    return Coalesce(Sum(reduce(add, (F(column) for column in columns)), filter=Q(month__gte=asked.since)), 0)


def _customers_quantity(asked: Asked, name: str) -> Any:
    """Return the same quantity of the customers' own sums, which keep one row a kind."""
    column = {"voice_s": "duration_s", "data_bytes": "volume_bytes"}.get(name, "records")
    _columns, kinds = QUANTITIES[name]
    counted = Q(month__gte=asked.since) & (Q(traffic_type__in=kinds) if kinds else Q())
    return Coalesce(Sum(column, filter=counted), 0)


def _span(asked: Asked, amount: Any) -> dict[str, Any]:
    nothing = amount_value(Decimal(0))
    return {
        "now": Coalesce(Sum(amount, filter=Q(month__gte=asked.since)), nothing),
        "before": Coalesce(Sum(amount, filter=Q(month__lt=asked.since)), nothing),
    }


def _sums(row: Mapping[str, Any]) -> Sums:
    return Sums(now=row["now"], before=row["before"], **{name: row[name] for name in QUANTITIES if name in row})


def _order(asked: Asked, group: Group) -> Decimal:
    found: Decimal = getattr(group.sums, asked.order)
    return found
