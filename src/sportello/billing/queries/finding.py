"""Finding what a document speaks of: the customer, its agreement, lines with their holders, cost centres."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from sportello.billing.rules import Candidate
from sportello.billing.states import ChargeKind
from sportello.billing.types import BillDocument, DetailLine, Party
from sportello.inventory.models import Agreement, LinePeriod
from sportello.kernel.actor import Actor
from sportello.kernel.phones import normalise
from sportello.kernel.refusals import InvalidInput
from sportello.parties.models import CostCentre, Organisation
from sportello.parties.states import OrganisationKind

NUMBER_KINDS: Final = frozenset(
    {"LINEA", "TELEFONO", "NUMERO", "NUMTEL", "UTENZA", "MSISDN", "CLI", "LINE", "SIM", "CELLULARE"}
)
CENTRE_KINDS: Final = frozenset({"CDC", "CENTROCOST", "CENTRO COS", "CENTROCDC", "COSTCENTRE", "COSTCENTER"})
CHARGE_KINDS: Final = frozenset({"VOCE", "TIPOVOCE", "TIPO VOCE", "CHARGE", "CHARGETYPE"})
CHARGES: Final = {
    "CANONE": ChargeKind.FEE, "CANONI": ChargeKind.FEE, "FEE": ChargeKind.FEE, "ABBONAMENTO": ChargeKind.FEE,
    "TRAFFICO": ChargeKind.TRAFFIC, "TRAFFIC": ChargeKind.TRAFFIC, "CONSUMI": ChargeKind.TRAFFIC, "CONSUMO": ChargeKind.TRAFFIC,
    "TERMINALE": ChargeKind.DEVICE, "TERMINALI": ChargeKind.DEVICE, "DEVICE": ChargeKind.DEVICE, "NOLEGGIO": ChargeKind.DEVICE,
    "UNATANTUM": ChargeKind.ONE_OFF, "UNA TANTUM": ChargeKind.ONE_OFF, "ONE_OFF": ChargeKind.ONE_OFF, "ATTIVAZIONE": ChargeKind.ONE_OFF,
    "SCONTO": ChargeKind.DISCOUNT, "SCONTI": ChargeKind.DISCOUNT, "DISCOUNT": ChargeKind.DISCOUNT,
}  # fmt: skip
"""The words of charges, in AltriDatiGestionali or at the start of the description."""
_WORD: Final = re.compile(r"[A-Z_]+")


def candidates_for(actor: Actor, party: Party) -> list[Candidate]:
    """Return the customers that have the bill's VAT number or tax code, as either."""
    numbers = {one for one in (party.vat_number, party.tax_code) if one}
    written = numbers | {f"{party.country}{one}" for one in numbers if party.country}
    rows = Organisation.objects.for_(actor).filter(
        Q(vat_number__in=written) | Q(tax_code__in=written), kind=OrganisationKind.CUSTOMER
    )
    return [candidate(row) for row in rows.order_by("pk")]


def candidate(row: Organisation) -> Candidate:
    """Return what the rule of assignment knows of a customer."""
    return Candidate(
        pk=row.pk,
        name=row.legal_name,
        vat_number=row.vat_number,
        tax_code=row.tax_code,
        office_code=row.ipa_code,
        public=row.public_administration and row.country == "IT",
    )


ROME: Final = ZoneInfo("Europe/Rome")


@dataclass(slots=True)
class Stock:
    """A customer's inventory as far as a document speaks of it."""

    periods: dict[str, list[LinePeriod]] = field(default_factory=dict)
    centres: dict[str, CostCentre] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    zone: ZoneInfo = ROME


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a line of a bill belongs: what was written, and what was found."""

    number: str = ""
    centre_code: str = ""
    charge: ChargeKind = ChargeKind.OTHER
    line_id: int | None = None
    period_id: int | None = None
    person_id: int | None = None
    cost_centre_id: int | None = None
    agreement_id: int | None = None


def stock_of(actor: Actor, customer: Organisation, document: BillDocument) -> Stock:
    """Return the customer's periods of the numbers that the document names, its cost centres and agreements, in few queries."""
    numbers = {number for line in document.lines for number in _numbers(line)}
    return Stock(
        periods=_periods(actor, customer, numbers),
        centres={row.code.upper(): row for row in CostCentre.objects.for_(actor).filter(organisation=customer)},
        agreements={row.code.upper(): row for row in Agreement.objects.for_(actor).filter(organisation=customer)},
        zone=ZoneInfo(customer.time_zone),
    )


def place_of(line: DetailLine, stock: Stock, first: date, last: date) -> Place:
    """Return where a line belongs. `first` and `last` (inclusive) are the billed days.

    A number that changed hands is that of the customer's own periods of those days; the holder is named only when alone.
    """
    number, periods = _line_named(line, stock, first, last)
    centre_code, centre = _centre_named(line, stock)
    line_ids = {period.line_id for period in periods}
    one = periods[-1] if len(line_ids) == 1 else None
    holders = {period.person_id for period in periods}
    if centre is None and one is not None:
        centre = one.cost_centre
    return Place(
        number=number,
        centre_code=centre_code or (centre.code if centre else ""),
        charge=charge_of(line),
        line_id=one.line_id if one else None,
        period_id=one.pk if one else None,
        person_id=holders.pop() if one and len(holders) == 1 and _covers(periods, stock, first, last) else None,
        cost_centre_id=centre.pk if centre else None,
        agreement_id=one.line.agreement_id if one else None,
    )


def charge_of(line: DetailLine) -> ChargeKind:
    """Return what a line is for: by its VOCE, else by the first word of its description, else by its sign."""
    for reference in line.references:
        if reference.kind.upper() in CHARGE_KINDS and reference.text.upper() in CHARGES:
            return CHARGES[reference.text.upper()]
    word = _WORD.match(line.description.upper())
    known = CHARGES.get(word[0]) if word else None
    return known or (ChargeKind.DISCOUNT if line.amount < 0 else ChargeKind.OTHER)


def agreement_named(document: BillDocument, stock: Stock, places: Collection[Place]) -> int | None:
    """Return the agreement: the one whose code the document names, else the one that all lines found are of."""
    for order in document.orders:
        found = stock.agreements.get(order.document.upper())
        if found:
            return found.pk
    ids = {place.agreement_id for place in places if place.agreement_id}
    return ids.pop() if len(ids) == 1 else None


def _periods(actor: Actor, customer: Organisation, numbers: set[str]) -> dict[str, list[LinePeriod]]:
    found: dict[str, list[LinePeriod]] = defaultdict(list)
    rows = LinePeriod.objects.for_(actor).filter(organisation=customer, number__among=numbers)
    for row in rows.select_related("line", "cost_centre").order_by("active_from"):
        found[row.number].append(row)
    return dict(found)


def _numbers(line: DetailLine) -> list[str]:
    """Return the numbers that a line names, the surest first, each as written and in E.164."""
    named = [one.text for one in line.references if one.kind.upper() in NUMBER_KINDS]
    texts = [*named, line.administration_reference, *(one.text for one in line.references)]
    return [form for text in texts if text for form in _forms(text)]


def _forms(text: str) -> list[str]:
    bare = text.strip()
    try:
        return [bare, normalise(bare)]
    except InvalidInput:
        return [bare]


def _line_named(line: DetailLine, stock: Stock, first: date, last: date) -> tuple[str, list[LinePeriod]]:
    start, end = _bounds(stock, first, last)
    for number in _numbers(line):
        periods = [
            one
            for one in stock.periods.get(number, [])
            if one.active_from < end and (one.active_to is None or one.active_to > start)
        ]
        if periods:
            return number, periods
    named = [one.text for one in line.references if one.kind.upper() in NUMBER_KINDS]
    return (_forms(named[0])[-1][:40] if named else ""), []


def _centre_named(line: DetailLine, stock: Stock) -> tuple[str, CostCentre | None]:
    named = [one.text for one in line.references if one.kind.upper() in CENTRE_KINDS]
    for text in (*named, line.administration_reference):
        if text.upper() in stock.centres:
            return stock.centres[text.upper()].code, stock.centres[text.upper()]
    return (named[0][:60] if named else ""), None


def _bounds(stock: Stock, first: date, last: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(first, time(), tzinfo=stock.zone)
    return begin, datetime.combine(last + timedelta(days=1), time(), tzinfo=stock.zone)


def _covers(periods: list[LinePeriod], stock: Stock, first: date, last: date) -> bool:
    """Tell whether the periods leave no part of the billed days in which the line stood with another holder or another customer.

    A line that began or ended within them has had no other holder under this customer: its own bill line is of its own days.
    """
    start, end = _bounds(stock, first, last)
    ordered = sorted(periods, key=lambda one: one.active_from)
    joined = all(a.active_to == b.active_from for a, b in pairwise(ordered))
    return joined and ordered[0].active_from < end and (ordered[-1].active_to is None or ordered[-1].active_to > start)
