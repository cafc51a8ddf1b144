"""The bill run: a closed month out of price rows and counters, as FatturaPA XML that goes in by the door of any other file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Sum
from django.utils.translation import gettext_lazy as _

from sportello.billing.events import BillRunAsked, BillRunMade, PricesSet, TermsSet
from sportello.billing.fatturapa.writing import WrittenBill, WrittenLine, WrittenParty, write_bill
from sportello.billing.models import Bill, BillingTerms, PriceRow
from sportello.billing.operations.loading import load_file
from sportello.billing.rules.payment import USUAL_DAYS
from sportello.billing.states import ChargeKind, FileState, Source
from sportello.billing.types import ZERO
from sportello.inventory.models import Agreement, Line
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import month_bounds, next_month
from sportello.kernel.money import round_cents
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.sentences import told
from sportello.parties.models import Organisation, Site
from sportello.parties.states import OrganisationKind
from sportello.usage.models import Counter
from sportello.usage.states import TrafficType

MOST_DETAILS: Final = 3_000
"""Lines of one document: SdI takes files of 5 MB."""
VAT_RATE: Final = Decimal(22)
FIRST_YEAR: Final = 2020
ABROAD: Final = ("N2.1", "Non soggette - art. 7-ter DPR 633/72")
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHARGE_WORDS: Final = {
    ChargeKind.FEE: "CANONE",
    ChargeKind.TRAFFIC: "TRAFFICO",
    ChargeKind.DEVICE: "TERMINALE",
    ChargeKind.ONE_OFF: "UNA TANTUM",
    ChargeKind.DISCOUNT: "SCONTO",
    ChargeKind.OTHER: "ALTRO",
}
_TRAFFIC_WORDS: Final = {"voice": "voce", "sms": "SMS", "mms": "MMS", "data": "dati"}
"""A bill's own words are Italian whoever looks at it: it is a document of Italian tax law."""


class RunFailed(WrongState):
    """A bill that our own reader does not take, or whose number another run took a moment ago; nothing of the run stands."""

    default = _("The bills could not be made: nothing was written.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A run: the first day of its month, and in whose name it bills."""

    first: date
    supplier: Organisation
    by_line: bool = True

    @property
    def last(self) -> date:
        return next_month(self.first) - timedelta(days=1)

    @property
    def issued(self) -> date:
        return next_month(self.first)


@operation(section=Section.OPERATIONS)
def run_bills(
    *, actor: Actor, month: date, customers: Collection[int] | None = None, by_line: bool = True, now: datetime
) -> list[Bill]:
    """Make the bills of a month that is over, one or more for each agreement; an agreement that has its bills is left alone.

    `customers` are ids, None = all. Not `by_line`: one detail for each cost centre and charge. Raises
    `InvalidInput` (the month is not over, no operator), `RunFailed`.
    """
    supplier = Organisation.objects.for_(actor).filter(kind=OrganisationKind.OPERATOR).first()
    if supplier is None:
        raise InvalidInput(_("There is no operator in whose name bills could be made."))
    run = _Run(first=month.replace(day=1), supplier=supplier, by_line=by_line)
    _check_over(run.first, now)
    rows = Agreement.objects.for_(actor).filter(organisation__kind=OrganisationKind.CUSTOMER)
    if customers is not None:
        rows = rows.filter(organisation_id__in=customers)
    billed = set(_billed_already(actor, run))
    made: list[Bill] = []
    for agreement in rows.select_related("organisation").order_by("organisation_id", "pk"):
        if agreement.pk not in billed:
            made += _bills_of(actor, agreement, run, now)
    if made:
        publish(BillRunMade(organisation_id=None, month=run.first, bills=len(made)))
    return made


@operation(section=Section.OPERATIONS)
def ask_for_run(*, actor: Actor, month: date, now: datetime) -> None:  # noqa: ARG001 - read by `operation`
    """Put on record who asked for a bill run; the caller starts the job. Raises `InvalidInput` (the month is not over)."""
    _check_over(month, now)
    publish(BillRunAsked(organisation_id=None, month=month))


@operation(section=Section.OPERATIONS)
def set_prices(*, actor: Actor, rows: Sequence[PriceRow]) -> None:
    """Write the price list of bill runs: rows of a known code are replaced."""
    names = ["description", "charge", "plan", "line_kind", "amount", "active_from", "active_to"]
    PriceRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=names)
    publish(PricesSet(organisation_id=actor.organisation_id, rows=len(rows)))


@operation(section=Section.OPERATIONS)
def set_terms(
    *, actor: Actor, agreement: Agreement, cig: str = "", cup: str = "", payment_days: int = USUAL_DAYS
) -> BillingTerms:
    """Set how an agreement is billed."""
    row = BillingTerms.objects.for_(actor).filter(agreement=agreement).first() or BillingTerms(agreement=agreement)
    row.organisation_id, row.cig, row.cup, row.payment_days = agreement.organisation_id, cig, cup, payment_days
    row.save()
    publish(
        TermsSet(
            organisation_id=row.organisation_id,
            subject_type="agreement",
            subject_id=agreement.pk,
            agreement=agreement.code,
            cig=cig,
            cup=cup,
        )
    )
    return row


def _check_over(month: date, now: datetime) -> None:
    if now.date() < next_month(month):
        raise InvalidInput(_("This month is not over yet."), field="month")


def _billed_already(actor: Actor, run: _Run) -> Iterator[int]:
    rows = Bill.objects.for_(actor).filter(
        file__source=Source.RUN, period_from__gte=run.first, period_from__lte=run.last
    )
    yield from (pk for pk in rows.values_list("agreement_id", flat=True).distinct() if pk)


def _bills_of(actor: Actor, agreement: Agreement, run: _Run, now: datetime) -> list[Bill]:
    details = list(_details(actor, agreement, run))
    if not run.by_line:
        details = _by_centre(details)
    bills: list[Bill] = []
    for start in range(0, len(details), MOST_DETAILS):
        lines = tuple(details[start : start + MOST_DETAILS])
        if sum((line.amount for line in lines), start=ZERO) > ZERO:
            bills += _issue(actor, agreement, run, lines, now)
    return bills


def _issue(
    actor: Actor, agreement: Agreement, run: _Run, lines: tuple[WrittenLine, ...], now: datetime
) -> Sequence[Bill]:
    place = _next_place(actor, run)
    progressive = _base36((run.issued.year - FIRST_YEAR) * 1_000_000 + place)
    content = write_bill(_written(actor, agreement, run, lines, place))
    name = f"{run.supplier.country}{_code(run.supplier)}_{progressive}.xml"
    outcome = load_file(actor=actor, name=name, content=content, source=Source.RUN, now=now)
    if outcome.file.state != FileState.LOADED:
        raise RunFailed("; ".join(told(one["reason"]) for one in outcome.file.problems))
    return outcome.bills


def _written(actor: Actor, agreement: Agreement, run: _Run, lines: tuple[WrittenLine, ...], place: int) -> WrittenBill:
    customer = agreement.organisation
    terms = BillingTerms.objects.for_(actor).filter(agreement=agreement).first()
    abroad = customer.country != "IT"
    public = customer.public_administration and not abroad
    rate = ZERO if abroad else VAT_RATE
    taxable = round_cents(sum((line.amount for line in lines), start=ZERO))
    return WrittenBill(
        public=public,
        progressive=_base36((run.issued.year - FIRST_YEAR) * 1_000_000 + place),
        office_code="XXXXXXX" if abroad else customer.ipa_code or "0000000",
        supplier=_party(actor, run.supplier),
        customer=_party(actor, customer),
        number=_number(run.issued.year, place),
        issue_date=run.issued,
        due_date=run.issued + timedelta(days=terms.payment_days if terms else USUAL_DAYS),
        agreement=agreement.code,
        agreement_date=agreement.active_from,
        cig=terms.cig if terms else "",
        cup=terms.cup if terms else "",
        lines=lines,
        vat_rate=rate,
        nature=ABROAD[0] if abroad else "",
        law=ABROAD[1] if abroad else "Scissione dei pagamenti - art. 17-ter DPR 633/72" if public else "",
        split=public,
        taxable=taxable,
        vat=round_cents(taxable * rate / 100),
        iban=settings.SPORTELLO["BILL_IBAN"],
    )


def _details(actor: Actor, agreement: Agreement, run: _Run) -> Iterator[WrittenLine]:
    """Give the lines of an agreement's bill: fees of each line of the stock, then what it used, exactly as counted."""
    start, end = month_bounds(run.first, ZoneInfo(agreement.organisation.time_zone))
    stock = Line.objects.for_(actor).filter(agreement=agreement, active_from__lt=end)
    lines = [
        line
        for line in stock.select_related("cost_centre").order_by("number", "pk")
        if line.active_to is None or line.active_to > start
    ]
    prices = _prices(run.first)
    used = _used(actor, agreement, run.first)
    for line in lines:
        for price in (*prices.get((line.plan_id, ""), ()), *prices.get((None, line.kind), ())):
            yield replace(
                _detail(run, line, price.amount, ChargeKind(price.charge)),
                description=price.description,
            )
        for traffic_type, amount in used.get(line.pk, ()):
            words = f"Traffico {_TRAFFIC_WORDS[traffic_type]}"
            yield replace(_detail(run, line, amount, ChargeKind.TRAFFIC), description=words)


def _by_centre(details: Sequence[WrittenLine]) -> list[WrittenLine]:
    """Return one line for each cost centre, charge and description, of no telephone line."""
    sums: dict[tuple[str, str, str], list[WrittenLine]] = {}
    for line in details:
        sums.setdefault((line.centre, line.charge, line.description), []).append(line)
    return [_summed(lines) for _key, lines in sorted(sums.items())]


def _summed(lines: Sequence[WrittenLine]) -> WrittenLine:
    amount = sum((line.amount for line in lines), start=ZERO)
    return replace(lines[0], number="", unit_price=amount, amount=amount)


def _detail(run: _Run, line: Line, amount: Decimal, charge: ChargeKind) -> WrittenLine:
    return WrittenLine(
        description="",
        quantity=Decimal(1),
        unit_price=amount,
        amount=amount,
        first=run.first,
        last=run.last,
        number=line.number,
        centre=line.cost_centre.code if line.cost_centre else "",
        charge=_CHARGE_WORDS[charge],
    )


def _prices(month: date) -> Mapping[tuple[int | None, str], list[PriceRow]]:
    found: dict[tuple[int | None, str], list[PriceRow]] = {}
    rows = PriceRow.objects.filter(active_from__lte=month).order_by("code")
    for row in rows:
        if row.active_to is None or row.active_to > month:
            found.setdefault((row.plan_id, row.line_kind), []).append(row)
    return found


def _used(actor: Actor, agreement: Agreement, month: date) -> Mapping[int, list[tuple[str, Decimal]]]:
    """Return by line what each kind of traffic cost at the company's charge."""
    rows = Counter.objects.for_(actor).filter(
        organisation_id=agreement.organisation_id, line__agreement=agreement, month=month, personal=False
    )
    sums = rows.order_by().values_list("line_id", "traffic_type").annotate(sum=Sum("amount"))
    found: dict[int, dict[str, Decimal]] = {}
    for line_id, traffic_type, amount in sums:
        if amount:
            found.setdefault(line_id, {})[traffic_type] = amount
    return {
        line_id: [(kind, amounts[kind]) for kind in TrafficType.values if kind in amounts]
        for line_id, amounts in found.items()
    }


def _next_place(actor: Actor, run: _Run) -> int:
    identity, year = f"{run.supplier.country}{_code(run.supplier)}", run.issued.year
    rows = Bill.objects.for_(actor).filter(
        supplier_identity=identity, year=year, credit=False, number__startswith=f"{year}/T"
    )
    last: str | None = rows.aggregate(last=Max("number"))["last"]
    return int(last.rpartition("T")[2]) + 1 if last else 1


def _number(year: int, place: int) -> str:
    return f"{year}/T{place:07d}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits.rjust(5, "0")


def _party(actor: Actor, organisation: Organisation) -> WrittenParty:
    site = Site.objects.for_(actor).filter(organisation=organisation).order_by("pk").first()
    return WrittenParty(
        name=organisation.legal_name,
        country=organisation.country,
        vat_number=_code(organisation),
        tax_code=organisation.tax_code if organisation.country == "IT" else "",
        address=site.address if site else "",
        postcode=site.postcode if site else "",
        city=site.city if site else "",
        province=(site.province if site else "") or organisation.province,
    )


def _code(organisation: Organisation) -> str:
    return organisation.vat_number.removeprefix(organisation.country)
