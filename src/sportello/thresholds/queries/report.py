"""The report "lines above X EUR at a date": read off the sums of months; for a day inside a month, off the records.

Amounts are net of VAT and the company's: private traffic of dual billing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
from django.db.models import (
    BigIntegerField,
    Case,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast

from sportello.inventory.models import LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import day_bounds, next_month
from sportello.kernel.money import AmountField, from_units
from sportello.thresholds.models import Threshold
from sportello.thresholds.rules.periods import ONE_DAY
from sportello.thresholds.states import Measure, State, Traffic, Zone
from sportello.usage import queries as usage
from sportello.usage.models import LineMonth, PeriodMonth

MOST_OF_A_DAY: Final = 1_000
"""Of a day inside a month, so many lines with the highest amounts are listed."""

TYPES: Final = {
    Traffic.ALL: ("voice", "sms", "mms", "data"),
    Traffic.VOICE: ("voice",),
    Traffic.SMS: ("sms", "mms"),
    Traffic.DATA: ("data",),
}
ZONES: Final = ("national", "eu", "extra_eu")

_UNTIL: Final = """
SELECT period_id, sum(amount_e5)::BIGINT FROM read_parquet($files)
WHERE personal = '0' AND epoch_us(started_at) < $until AND list_contains($types, traffic_type::VARCHAR)
GROUP BY period_id HAVING sum(amount_e5) <> 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What a reader asks: lines that had spent more than `amount` (1e-5 EUR) of a traffic by the end of a day, in that day's month."""

    amount: int
    on: date
    traffic: str = Traffic.ALL

    @property
    def month(self) -> date:
        """Return the month of the day."""
        return self.on.replace(day=1)

    def whole_month(self, today: date) -> bool:
        """Tell whether the sums of the month answer: its last day, today, or later."""
        return self.on >= today or self.on == next_month(self.month) - ONE_DAY


def lines_above(actor: Actor, asked: Above, *, today: date, zone: str) -> QuerySet[Any]:
    """Return the month's sums of the lines above the amount, with `spent` and `limit` (that of their lowest threshold for it, or None)."""
    rows: Any = LineMonth.objects.for_(actor).filter(month=asked.month)
    rows = rows.select_related("line__person", "line__cost_centre", "organisation")
    if not asked.whole_month(today):
        rows = _at_day(actor, rows, asked, zone)
    elif asked.traffic == Traffic.ALL:
        rows = rows.filter(amount__gt=from_units(asked.amount)).annotate(spent=F("amount"))
    else:
        rows = _of_type(actor, rows, asked)
    found: QuerySet[Any] = rows.annotate(limit=_limit(actor, asked.traffic))
    return found


def _of_type(actor: Actor, rows: Any, asked: Above) -> Any:
    """Add up the periods of each line in one pass, and once more for the lines that are above alone, for their order."""
    names = [F(f"{kind}_{zone}") for kind in TYPES[Traffic(asked.traffic)] for zone in ZONES]
    spent: Any = names[0]
    for name in names[1:]:
        spent = spent + name
    total = Sum(spent, output_field=AmountField())
    months = PeriodMonth.objects.for_(actor).filter(month=asked.month).order_by()
    over = months.values("period__line").annotate(total=total).filter(total__gt=from_units(asked.amount))
    mine = months.filter(period__line=OuterRef("line_id")).values("period__line").annotate(total=total).values("total")
    found = rows.filter(line_id__in=over.values("period__line"))
    return found.annotate(spent=Subquery(mine, output_field=AmountField()))


def _at_day(actor: Actor, rows: Any, asked: Above, zone: str) -> Any:
    found = _spent_until(actor, asked, zone)
    highest = sorted(((units, line) for line, units in found.items() if units > asked.amount), reverse=True)[
        :MOST_OF_A_DAY
    ]
    if not highest:
        return rows.none().annotate(spent=F("amount"))
    cases = [When(line_id=line, then=Value(units, output_field=BigIntegerField())) for units, line in highest]
    spent = Cast(Case(*cases, output_field=BigIntegerField()), AmountField())
    return rows.filter(line_id__in=[line for _units, line in highest]).annotate(spent=spent)


def _spent_until(actor: Actor, asked: Above, zone: str) -> dict[int, int]:
    """Return what the lines in reach had spent by the end of the day, in 1e-5 EUR, from the records."""
    files = [str(usage.store().root / part.name) for part in usage.parts_of(asked.month)]
    if not files:
        return {}
    until = int(day_bounds(asked.on, ZoneInfo(zone))[1].timestamp()) * 10**6
    given = {"files": files, "until": until, "types": list(TYPES[Traffic(asked.traffic)])}
    with duckdb.connect(config={"threads": 2}) as engine:
        sums = dict(engine.execute(_UNTIL, given).fetchall())
    lines: dict[int, int] = {}
    for period_id, line_id in LinePeriod.objects.for_(actor).order_by().values_list("pk", "line_id").iterator():
        if period_id in sums:
            lines[line_id] = lines.get(line_id, 0) + sums[period_id]
    return lines


def _limit(actor: Actor, traffic: str) -> Any:
    """Return the lowest limit in EUR that watches this traffic of the line everywhere, in 1e-5 EUR."""
    rows = Threshold.objects.for_(actor).filter(
        line=OuterRef("line_id"),
        owner=None,
        state=State.ACTIVE,
        measure=Measure.AMOUNT,
        traffic_type=traffic,
        zone=Zone.ANY,
    )
    lowest = rows.order_by().values("line").annotate(lowest=Min("limit_units")).values("lowest")
    return ExpressionWrapper(Subquery(lowest), BigIntegerField(null=True))


__all__ = ["MOST_OF_A_DAY", "Above", "lines_above"]
