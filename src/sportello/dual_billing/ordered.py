"""What orders do with dual billing: their completion asks the employee, or ends it; and it warns before a line ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sportello.dual_billing import operations, queries, rules
from sportello.dual_billing.models import Enrolment
from sportello.dual_billing.states import OPEN, PaymentMethod
from sportello.dual_billing.types import EnrolmentData
from sportello.inventory.models import Line
from sportello.kernel.actor import Actor, system_actor
from sportello.kernel.calendar import local_day
from sportello.orders.types import Done

REASON = "an order for dual billing was completed"
ASKED = ("tax_code", "address", "postcode", "city", "province", "email", "iban")


def start(*, actor: Actor, done: Done, now: datetime) -> None:  # noqa: ARG001 - who completes orders needs no right to dual billing
    """Ask the line's user with the order's answers; a first day that has passed meanwhile is today. Raises what `ask_enrolment` raises."""
    line = _line(done)
    today = local_day(now, ZoneInfo(line.organisation.time_zone))
    typed: dict[str, Any] = {key: done.answers.get(key, "") for key in ASKED}
    data = EnrolmentData(
        **typed,
        payment_method=PaymentMethod.BANK_TRANSFER,
        start_date=max(today, date.fromisoformat(done.answers["start_date"])),
    )
    operations.ask_enrolment(actor=system_actor(reason=REASON), line=line, data=data, now=now)


def stop(*, actor: Actor, done: Done, now: datetime) -> None:  # noqa: ARG001 - as above
    """End the dual billing of the line now. Raises `NotOpen` where there is none."""
    system = system_actor(reason=REASON)
    row = queries.open_of_line(system, _line(done))
    if row is None:
        raise rules.NotOpen
    operations.end_enrolment(actor=system, enrolment=row, now=now)


def hanging(actor: Actor, line_ids: Sequence[int]) -> Mapping[int, Sequence[str | Promise]]:
    """Return a warning for each of these lines that has dual billing."""
    rows = Enrolment.objects.for_(actor).filter(line__in=list(line_ids), state__in=OPEN)
    return {line_id: [_("dual billing")] for line_id in rows.values_list("line_id", flat=True)}


def _line(done: Done) -> Line:
    if done.line is None:
        raise rules.NoSuchLine
    return done.line
