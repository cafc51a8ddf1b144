"""What an agreement is charged for a month: fees of each line of the stock, then what it used, as lines of a bill to be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Sum

from sportello.billing.fatturapa.writing import STANDARD, WrittenLine, WrittenTax
from sportello.billing.models import PriceRow
from sportello.billing.states import ChargeKind
from sportello.billing.types import ZERO
from sportello.inventory.models import Agreement, Line
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import month_bounds, next_month
from sportello.usage.models import Counter
from sportello.usage.queries import amounts_untaxed
from sportello.usage.states import TrafficType
from sportello.usage.types import VatClass

ABROAD: Final = WrittenTax(rate=ZERO, nature="N2.1", law="Non soggette - art. 7-ter DPR 633/72")
TAXES: Final[Mapping[str, WrittenTax]] = {
    VatClass.STANDARD: STANDARD,
    VatClass.EXEMPT: WrittenTax(rate=ZERO, nature="N4", law="Esenti - art. 10 DPR 633/72"),
    VatClass.OUTSIDE: WrittenTax(rate=ZERO, nature="N2.2", law="Non soggette - DPR 633/72"),
}
"""How VAT falls on what the usage file calls standard, exempt and outside.

Assumed, for DOMAIN says only that VAT is not applied to roaming outside the EU (section 5): exempt is art. 10 (N4, the nature that
FatturaPA keeps for it), outside is N2.2 ("not subject, other cases") and not N1 (art. 15: sums advanced for the customer, which rated
traffic is not). Fees and devices of the price list are standard.
"""
CHARGE_WORDS: Final = {
    ChargeKind.FEE: "CANONE",
    ChargeKind.TRAFFIC: "TRAFFICO",
    ChargeKind.DEVICE: "TERMINALE",
    ChargeKind.ONE_OFF: "UNA TANTUM",
    ChargeKind.DISCOUNT: "SCONTO",
    ChargeKind.OTHER: "ALTRO",
}
TRAFFIC_WORDS: Final = {"voice": "voce", "sms": "SMS", "mms": "MMS", "data": "dati"}
"""A bill's own words are Italian whoever looks at it: it is a document of Italian tax law."""
CLASS_WORDS: Final[Mapping[str, str]] = {VatClass.EXEMPT: ", esente IVA", VatClass.OUTSIDE: ", fuori campo IVA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one kind of traffic of a line cost in a month, in one class of VAT; EUR net."""

    traffic_type: str
    vat_class: str
    amount: Decimal

    @property
    def words(self) -> str:
        """Return how a bill calls it."""
        return f"Traffico {TRAFFIC_WORDS[self.traffic_type]}{CLASS_WORDS.get(self.vat_class, '')}"


def charges_of(actor: Actor, agreement: Agreement, month: date) -> Iterator[WrittenLine]:
    """Give what an agreement is charged for a month: fees by line, then its traffic exactly as counted."""
    abroad = agreement.organisation.country != "IT"
    prices, used = _prices(month), _used(actor, agreement, month)
    for line in _stock(actor, agreement, month):
        for price in (*prices.get((line.plan_id, ""), ()), *prices.get((None, line.kind), ())):
            charge = _charge(line, month, price.amount, ChargeKind(price.charge))
            yield replace(charge, description=price.description, tax=ABROAD if abroad else STANDARD)
        for one in used.get(line.pk, ()):
            charge = _charge(line, month, one.amount, ChargeKind.TRAFFIC)
            yield replace(charge, description=one.words, tax=ABROAD if abroad else TAXES[one.vat_class])


def by_centre(charges: Sequence[WrittenLine]) -> list[WrittenLine]:
    """Return one line for each cost centre, charge, description and tax, of no telephone line."""
    sums: dict[tuple[str, str, str, str], list[WrittenLine]] = {}
    for line in charges:
        sums.setdefault((line.centre, line.charge, line.description, line.tax.nature), []).append(line)
    return [_summed(lines) for _key, lines in sorted(sums.items())]


def _summed(lines: Sequence[WrittenLine]) -> WrittenLine:
    amount = sum((line.amount for line in lines), start=ZERO)
    return replace(lines[0], number="", unit_price=amount, amount=amount)


def _stock(actor: Actor, agreement: Agreement, month: date) -> list[Line]:
    start, end = month_bounds(month, ZoneInfo(agreement.organisation.time_zone))
    rows = Line.objects.for_(actor).filter(agreement=agreement, active_from__lt=end).exclude(active_to__lte=start)
    return list(rows.select_related("cost_centre").order_by("number", "pk"))


def _charge(line: Line, month: date, amount: Decimal, kind: ChargeKind) -> WrittenLine:
    return WrittenLine(
        description="",
        quantity=Decimal(1),
        unit_price=amount,
        amount=amount,
        first=month,
        last=next_month(month) - timedelta(days=1),
        number=line.number,
        centre=line.cost_centre.code if line.cost_centre else "",
        charge=CHARGE_WORDS[kind],
    )


def _prices(month: date) -> Mapping[tuple[int | None, str], list[PriceRow]]:
    found: dict[tuple[int | None, str], list[PriceRow]] = {}
    rows = PriceRow.objects.filter(active_from__lte=month).order_by("code")
    for row in rows:
        if row.active_to is None or row.active_to > month:
            found.setdefault((row.plan_id, row.line_kind), []).append(row)
    return found


def _used(actor: Actor, agreement: Agreement, month: date) -> Mapping[int, list[Used]]:
    """Return by line what each kind of traffic cost at the company's charge, apart by class of VAT; together exactly the counters."""
    counters = Counter.objects.for_(actor).filter(
        organisation_id=agreement.organisation_id, line__agreement=agreement, month=month, personal=False
    )
    rows = counters.order_by().values_list("line_id", "traffic_type").annotate(sum=Sum("amount"))
    sums = {(line_id, traffic_type): amount for line_id, traffic_type, amount in rows}
    untaxed = amounts_untaxed(actor, agreement, month)
    found: dict[int, list[Used]] = {}
    for (line_id, traffic_type), amount in sorted(sums.items(), key=_in_order):
        found.setdefault(line_id, []).extend(_by_class(traffic_type, amount, untaxed.get((line_id, traffic_type), {})))
    return found


def _in_order(one: tuple[tuple[int, str], Decimal]) -> tuple[int, int]:
    (line_id, traffic_type), _amount = one
    return line_id, TrafficType.values.index(traffic_type)


def _by_class(traffic_type: str, amount: Decimal, untaxed: Mapping[VatClass, Decimal]) -> Iterator[Used]:
    """Give an amount by class: what the records say is untaxed, and all the rest as standard."""
    parts = {VatClass.STANDARD: amount - sum(untaxed.values(), ZERO), **untaxed}
    for vat_class in VatClass:
        if parts.get(vat_class):
            yield Used(traffic_type=traffic_type, vat_class=vat_class.value, amount=parts[vat_class])
