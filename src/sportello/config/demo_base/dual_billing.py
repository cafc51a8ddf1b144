"""Who of the demo is billed for private traffic: an enrolment for each stretch in which a person held a line with dual billing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from stdnum import iban as ibans
from stdnum.es import dni
from stdnum.it import codicefiscale

from sportello.config.demo_base.storing import REASON
from sportello.dual_billing.models import Enrolment, PrivateBill
from sportello.dual_billing.operations import mark_overdue, mark_paid, run_private_bills
from sportello.dual_billing.rules import TERMS_VERSION
from sportello.dual_billing.states import EndReason, EnrolmentState, PaymentMethod, PaymentState
from sportello.inventory.models import LinePeriod
from sportello.inventory.states import LineStatus
from sportello.kernel.actor import Via, system_actor
from sportello.kernel.calendar import local_day, next_month
from sportello.kernel.operations import bulk_write

CARDS: Final = 7
"""One in so many pays by card."""
OPTIONS: Final = {"messages": 5, "roaming": 3, "data_apn": 4}
BILLED_MONTHS: Final = 3
LETTERS: Final = "BCDFGLMNPRSTVZ"


def enrol(now: datetime) -> int:
    """Write the enrolments of all lines with dual billing, signed before the line's history begins to count; return how many."""
    system = system_actor(reason=REASON, via=Via.COMMAND)
    rows = list(_enrolments(now))
    with bulk_write(actor=system):
        Enrolment.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def bill_employees(months: list[date], now: datetime) -> int:
    """Make the employees' bills of the last months that are over, the older ones paid; return how many there are."""
    system = system_actor(reason=REASON, via=Via.COMMAND)
    made = 0
    for month in months[:-1][-BILLED_MONTHS:]:
        at = min(datetime.combine(next_month(month), now.timetz()), now)
        made += run_private_bills(actor=system, month=month, now=at)
    due = PrivateBill.objects.for_(system).filter(state=PaymentState.DUE)
    older = [row.pk for row in due if row.due_date < now.date() and row.pk % 9]
    mark_paid(actor=system, bills=older, now=now)
    mark_overdue(actor=system, today=now.date())
    return made


def _enrolments(now: datetime) -> Iterator[Enrolment]:
    rows = LinePeriod.objects.across_tenants(reason=REASON).exclude(line__status=LineStatus.ORDERED)
    dual = rows.filter(dual_billing=True, active_from__lt=now).exclude(person=None)
    periods = dual.select_related("line", "person", "organisation").order_by("line_id", "active_from")
    for _line, own in groupby(periods, key=lambda period: period.line_id):
        for _person, stretch in groupby(own, key=lambda period: period.person_id):
            yield _enrolment(list(stretch), now)


def _enrolment(stretch: list[LinePeriod], now: datetime) -> Enrolment:
    first, last = stretch[0], stretch[-1]
    assert first.person is not None  # noqa: S101 - chosen so
    serial = first.pk
    ended = last.active_to is not None and last.active_to <= now
    card = serial % CARDS == 0
    method = PaymentMethod.CARD if card else PaymentMethod.BANK_TRANSFER
    return Enrolment(
        organisation_id=first.organisation_id, line=first.line, person=first.person, tax_code=_tax_code(serial, first.organisation.country),
        address=f"Via dei Tigli {serial % 120 + 1}", postcode=f"{serial % 99 + 1:02}100", city="Cittànova", province="",
        email=f"{first.person.username}@casa.example", payment_method=method, iban="" if card else _iban(serial),
        card_reference=f"tok_{serial:08x}" if card else "", start_date=local_day(first.active_from, ZoneInfo(first.organisation.time_zone)),
        **{name: serial % often == 0 for name, often in OPTIONS.items()},
        state=EnrolmentState.ENDED if ended else EnrolmentState.ACTIVE, asked_at=first.active_from - timedelta(days=7),
        accepted_at=first.active_from - timedelta(days=2), terms_version=TERMS_VERSION, active_from=first.active_from,
        active_to=last.active_to if ended else None, ended_at=last.active_to if ended else None,
        end_reason=EndReason.LINE_LOST.value if ended else "",
    )  # fmt: skip


def _tax_code(serial: int, country: str) -> str:
    """Return a person's tax code whose check letter is right, of nobody."""
    if country == "ES":
        return f"{serial:08}{dni.calc_check_digit(f'{serial:08}')}"
    letters = "".join(LETTERS[serial // len(LETTERS) ** place % len(LETTERS)] for place in range(6))
    start = f"{letters}{60 + serial % 40}{'ABCDEHLMPRST'[serial % 12]}{serial % 28 + 1:02}Z{100 + serial % 800}"
    return start + str(codicefiscale.calc_check_digit(start))


def _iban(serial: int) -> str:
    """Return an IBAN whose check digits are right, of no bank."""
    account = f"X0000000000{serial:012}"
    return f"IT{ibans.calc_check_digits(f'IT00{account}')}{account}"
