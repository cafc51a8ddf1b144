"""What is paid of a bill, worked out anew after whatever changed it (inside an operation)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sportello.billing import rules
from sportello.billing.events import BillOverdue
from sportello.billing.models import Bill
from sportello.billing.states import PAYMENT_TRANSITIONS, PaymentState
from sportello.kernel.operations import publish
from sportello.kernel.states import advance


def restand(bill: Bill, now: datetime) -> bool:
    """Move the bill to the payment state that its sums and the day call for; return whether it moved."""
    today = now.astimezone(ZoneInfo(bill.organisation.time_zone)).date()
    to = rules.payment_state(
        payable=bill.payable, paid=bill.paid, due_date=bill.due_date, state=bill.state, today=today
    )
    if to == bill.payment_state:
        return False
    advance(bill, to, transitions=PAYMENT_TRANSITIONS, field="payment_state")
    if to == PaymentState.OVERDUE and bill.due_date:
        publish(
            BillOverdue(
                organisation_id=bill.organisation_id,
                subject_type="bill",
                subject_id=bill.pk,
                number=bill.number,
                due_date=bill.due_date,
                open_amount=bill.payable - bill.paid,
            )
        )
    return True
