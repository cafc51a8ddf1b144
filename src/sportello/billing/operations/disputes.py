"""Disputes of lines."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from sportello.billing import rules
from sportello.billing.events import BillLineDisputed
from sportello.billing.models import BillLine, Dispute
from sportello.billing.rules.disputes import DisputedAlready
from sportello.kernel.access import Access, Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.refusals import NotPermitted


@operation(section=Section.TRAFFIC_BILLING)
def dispute_line(*, actor: Actor, line: BillLine, reason: str, now: datetime) -> Dispute:
    """Dispute a line of a bill, in the customer's name: who sees their own costs only may not. Raises `DisputedAlready`, `InvalidInput`."""
    if actor.access(Section.TRAFFIC_BILLING) is not Access.FULL:
        raise NotPermitted
    disputed = Dispute.objects.for_(actor).filter(line=line).exists()
    rules.check_can_dispute(state=line.bill.state, disputed=disputed, reason=reason)
    try:
        with transaction.atomic():
            row = Dispute.objects.create(
                organisation_id=line.organisation_id,
                bill=line.bill,
                line=line,
                reason=reason.strip(),
                person_id=actor.person_id,
                opened_at=now,
            )
    except IntegrityError as first:
        raise DisputedAlready from first
    publish(
        BillLineDisputed(
            organisation_id=line.organisation_id,
            subject_type="bill",
            subject_id=line.bill_id,
            number=line.bill.number,
            line_id=line.pk,
            position=line.position,
            amount=line.amount,
            reason=reason.strip(),
        )
    )
    return row
