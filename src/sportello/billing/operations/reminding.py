"""What the calendar does to bills: overdue, and reminders by mail, each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from sportello.accounts.models import Membership, Person
from sportello.billing.events import BillReminded
from sportello.billing.models import Bill
from sportello.billing.operations.standing import restand
from sportello.billing.states import OPEN, VOID, PaymentState
from sportello.kernel.access import Profile
from sportello.kernel.actor import Actor
from sportello.kernel.operations import operation, publish
from sportello.kernel.ui import formats
from sportello.messaging.models import Message
from sportello.messaging.operations import send_message
from sportello.messaging.types import Channel, Recipient

TOLD: Final = (Profile.ADMINISTRATOR, Profile.EBILL_REFERENT)
AT_ONCE: Final = 500
OVERDUE_AFTER: Final = (1, 15, 45)
"""Days after the due day on which an open bill is reminded of; once each, the last reached alone when several were missed."""


@operation(section=None, why="the day of payment was set by the bill; the clock alone brings it about")
def see_what_is_due(*, actor: Actor, now: datetime) -> int:
    """Move bills whose day has passed to overdue; return how many. Again until 0."""
    tomorrow = now.date() + timedelta(
        days=1
    )  # a customer east of here may be a day ahead: each is judged by its own day
    rows = (
        Bill.objects.for_(actor)
        .filter(payment_state__in=[PaymentState.DUE, PaymentState.PARTLY_PAID], due_date__lt=tomorrow)
        .exclude(state__in=VOID)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .order_by("due_date", "pk")
    )
    return sum(restand(bill, now) for bill in rows[:AT_ONCE])


@operation(section=None, why="a reminder follows from the bill's day of payment")
def remind(*, actor: Actor, now: datetime) -> int:
    """Write the reminders of today: some days before the day of payment, and after it; each goes once to each person. Return how many."""
    soon = now.date() + timedelta(days=settings.SPORTELLO["BILL_REMINDER_DAYS"])
    rows = (
        Bill.objects.for_(actor)
        .filter(payment_state__in=OPEN, due_date__lte=soon, due_date__gte=now.date() - timedelta(days=90))
        .exclude(state__in=VOID)
        .select_related("organisation")
        .order_by("pk")
    )
    people = _people({bill.organisation_id for bill in rows})
    return sum(_remind_of(actor, bill, people.get(bill.organisation_id, ()), now) for bill in rows)


def _remind_of(actor: Actor, bill: Bill, people: Iterable[Person], now: datetime) -> int:
    today = now.astimezone(ZoneInfo(bill.organisation.time_zone)).date()
    which = _which(bill.due_date or today, today)
    keys = {f"bill:{bill.pk}:{which}:{person.pk}": person for person in people}
    told = Message.objects.for_(actor).filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True)
    untold = sorted(set(keys) - set(told))
    for key in untold:
        person = keys[key]
        send_message(
            actor=actor,
            recipient=Recipient(person_id=person.pk),
            template="bill_overdue" if which.startswith("overdue") else "bill_due",
            context=_context(bill, person.language),
            channel=Channel.EMAIL,
            organisation_id=bill.organisation_id,
            idempotency_key=key,
            now=now,
        )
    if untold:
        publish(
            BillReminded(
                organisation_id=bill.organisation_id,
                subject_type="bill",
                subject_id=bill.pk,
                number=bill.number,
                what=which,
                messages=len(untold),
            )
        )
    return len(untold)


def _which(due: date, today: date) -> str:
    """Return which reminder it is: `due`, or `overdue` with the days after which it comes."""
    reached = [days for days in OVERDUE_AFTER if today >= due + timedelta(days=days)]
    return f"overdue-{reached[-1]}" if reached else "due"


def _people(organisations: set[int]) -> dict[int, list[Person]]:
    rows = Membership.objects.across_tenants(reason="whom bills are reminded to").filter(
        organisation_id__in=organisations, profile__in=TOLD, ended_at=None, person__deactivated_at=None
    )
    found: dict[int, dict[int, Person]] = {}
    for row in rows.select_related("person").order_by("pk"):
        if row.person.email:
            found.setdefault(row.organisation_id, {})[row.person_id] = row.person
    return {organisation: list(people.values()) for organisation, people in found.items()}


def _context(bill: Bill, language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "number": bill.number,
            "date": formats.day(bill.issue_date),
            "open": formats.money(bill.payable - bill.paid),
            "due": formats.day(bill.due_date),
            "customer": bill.organisation.legal_name,
            "link": f"/bills/{bill.pk}/",
        }
