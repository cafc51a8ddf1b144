"""Bills, their lines, and an employee's own costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Case, F, Max, QuerySet, Sum, When
from django.db.models.functions import TruncMonth

from sportello.billing.fatturapa.reading import read_parties
from sportello.billing.models import Bill, BillFile, BillLine, PriceRow
from sportello.billing.states import OPEN, VOID, ChargeKind
from sportello.billing.types import Party
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.money import AmountField
from sportello.kernel.scope import ScopedQuerySet

MOST_LOOKED_AT: Final = 20


def bills(actor: Actor) -> ScopedQuerySet[Bill]:
    """Return the bills that the reader may see; who sees their own costs only sees no bill."""
    rows = Bill.objects.for_(actor)
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        return rows.none()
    return rows.select_related("organisation", "agreement")


def bill_of(actor: Actor, pk: int) -> Bill:
    """Return one bill. Raises `NotFound`."""
    return bills(actor).select_related("file").defer("file__content").get_or_refuse(pk=pk)


def open_bill(actor: Actor) -> Bill | None:
    """Return the newest bill of which something is to be paid and whose number is no other's, or None where the newest ones are paid."""
    counted = bills(actor).filter(credit=False).exclude(state__in=VOID)
    newest = counted.filter(payment_state__in=OPEN).order_by("-issue_date", "-pk")[:MOST_LOOKED_AT]
    return next((row for row in newest if counted.filter(number=row.number, year=row.year).count() == 1), None)


def parties_of(actor: Actor, bill: Bill) -> tuple[Party, Party]:
    """Return the supplier and the customer as the document itself names them, with their seats."""
    return read_parties(bytes(BillFile.objects.for_(actor).get_or_refuse(pk=bill.file_id).content))


def lines_of(actor: Actor, bill: Bill) -> ScopedQuerySet[BillLine]:
    """Return the lines of a bill in its order."""
    rows = BillLine.objects.for_(actor).filter(bill=bill)
    return rows.select_related("person", "cost_centre", "line", "dispute")


def files(actor: Actor) -> ScopedQuerySet[BillFile]:
    """Return the files that came in, for the operator's pages, without their contents."""
    return BillFile.objects.for_(actor).select_related("organisation").defer("content")


def prices() -> QuerySet[PriceRow]:
    """Return the price list of bill runs."""
    return PriceRow.objects.select_related("plan").order_by("code")


def cost_centres_billed(actor: Actor, bill: Bill) -> list[tuple[str, Decimal]]:
    """Return each cost centre of a bill with what its lines add up to, the dearest first; lines without one under an empty code."""
    rows = BillLine.objects.for_(actor).filter(bill=bill).order_by().values("cost_centre_code")
    return [(row["cost_centre_code"], row["sum"]) for row in rows.annotate(sum=Sum("amount")).order_by("-sum")]


def sums_by_charge(actor: Actor, bill: Bill) -> list[tuple[str, Decimal]]:
    """Return each kind of charge of a bill with what its lines add up to."""
    rows = BillLine.objects.for_(actor).filter(bill=bill).order_by().values("charge").annotate(sum=Sum("amount"))
    found = {row["charge"]: row["sum"] for row in rows}
    return [(str(kind.label), found[kind.value]) for kind in ChargeKind if kind.value in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMonth:
    """What a person's lines cost in a month, by charge, net of VAT."""

    month: date
    amounts: dict[str, Decimal]

    @property
    def amount(self) -> Decimal:
        """Return the whole amount."""
        return sum(self.amounts.values(), Decimal(0))


def own_lines(actor: Actor) -> ScopedQuerySet[BillLine]:
    """Return the lines of bills for what the reader alone held, whatever else they may see; refused bills count for nothing."""
    rows = BillLine.objects.for_(actor).filter(
        person_id=actor.person_id or 0, organisation_id=actor.organisation_id or 0
    )
    return rows.exclude(bill__state__in=VOID).select_related("bill", "line")


def months_owned(actor: Actor, *, most: int = 12) -> list[OwnMonth]:
    """Return the last billed months of the reader's own lines, oldest first; credit notes take off."""
    signed = Case(When(bill__sign=-1, then=F("amount") * -1), default=F("amount"), output_field=AmountField())
    rows = (
        own_lines(actor)
        .exclude(period_from=None)
        .order_by()
        .annotate(month=TruncMonth("period_from"), signed=signed)
        .values("month", "charge")
        .annotate(sum=Sum("signed"))
    )
    months: dict[date, dict[str, Decimal]] = {}
    for row in rows:
        months.setdefault(row["month"], {})[row["charge"]] = row["sum"]
    return [OwnMonth(month=month, amounts=months[month]) for month in sorted(months)[-most:]]


def latest_own_month(actor: Actor) -> date | None:
    """Return the last month that was billed to the reader's own lines, or None."""
    found: date | None = own_lines(actor).aggregate(last=Max("period_from"))["last"]
    return found.replace(day=1) if found else None
