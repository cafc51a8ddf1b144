"""Writing the bills of a file (inside an operation): header, lines found in the inventory, VAT."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sportello.billing import rules
from sportello.billing.events import BillLoaded
from sportello.billing.fatturapa.reading import Read
from sportello.billing.models import Bill, BillFile, BillLine, BillVat
from sportello.billing.queries.finding import Place, agreement_named, place_of, stock_of
from sportello.billing.states import CREDIT_NOTES, VOID, BillState
from sportello.billing.types import BillDocument, BillFileContent, DetailLine, Instalment, Totals, VatSummary
from sportello.kernel.actor import Actor
from sportello.kernel.money import UNIT
from sportello.kernel.operations import publish
from sportello.parties.models import Organisation


class NumberTaken(Exception):
    """Another bill of the supplier has the number in that year; `bill` is the one that has it."""

    def __init__(self, bill: Bill) -> None:
        super().__init__(bill.number)
        self.bill = bill


def store_bills(
    actor: Actor, file: BillFile, read: Read, customer: Organisation, now: datetime, *, beside: bool = False
) -> list[Bill]:
    """Write every document of a file as a bill of a customer.

    Raises `NumberTaken`, before anything of it is written, where a bill that counts has the number (check 00404 of SdI); with `beside`
    the document is taken nonetheless.
    """
    content = read.bills
    assert content is not None  # noqa: S101 - asked of files with bills
    namesakes = [_same_number(actor, content, document) for document in content.documents]
    taken = next((one for one in namesakes if one is not None), None)
    if taken is not None and not beside:
        raise NumberTaken(taken)
    return [
        _store(actor, file, document, totals, into=(content, customer, now), place=0 if one is None else one.beside + 1)
        for document, totals, one in zip(content.documents, read.totals, namesakes, strict=True)
    ]


def _same_number(actor: Actor, content: BillFileContent, document: BillDocument) -> Bill | None:
    """Return the last bill that counts and has the number of a document, or None."""
    rows = Bill.objects.for_(actor).filter(
        supplier_identity=content.supplier.identity,
        number=document.number,
        year=document.issue_date.year,
        credit=document.document_type in CREDIT_NOTES,
    )
    return rows.exclude(state__in=VOID).select_related("file").order_by("-beside").first()


def _store(
    actor: Actor,
    file: BillFile,
    document: BillDocument,
    totals: Totals,
    *,
    into: tuple[BillFileContent, Organisation, datetime],
    place: int,
) -> Bill:
    content, customer, now = into
    first, last = _days(document)
    stock = stock_of(actor, customer, document)
    places = [place_of(line, stock, line.period_from or first, line.period_to or last) for line in document.lines]
    bill = _header(content, document, totals)
    bill.organisation, bill.file, bill.loaded_at, bill.beside = customer, file, now, place
    bill.agreement_id = agreement_named(document, stock, places)
    bill.payment_state = rules.payment_state(
        payable=bill.payable,
        paid=bill.paid,
        due_date=bill.due_date,
        state=bill.state,
        today=now.astimezone(stock.zone).date(),
    )
    bill.save()
    _store_lines(bill, document, places)
    BillVat.objects.bulk_create([_vat(bill, one) for one in document.vat])
    publish(_loaded(bill))
    return bill


def _loaded(bill: Bill) -> BillLoaded:
    return BillLoaded(
        organisation_id=bill.organisation_id,
        subject_type="bill",
        subject_id=bill.pk,
        number=bill.number,
        total=bill.total,
        issue_date=bill.issue_date,
        file_id=bill.file_id,
    )


def _days(document: BillDocument) -> tuple[date, date]:
    """Return the first and last day that the document bills; its own day where its lines say nothing."""
    firsts = [line.period_from for line in document.lines if line.period_from]
    lasts = [line.period_to or line.period_from for line in document.lines if line.period_to or line.period_from]
    first = min(firsts, default=document.issue_date)
    return first, max([*(day for day in lasts if day), first])


def _header(content: BillFileContent, document: BillDocument, totals: Totals) -> Bill:
    return Bill(
        position=document.position,
        format=content.format,
        document_type=document.document_type,
        number=document.number,
        issue_date=document.issue_date,
        year=document.issue_date.year,
        credit=document.document_type in CREDIT_NOTES,
        sign=-1 if document.document_type in CREDIT_NOTES else 1,
        due_date=rules.due_date_of(document.issue_date, document.instalments),
        instalments=[_instalment(one) for one in document.instalments],
        paid=Decimal(0),
        state=BillState.ISSUED,
        **_parties(content),
        **_references(document),
        **_sums(document, totals),
    )


def _parties(content: BillFileContent) -> dict[str, Any]:
    return {
        "supplier_name": content.supplier.name[:200],
        "supplier_identity": content.supplier.identity,
        "recipient_name": content.customer.name[:200],
        "recipient_identity": content.customer.identity,
        "office_code": content.recipient_code,
    }


def _references(document: BillDocument) -> dict[str, Any]:
    """Return what a document refers to: the days that it bills, CIG, CUP, order, what it corrects."""
    first, last = _days(document)
    billed = any(line.period_from for line in document.lines)
    return {
        "period_from": first if billed else None,
        "period_to": last if billed else None,
        "cig": next((one.cig for one in document.orders if one.cig), ""),
        "cup": next((one.cup for one in document.orders if one.cup), ""),
        "order_document": next((one.document for one in document.orders), ""),
        "corrects": ", ".join(document.corrects)[:200],
    }


def _sums(document: BillDocument, totals: Totals) -> dict[str, Any]:
    return {
        "taxable": totals.taxable,
        "vat": totals.vat,
        "total": totals.total,
        "rounding": totals.rounding,
        "stamp": totals.stamp,
        "withheld": totals.withheld,
        "split_payment": any(one.exigibility == "S" for one in document.vat),
        "split_vat": totals.split_vat,
        "payable": totals.payable,
    }


def _instalment(one: Instalment) -> dict[str, str]:
    return {
        "method": one.method,
        "amount": str(one.amount),
        "due_date": one.due_date.isoformat() if one.due_date else "",
        "iban": one.iban,
    }


def _store_lines(bill: Bill, document: BillDocument, places: list[Place]) -> None:
    rows = [
        _line(bill, position, line, place)
        for position, (line, place) in enumerate(zip(document.lines, places, strict=True), start=1)
    ]
    BillLine.objects.bulk_create(rows, batch_size=500)


def _line(bill: Bill, position: int, line: DetailLine, place: Place) -> BillLine:
    return BillLine(
        organisation_id=bill.organisation_id,
        bill=bill,
        position=position,
        description=line.description,
        charge=place.charge,
        quantity="" if line.quantity is None else f"{line.quantity:f}",
        unit=line.unit,
        unit_price=f"{line.unit_price:f}",
        amount=line.amount.quantize(UNIT),
        vat_rate=f"{line.vat_rate:f}",
        nature=line.nature,
        period_from=line.period_from,
        period_to=line.period_to,
        line_id=place.line_id,
        period_id=place.period_id,
        person_id=place.person_id,
        cost_centre_id=place.cost_centre_id,
        number=place.number,
        cost_centre_code=place.centre_code,
    )


def _vat(bill: Bill, one: VatSummary) -> BillVat:
    return BillVat(
        organisation_id=bill.organisation_id,
        bill=bill,
        rate=f"{one.rate:f}",
        nature=one.nature,
        taxable=one.taxable,
        vat=one.vat,
        exigibility=one.exigibility,
        law=one.law,
    )
