"""Bill lines for traffic, held against the counters of the same lines and months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, F, Sum, When

from sportello.billing.models import Bill, BillLine
from sportello.billing.states import VOID, ChargeKind
from sportello.billing.types import ZERO
from sportello.inventory.models import Line
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import first_of_month, next_month
from sportello.kernel.money import AmountField, round_cents
from sportello.usage.models import LineMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a line was billed for traffic, here and on other bills of the same months, and what was counted; EUR net of VAT."""

    line_id: int
    number: str
    here: Decimal
    elsewhere: Decimal
    counted: Decimal

    @property
    def difference(self) -> Decimal:
        """Return what was billed too much (above zero) or too little."""
        return self.here + self.elsewhere - self.counted

    @property
    def agrees(self) -> bool:
        """Tell whether bill and counters are the same to the cent."""
        return round_cents(self.difference) == ZERO


def months_of(bill: Bill) -> list[date]:
    """Return the first days of the months that a bill bills."""
    if bill.period_from is None or bill.period_to is None:
        return []
    months, month = [], first_of_month(bill.period_from)
    while month <= bill.period_to:
        months.append(month)
        month = next_month(month)
    return months


def reconciliation(actor: Actor, bill: Bill) -> list[Difference]:
    """Return every line that the bill bills traffic of, or that has counted traffic in its agreement and months; the widest apart first."""
    months = months_of(bill)
    if not months:
        return []
    billed = _billed(actor, bill, months)
    counted = _counted(actor, bill, months, set(billed))
    numbers = _numbers(actor, set(billed) | set(counted))
    rows = [
        Difference(
            line_id=pk,
            number=numbers.get(pk, ""),
            here=billed.get(pk, (ZERO, ZERO))[0],
            elsewhere=billed.get(pk, (ZERO, ZERO))[1],
            counted=counted.get(pk, ZERO),
        )
        for pk in set(billed) | set(counted)
    ]
    return sorted(rows, key=lambda row: (-abs(row.difference), row.number))


def _billed(actor: Actor, bill: Bill, months: list[date]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return by line what this bill and what other bills of the customer bill for traffic of these months."""
    signed = Case(When(bill__sign=-1, then=F("amount") * -1), default=F("amount"), output_field=AmountField())
    rows = (
        BillLine.objects.for_(actor)
        .filter(
            organisation_id=bill.organisation_id,
            charge=ChargeKind.TRAFFIC,
            period_from__gte=months[0],
            period_from__lt=next_month(months[-1]),
        )
        .exclude(line=None)
        .exclude(bill__state__in=VOID)
        .order_by()
        .annotate(signed=signed)
        .values("line_id", "bill_id")
        .annotate(sum=Sum("signed"))
    )
    found: dict[int, tuple[Decimal, Decimal]] = {}
    others: dict[int, Decimal] = {}
    for row in rows:
        if row["bill_id"] == bill.pk:
            found[row["line_id"]] = (row["sum"], ZERO)
        else:
            others[row["line_id"]] = others.get(row["line_id"], ZERO) + row["sum"]
    return {pk: (here, others.get(pk, ZERO)) for pk, (here, _none) in found.items()}


def _counted(actor: Actor, bill: Bill, months: list[date], billed: set[int]) -> dict[int, Decimal]:
    rows = LineMonth.objects.for_(actor).filter(organisation_id=bill.organisation_id, month__in=months)
    found = rows.exclude(amount=ZERO).order_by().values("line_id", "line__agreement_id").annotate(sum=Sum("amount"))
    mine = {
        row["line_id"]: row["sum"]
        for row in found
        if row["line_id"] in billed or (bill.agreement_id and row["line__agreement_id"] == bill.agreement_id)
    }
    elsewhere = _billed_elsewhere(actor, bill, months, set(mine) - billed)
    return {pk: amount for pk, amount in mine.items() if pk not in elsewhere}


def _billed_elsewhere(actor: Actor, bill: Bill, months: list[date], lines: set[int]) -> set[int]:
    """Return those of the lines whose traffic is wholly another bill's: a large agreement is billed in several documents."""
    rows = BillLine.objects.for_(actor).filter(
        organisation_id=bill.organisation_id,
        charge=ChargeKind.TRAFFIC,
        period_from__gte=months[0],
        period_from__lt=next_month(months[-1]),
    )
    found = rows.exclude(bill=bill).exclude(bill__state__in=VOID).exclude(line=None)
    return lines & set(found.order_by().values_list("line_id", flat=True).distinct())


def _numbers(actor: Actor, ids: set[int]) -> dict[int, str]:
    return dict(Line.objects.for_(actor).filter(pk__among=ids).values_list("pk", "number"))
