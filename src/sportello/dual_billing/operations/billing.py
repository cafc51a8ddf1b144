"""The employees' own bills: made after a month, paid, overdue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from sportello.dual_billing import queries, rules
from sportello.dual_billing.events import PrivateBillsMade, PrivateBillsOverdue, PrivateBillsPaid
from sportello.dual_billing.models import Enrolment, PrivateBill, PrivateBillLine
from sportello.dual_billing.queries.bills import Unbilled
from sportello.dual_billing.states import PaymentState
from sportello.kernel.access import Section
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.phones import display
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient
from sportello.usage.types import Zone


@operation(section=Section.DUAL_BILLING)
def run_private_bills(*, actor: Actor, month: date, now: datetime) -> int:
    """Make the employees' bills of a month (its first day) that is over, of all private traffic that no bill holds yet; return how many.

    Whoever has a bill of the month already, or whose sum is a credit, waits for the next run. Raises `NotPermitted`.
    """
    rules.check_runs_portal(actor)
    have = set(PrivateBill.objects.for_(actor).filter(month=month).values_list("enrolment_id", flat=True))
    made = 0
    for enrolment, lines in queries.unbilled(actor, month):
        if enrolment.pk not in have and _make(actor, enrolment, month, lines, now) is not None:
            made += 1
    if made:
        publish(PrivateBillsMade(organisation_id=None, month=f"{month:%Y-%m}", bills=made))
    return made


def _make(actor: Actor, enrolment: Enrolment, month: date, lines: list[Unbilled], now: datetime) -> PrivateBill | None:
    outside = sum((line.amount for line in lines if line.zone == Zone.EXTRA_EU), Decimal(0))
    taxed = sum((line.amount for line in lines if line.zone != Zone.EXTRA_EU), Decimal(0))
    net, vat, total = rules.amounts_due(taxed, outside)
    if total <= 0:
        return None
    due = now.date() + timedelta(days=rules.PAYMENT_DAYS)
    row = PrivateBill.objects.create(
        organisation_id=enrolment.organisation_id, person_id=enrolment.person_id, enrolment=enrolment, month=month,
        issued_at=now, due_date=due, net=net, vat=vat, total=total,
    )  # fmt: skip
    PrivateBillLine.objects.bulk_create(
        PrivateBillLine(
            organisation_id=row.organisation_id, bill=row, month=line.month, traffic_type=line.traffic_type,
            zone=line.zone, records=line.records, amount=line.amount,
        )
        for line in lines
    )  # fmt: skip
    _tell(actor, row)
    return row


def _tell(actor: Actor, row: PrivateBill) -> None:
    """Tell the employee alone that there is a bill; the amount stays in the portal."""
    send_message(
        actor=actor,
        recipient=Recipient(person_id=row.person_id, email=None if row.person.email else row.enrolment.email),
        template="private_bill",
        channel=Channel.EMAIL,
        context={
            "line": display(row.enrolment.line.number),
            "month": f"{row.month:%m/%Y}",
            "link": settings.SPORTELLO["PUBLIC_URL"] + reverse("dual_billing:own"),
        },
        organisation_id=row.organisation_id,
        idempotency_key=f"private-bill:{row.pk}",
    )


@operation(section=Section.DUAL_BILLING)
def mark_paid(*, actor: Actor, bills: Collection[int], now: datetime) -> int:
    """Mark employees' bills as paid; return how many were not yet. Raises `NotPermitted` to all but the operator (ABUSE H05)."""
    rules.check_runs_portal(actor)
    rows = PrivateBill.objects.for_(actor).filter(pk__among=bills).exclude(state=PaymentState.PAID)
    paid = rows.update(state=PaymentState.PAID, paid_at=now)
    publish(PrivateBillsPaid(organisation_id=None, bills=paid))
    return paid


@operation(section=None, why="days of payment pass by themselves")
def mark_overdue(*, actor: Actor, today: date) -> int:
    """Mark the bills whose day of payment has passed; return how many."""
    rows = PrivateBill.objects.for_(actor).filter(state=PaymentState.DUE, due_date__lt=today)
    late = rows.update(state=PaymentState.OVERDUE)
    publish(PrivateBillsOverdue(organisation_id=None, bills=late))
    return late
