"""The report "lines above X EUR at a date": read off the sums of months; for a day inside a month, off the records (`spent_above`).

Amounts are net of VAT and the company's: private traffic of dual billing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import BigIntegerField, ExpressionWrapper, F, Min, OuterRef, QuerySet, Subquery

from sportello.kernel.actor import Actor
from sportello.kernel.calendar import next_month
from sportello.kernel.money import from_units
from sportello.thresholds.models import Threshold
from sportello.thresholds.queries.counting import BY_MONTH
from sportello.thresholds.rules.periods import ONE_DAY
from sportello.thresholds.states import Measure, State, Traffic, Zone
from sportello.usage.models import LineMonth

SPENT: Final = {
    Traffic.ALL: "amount",
    Traffic.VOICE: "voice_amount",
    Traffic.SMS: "messages_amount",
    Traffic.DATA: "data_amount",
}
"""The column of a line's month for each traffic."""


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


def lines_above(actor: Actor, asked: Above) -> QuerySet[Any]:
    """Return the month's sums of the lines above the amount, with `spent`: narrow, to be sorted and paged, then read `with_lines`."""
    column = SPENT[Traffic(asked.traffic)]
    rows = LineMonth.objects.for_(actor).filter(month=asked.month, **{f"{column}__gt": from_units(asked.amount)})
    found: QuerySet[Any] = rows.annotate(spent=F(column)).only("pk")
    return found


def lines_of_month(actor: Actor, asked: Above) -> QuerySet[Any]:
    """Return the month's sums of all lines that used something in it, whatever they spent."""
    rows: QuerySet[Any] = LineMonth.objects.for_(actor).filter(month=asked.month)
    return rows


def with_lines(asked: Above, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the same rows with their lines, holders and cost centres, and `limit`, the line's lowest threshold for it, or None."""
    whole = rows.defer(None).select_related("line__person", "line__cost_centre", "organisation")
    found: QuerySet[Any] = whole.annotate(limit=_limit(asked.traffic))
    return found


def _limit(traffic: str) -> Any:
    """Return the lowest limit in EUR that watches this traffic of the line everywhere by the month, in 1e-5 EUR."""
    # The customer is said of the line, not of the threshold: its index is taken then, and not that of a customer's tens of thousands.
    rows = Threshold.objects.across_tenants(
        reason="the limits of lines in reach: the outer rows decide", opens_wall=False
    ).filter(
        line=OuterRef("line_id"),
        line__organisation=OuterRef("organisation_id"),
        owner=None,
        state=State.ACTIVE,
        measure=Measure.AMOUNT,
        traffic_type=traffic,
        zone=Zone.ANY,
    )
    rows = rows.filter(BY_MONTH)  # a day's limit says nothing of what was spent in a month
    lowest = rows.order_by().values("line").annotate(lowest=Min("limit_units")).values("lowest")
    return ExpressionWrapper(Subquery(lowest), BigIntegerField(null=True))


__all__ = ["Above", "lines_above", "lines_of_month", "with_lines"]
