"""Bills on their way to SdI."""

from __future__ import annotations

from datetime import datetime

from sportello.billing.events import BillSent
from sportello.billing.models import Bill
from sportello.billing.operations.standing import restand
from sportello.billing.states import TRANSITIONS, BillState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.states import advance


@operation(section=Section.OPERATIONS)
def mark_sent(
    *,
    actor: Actor,  # noqa: ARG001 - read by `operation`
    bill: Bill,
    now: datetime,
) -> None:
    """Say that a bill was handed to SdI. Raises `NoSuchTransition`."""
    advance(bill, BillState.SENT, transitions=TRANSITIONS)
    restand(bill, now)
    publish(BillSent(organisation_id=bill.organisation_id, subject_type="bill", subject_id=bill.pk, number=bill.number))
