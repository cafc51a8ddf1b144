"""Lines whose month costs far more than is usual to them.

A line's usual is the middle (median) of its months with traffic among the six before; with fewer than three of them it has none yet. Of
the month that is not over, as much of the usual counts as time has passed. Unusual: more than `factor` times that, and at least `at_least`
EUR above it. Both numbers are the customer's (`UnusualRule`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField
from django.db.models.functions import Cast

from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import local_month, month_bounds, previous_month
from sportello.kernel.money import from_units, to_units
from sportello.kernel.scope import ScopedQuerySet
from sportello.usage.models import LineMonth, UnusualRule

MONTHS: Final = 6
LEAST_MONTHS: Final = 3
FACTOR, AT_LEAST = Decimal(2), Decimal(10)
"""What counts until a customer says otherwise: twice the usual, and ten euro above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """From when on a month is unusual: `factor` times the usual, and `at_least` EUR above it."""

    factor: Decimal = FACTOR
    at_least: Decimal = AT_LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """A line with what its month cost and what is usual to it (of the same part of a month), EUR net of VAT."""

    line: Line
    now: Decimal
    usual: Decimal

    @property
    def difference(self) -> Decimal:
        """Return by how much the month is above the usual."""
        return self.now - self.usual

    @property
    def times(self) -> Decimal | None:
        """Return how many times the usual it is; None where nothing is usual."""
        return self.now / self.usual if self.usual > 0 else None


def rule_of(actor: Actor, customer: int | None) -> Rule:
    """Return the rule of a customer, or what counts until they say otherwise."""
    row = UnusualRule.objects.for_(actor).filter(organisation_id=customer or 0).first()
    return Rule() if row is None else Rule(factor=row.factor, at_least=row.at_least)


def usual_of(amounts: Sequence[int]) -> int | None:
    """Return the middle of a line's months, or None of too few. In hundred-thousandths of a euro, rounded down."""
    return int(median(amounts)) if len(amounts) >= LEAST_MONTHS else None


def passed(month: date, zone: ZoneInfo, now: datetime) -> Decimal:
    """Return which share of a local month has passed: one of those that are over."""
    if month != local_month(now, zone):
        return Decimal(1)
    begins, ends = month_bounds(month, zone)
    return Decimal(int((now - begins).total_seconds())) / Decimal(int((ends - begins).total_seconds()))


def is_unusual(now: Decimal, usual: Decimal, rule: Rule) -> bool:
    """Tell whether an amount is unusual beside the usual one of the same time."""
    return now > usual * rule.factor and now - usual >= rule.at_least


def unusual_lines(actor: Actor, customer: int, month: date, *, share: Decimal, rule: Rule) -> list[Unusual]:
    """Return the lines of a customer whose month is unusual, the largest difference first."""
    amounts, history = _amounts(actor, customer, month, rule)
    found = {}
    for line_id, units in amounts.items():
        usual = usual_of(history.get(line_id, []))
        now, expected = from_units(units), from_units(usual or 0) * share
        if usual is not None and is_unusual(now, expected, rule):
            found[line_id] = (now, from_units(int(expected.scaleb(5))))
    lines = Line.objects.for_(actor).select_related("person", "cost_centre").in_bulk(list(found))
    rows = [Unusual(line=lines[pk], now=now, usual=usual) for pk, (now, usual) in found.items()]
    return sorted(rows, key=lambda one: (-one.difference, one.line.pk))


def _amounts(actor: Actor, customer: int, month: date, rule: Rule) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the month's amounts of the lines that may be unusual, and their amounts in the months before.

    In whole units: turning a hundred thousand amounts into decimals takes longer than reading them.
    """
    first = month
    for _each in range(MONTHS):
        first = previous_month(first)
    rows: ScopedQuerySet[LineMonth] = LineMonth.objects.for_(actor).filter(organisation_id=customer)
    candidates = rows.filter(month=month, amount__gte=from_units(to_units(rule.at_least)))
    units = Cast("amount", BigIntegerField())
    before = rows.filter(
        month__gte=first, month__lt=month, records__gt=0, line__in=candidates.order_by().values("line_id")
    )
    history: dict[int, list[int]] = defaultdict(list)
    for line_id, amount in before.order_by().values_list("line_id", units):
        history[line_id].append(amount)
    return dict(candidates.order_by().values_list("line_id", units)), history
