"""Payments from a file: each row once by its reference; all rows are written, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from sportello.billing import rules
from sportello.billing.models import Bill, Payment
from sportello.billing.operations.payments import check_day, record_payment, reverse_payment
from sportello.billing.states import VOID
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.imports import ImportReport, RowReport, RowState, check_expected
from sportello.kernel.money import parse_amount
from sportello.kernel.operations import operation
from sportello.kernel.refusals import Refusal
from sportello.kernel.tabular import Row, Table, check_columns

NEEDED = ("reference", "bill", "amount", "paid_on")
OPTIONAL = ("year", "reverses", "note")
LONGEST_REFERENCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A row as read."""

    line: int
    reference: str
    bill: Bill
    amount: Decimal
    day: date
    reverses: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a row would do; `given` is there unless it is wrong."""

    report: RowReport
    given: _Given | None = None
    payment: Payment | None = None


@operation(section=Section.OPERATIONS)
def load_payments(*, actor: Actor, table: Table, apply: bool, expected: str, now: datetime) -> ImportReport:
    """Record the payments of a table, or say what it would do. Raises `PreviewOutdated`, `TableRefused`."""
    plan = _planned(actor, table, now)
    report = ImportReport(
        rows=[row.report for row in plan],
        organisations=frozenset(row.given.bill.organisation_id for row in plan if row.given),
    )
    check_expected(report, expected)
    if not apply or report.wrong:
        return report
    for row in plan:
        if row.report.state == RowState.NEW and row.given:
            _write(actor, row.given, row.payment, now)
    return report.done()


def _write(actor: Actor, given: _Given, payment: Payment | None, now: datetime) -> None:
    reference, day, note = given.reference, given.day, given.note
    if payment is not None:
        reverse_payment(actor=actor, payment=payment, reference=reference, paid_date=day, note=note, now=now)
        return
    record_payment(
        actor=actor, bill=given.bill, reference=reference, amount=given.amount, paid_date=day, note=note, now=now
    )


def _planned(actor: Actor, table: Table, now: datetime) -> list[_Row]:
    """Judge each row against what is stored and what the rows above it would do."""
    check_columns(table.columns, NEEDED, OPTIONAL)
    planned: list[_Row] = []
    paid: dict[int, Decimal] = {}
    seen: set[str] = set()
    for read in table.rows:
        row = _judged(actor, read, now, paid)
        if read["reference"] in seen:
            row = _wrong(read.line, read["reference"], "reference", _("This reference is twice in the file."))
        seen.add(read["reference"])
        planned.append(row)
    return planned


def _judged(actor: Actor, read: Row, now: datetime, paid: dict[int, Decimal]) -> _Row:
    if read.errors:
        return _wrong(read.line, read["reference"], read.errors[0].column, str(read.errors[0].reason))
    try:
        given = _given(actor, read, now)
        return _placed(actor, given, paid)
    except _Fault as fault:
        return _wrong(read.line, read["reference"], fault.column, fault.reason)


class _Fault(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@contextmanager
def _at(column: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise _Fault(column, str(refusal)) from refusal
    except ValueError as wrong:
        raise _Fault(column, _("Write the day like 2026-03-31.")) from wrong


def _given(actor: Actor, read: Row, now: datetime) -> _Given:
    reference = read["reference"]
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise _Fault("reference", _("A payment has a reference of at most 60 characters."))
    bill = _bill(actor, read["bill"], read["year"])
    with _at("amount"):
        amount = _amount(read["amount"])
    with _at("paid_on"):
        day = date.fromisoformat(read["paid_on"])
        check_day(day, now)
    return _Given(
        line=read.line,
        reference=reference,
        bill=bill,
        amount=amount,
        day=day,
        reverses=read["reverses"],
        note=read["note"][:200],
    )


def _amount(text: str) -> Decimal:
    """Read `1234.56`, `1234,56` and `1.234,56`; without a comma a point is the decimal one, as spreadsheets hand numbers over."""
    return parse_amount(text, "it" if "," in text else "en")


def _placed(actor: Actor, given: _Given, paid: dict[int, Decimal]) -> _Row:
    known = Payment.objects.for_(actor).filter(reference=given.reference).first()
    if known is not None:
        if (known.bill_id, known.amount, known.paid_date) == (given.bill.pk, given.amount, given.day):
            return _Row(report=RowReport(line=given.line, state=RowState.UNCHANGED, key=given.reference), given=given)
        raise _Fault("reference", _("Another payment has this reference."))
    if given.reverses or given.amount < 0:
        return _new(given, _taken_back(actor, given))
    bill = given.bill
    before = paid.get(bill.pk, bill.paid)
    with _at("amount"):
        rules.check_can_pay(payable=bill.payable, paid=before, state=bill.state, amount=given.amount)
    paid[bill.pk] = before + given.amount
    return _new(given, None)


def _taken_back(actor: Actor, given: _Given) -> Payment:
    rows = Payment.objects.for_(actor).filter(reference=given.reverses, bill=given.bill)
    payment = rows.select_related("bill").first()
    if payment is None:
        raise _Fault("reverses", _("Name the payment of this bill that is taken back."))
    if given.amount != -payment.amount:
        raise _Fault("amount", _("A payment is taken back whole: write its amount with a minus."))
    already = Payment.objects.for_(actor).filter(reverses=payment).exists()
    with _at("reverses"):
        rules.check_can_reverse(is_reversal=payment.reverses_id is not None, is_reversed=already)
    return payment


def _bill(actor: Actor, number: str, year: str) -> Bill:
    rows = Bill.objects.for_(actor).filter(number=number, credit=False).select_related("organisation")
    if year:
        if not (year.isascii() and year.isdigit()):
            raise _Fault("year", _("Write the year like 2026."))
        rows = rows.filter(year=int(year[:6]))
    found = list(rows.exclude(state__in=VOID)[:2]) or list(rows[:2])
    if not found:
        raise _Fault("bill", _("No bill has this number."))
    if len(found) > 1:
        if year:
            raise _Fault("bill", _("Several bills of that year have this number: enter the payment at the bill."))
        raise _Fault("bill", _("Several bills have this number: add the year."))
    return found[0]


def _new(given: _Given, payment: Payment | None) -> _Row:
    changes = {
        "bill": ("", f"{given.bill.number} · {given.bill.organisation.legal_name}"),
        "amount": ("", f"{given.amount:.2f}"),
        "paid_on": ("", given.day.isoformat()),
    }
    report = RowReport(line=given.line, state=RowState.NEW, key=given.reference, changes=changes)
    return _Row(report=report, given=given, payment=payment)


def _wrong(line: int, reference: str, column: str, why: str) -> _Row:
    return _Row(report=RowReport(line=line, state=RowState.WRONG, key=reference, errors=((column, why),)))
