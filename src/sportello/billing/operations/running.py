"""The bill run: a closed month out of price rows and counters, as FatturaPA XML that goes in by the door of any other file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from sportello.billing.events import BillRunAsked, BillRunEnded, BillRunMade, PricesSet, TermsSet
from sportello.billing.fatturapa.writing import (
    WrittenBill,
    WrittenLine,
    WrittenParty,
    latin,
    sums_of,
    total_of,
    write_bill,
)
from sportello.billing.models import Bill, BillingTerms, BillLine, PriceRow
from sportello.billing.operations.charges import by_centre, charges_of
from sportello.billing.operations.loading import load_file
from sportello.billing.rules.payment import USUAL_DAYS
from sportello.billing.states import VOID, FileState, Source
from sportello.billing.types import ZERO, RunFailure
from sportello.inventory.models import Agreement
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.calendar import next_month
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.sentences import together, told
from sportello.parties.models import Organisation, Site
from sportello.parties.states import OrganisationKind

MOST_DETAILS: Final = 3_000
"""Lines of one document: SdI takes files of 5 MB."""
FIRST_YEAR: Final = 2020
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class RunFailed(WrongState):
    """A customer that cannot be billed, and why (`reason`, a kept sentence); nothing of its bills stands."""

    default = _("The bills could not be made: nothing was written.")

    def __init__(self, customer: Organisation, reason: str) -> None:
        """Take the customer and the reason."""
        self.reason = reason
        super().__init__(f"{customer.legal_name} ({customer.code}): {told(reason)}")


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

    What a discarded or refused bill billed is billed anew. Where discounts outweigh the rest, a document is a credit note.
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
    standing = _standing(actor, run)
    made: list[Bill] = []
    for agreement in rows.select_related("organisation").order_by("organisation_id", "pk"):
        rest = standing.get(agreement.pk)
        if rest is not False:
            made += _bills_of(actor, agreement, run, now, rest=bool(rest))
    if made:
        publish(BillRunMade(organisation_id=None, month=run.first, bills=len(made)))
    return made


@operation(section=Section.OPERATIONS)
def ask_for_run(*, actor: Actor, month: date, now: datetime) -> None:  # noqa: ARG001 - read by `operation`
    """Put on record who asked for a bill run; the caller starts the job. Raises `InvalidInput` (the month is not over)."""
    _check_over(month, now)
    publish(BillRunAsked(organisation_id=None, month=month))


@operation(section=Section.OPERATIONS)
def end_run(*, actor: Actor, month: date, bills: int, failures: Sequence[RunFailure]) -> None:  # noqa: ARG001 - read by `operation`
    """Put on record how a bill run ended: how many bills, and which customers have none and why."""
    publish(
        BillRunEnded(
            organisation_id=None,
            month=month,
            bills=bills,
            failed=len(failures),
            failures=[{"customer_id": one.customer_id, "name": one.name, "reason": one.reason} for one in failures],
        )
    )


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


def _standing(actor: Actor, run: _Run) -> dict[int, bool]:
    """Return the agreements that have bills of this run that count, and whether some of theirs were discarded or refused."""
    rows = Bill.objects.for_(actor).filter(
        file__source=Source.RUN, period_from__gte=run.first, period_from__lte=run.last
    )
    states: dict[int, set[bool]] = {}
    for pk, state in rows.exclude(agreement=None).order_by().values_list("agreement_id", "state").distinct():
        states.setdefault(pk or 0, set()).add(state in VOID)
    return {pk: True in found for pk, found in states.items() if False in found}


def _bills_of(actor: Actor, agreement: Agreement, run: _Run, now: datetime, *, rest: bool) -> list[Bill]:
    """Make the bills of an agreement; of its `rest`, where other bills of the month stand."""
    charges = list(charges_of(actor, agreement, run.first))
    if rest:
        charges = _not_billed(actor, agreement, run, charges)
    if not run.by_line:
        charges = by_centre(charges)
    bills: list[Bill] = []
    for start in range(0, len(charges), MOST_DETAILS):
        lines = tuple(charges[start : start + MOST_DETAILS])
        if any(one.taxable for one in sums_of(lines)):
            bills += _issue(actor, agreement, run, lines, now)
    return bills


def _not_billed(actor: Actor, agreement: Agreement, run: _Run, charges: list[WrittenLine]) -> list[WrittenLine]:
    """Return the charges that no bill of the month that counts holds, whether it was made by line or by cost centre."""
    rows = BillLine.objects.for_(actor).filter(
        bill__agreement=agreement, bill__file__source=Source.RUN, period_from__gte=run.first, period_from__lte=run.last
    )
    standing = rows.exclude(bill__state__in=VOID).values_list("number", "cost_centre_code", "description")
    by_line = Counter((number, words) for number, _centre, words in standing if number)
    centres = {(centre, words) for number, centre, words in standing if not number}
    rest = []
    for one in charges:
        key = latin(one.number), latin(one.description)
        by_line[key] -= 1
        if by_line[key] < 0 and (latin(one.centre), key[1]) not in centres:
            rest.append(one)
    return rest


def _issue(
    actor: Actor, agreement: Agreement, run: _Run, lines: tuple[WrittenLine, ...], now: datetime
) -> Sequence[Bill]:
    place = _next_place(actor, run)
    progressive = _base36((run.issued.year - FIRST_YEAR) * 1_000_000 + place)
    _check_addressed(agreement.organisation)
    content = write_bill(_written(actor, agreement, run, lines, place))
    name = f"{run.supplier.country}{_code(run.supplier)}_{progressive}.xml"
    outcome = load_file(actor=actor, name=name, content=content, source=Source.RUN, now=now)
    if outcome.file.state != FileState.LOADED:
        raise RunFailed(agreement.organisation, together(one["reason"] for one in outcome.file.problems))
    return outcome.bills


def _check_addressed(customer: Organisation) -> None:
    """Refuse a public body without the office code that its bills go to (FPA12, DOMAIN §6.1)."""
    if customer.public_administration and customer.country == "IT" and not customer.ipa_code:
        raise RunFailed(
            customer, gettext_noop("A public body without an office code (IPA) cannot be billed: enter it first.")
        )


def _written(actor: Actor, agreement: Agreement, run: _Run, lines: tuple[WrittenLine, ...], place: int) -> WrittenBill:
    customer = agreement.organisation
    terms = BillingTerms.objects.for_(actor).filter(agreement=agreement).first()
    abroad = customer.country != "IT"
    public = customer.public_administration and not abroad
    credit = total_of(lines) < ZERO
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
        lines=tuple(_turned(line) for line in lines) if credit else lines,
        split=public,
        iban=settings.SPORTELLO["BILL_IBAN"],
        credit=credit,
    )


def _turned(line: WrittenLine) -> WrittenLine:
    """Return a line of a credit note, whose amounts are the customer's."""
    return replace(line, unit_price=-line.unit_price, amount=-line.amount)


def _next_place(actor: Actor, run: _Run) -> int:
    identity, year = f"{run.supplier.country}{_code(run.supplier)}", run.issued.year
    rows = Bill.objects.for_(actor).filter(supplier_identity=identity, year=year, number__startswith=f"{year}/T")
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
