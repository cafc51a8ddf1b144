"""Payments entered by hand, and taken back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sportello.billing import rules
from sportello.billing.events import PaymentRecorded, PaymentReversed
from sportello.billing.models import Bill, Payment
from sportello.billing.operations.standing import restand
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import InvalidInput


@operation(section=Section.OPERATIONS)
def record_payment(
    *, actor: Actor, bill: Bill, reference: str, amount: Decimal, paid_date: date, note: str = "", now: datetime
) -> Payment:
    """Record money that came in for a bill. Raises `OverPaid`, `NothingDue`, `InvalidInput` (a reference that was used)."""
    bill = locked(actor, bill)
    rules.check_can_pay(payable=bill.payable, paid=bill.paid, state=bill.state, amount=amount)
    check_day(paid_date, now)
    payment = _written(
        bill, Payment(reference=reference, amount=amount, paid_date=paid_date, note=note, entered_at=now)
    )
    publish(
        PaymentRecorded(
            organisation_id=bill.organisation_id,
            subject_type="bill",
            subject_id=bill.pk,
            number=bill.number,
            reference=payment.reference,
            amount=amount,
        )
    )
    return payment


@operation(section=Section.OPERATIONS)
def reverse_payment(
    *, actor: Actor, payment: Payment, reference: str, paid_date: date, note: str, now: datetime
) -> Payment:
    """Take a payment back, whole: a second row below zero. Raises `NotReversible`."""
    bill = locked(actor, payment.bill)
    reversed_already = Payment.objects.for_(actor).filter(reverses=payment).exists()
    rules.check_can_reverse(is_reversal=payment.reverses_id is not None, is_reversed=reversed_already)
    check_day(paid_date, now)
    row = _written(
        bill,
        Payment(
            reference=reference,
            amount=-payment.amount,
            paid_date=paid_date,
            note=note,
            reverses=payment,
            entered_at=now,
        ),
    )
    publish(
        PaymentReversed(
            organisation_id=bill.organisation_id,
            subject_type="bill",
            subject_id=bill.pk,
            number=bill.number,
            reference=row.reference,
            reversed=payment.reference,
            amount=payment.amount,
        )
    )
    return row


def locked(actor: Actor, bill: Bill) -> Bill:
    """Return the bill as it stands, held until the end of the transaction: two payments at once are counted one after the other."""
    rows = Bill.objects.for_(actor).select_for_update(of=("self",)).select_related("organisation")
    return rows.get_or_refuse(pk=bill.pk)


def check_day(paid_date: date, now: datetime) -> None:
    """Refuse a day of payment that has not come (a day's grace for time zones), or before there were electronic bills."""
    if (paid_date - now.date()).days > 1 or paid_date.year < 2010:  # noqa: PLR2004
        raise InvalidInput(_("This day cannot be."), field="paid_date")


def _written(bill: Bill, row: Payment) -> Payment:
    row.reference, row.note = row.reference.strip(), row.note.strip()
    row.bill, row.organisation_id = bill, bill.organisation_id
    if not row.reference:
        raise InvalidInput(_("A payment has a reference, by which it counts once."), field="reference")
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as known:
        raise InvalidInput(_("A payment with this reference is here already."), field="reference") from known
    bill.paid += row.amount
    bill.save(update_fields=["paid"])
    restand(bill, row.entered_at)
    return row
