"""What is due, when, and what a payment may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from sportello.billing.states import VOID, PaymentState
from sportello.billing.types import ZERO, Instalment
from sportello.kernel.refusals import InvalidInput, WrongState
from sportello.kernel.ui import formats

USUAL_DAYS: Final = 30
"""Days to pay where the document says nothing (DOMAIN §6.2: D.Lgs. 231/2002)."""


class OverPaid(InvalidInput):
    """More than is open."""

    default = _("This is more than is still to be paid.")


class NothingDue(WrongState):
    """A bill that asks for nothing."""

    default = _("Nothing is to be paid on this bill.")


class NotReversible(WrongState):
    """A payment that was taken back, or is itself a taking back."""

    default = _("This payment cannot be taken back: it was already, or it is itself a reversal.")


def due_date_of(issue_date: date, instalments: Sequence[Instalment]) -> date:
    """Return the last day that the document asks for, else thirty days after its date."""
    named = [one.due_date for one in instalments if one.due_date]
    return max(named) if named else issue_date + timedelta(days=USUAL_DAYS)


def payment_state(*, payable: Decimal, paid: Decimal, due_date: date | None, state: str, today: date) -> PaymentState:
    """Return what is paid of a bill on a day: overdue goes before partly paid. The due day itself is still in time."""
    if payable <= ZERO or (state in VOID and paid == ZERO):
        return PaymentState.NOTHING_DUE
    if paid >= payable:
        return PaymentState.PAID
    if due_date is not None and today > due_date:
        return PaymentState.OVERDUE
    return PaymentState.PARTLY_PAID if paid > ZERO else PaymentState.DUE


def check_can_pay(*, payable: Decimal, paid: Decimal, state: str, amount: Decimal) -> None:
    """Refuse a payment of nothing, of parts of a cent, of more than is open, or on a bill that asks for nothing."""
    if payable <= ZERO or state in VOID:
        raise NothingDue
    if amount <= ZERO:
        raise InvalidInput(_("A payment is more than nothing. To take one back, reverse it."), field="amount")
    if amount != amount.quantize(Decimal("0.01")):
        raise InvalidInput(_("A payment is in whole cents."), field="amount")
    if amount > payable - paid:
        raise OverPaid(
            _("Still to be paid: %(open)s. This is more.") % {"open": formats.money(payable - paid)},
            field="amount",
        )


def check_can_reverse(*, is_reversal: bool, is_reversed: bool) -> None:
    """Refuse to take back what was taken back already, and a taking back itself."""
    if is_reversal or is_reversed:
        raise NotReversible
