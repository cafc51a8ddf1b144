"""Lines, counters and thresholds of the tests."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from django.db.models import F, Q

from sportello.inventory.models import Agreement, Line, LinePeriod
from sportello.inventory.states import LineKind, LineStatus
from sportello.kernel.actor import system_actor
from sportello.kernel.money import amount_value, from_units
from sportello.kernel.testing import arrange
from sportello.thresholds.models import Threshold
from sportello.thresholds.operations.tallying import keep_tallies, open_tallies
from sportello.thresholds.types import Terms
from sportello.usage.models import Counter

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)

_numbers = itertools.count(1)


def euro(text: str) -> int:
    """Return euros as whole 1e-5 units."""
    whole, _dot, part = text.partition(".")
    return int(whole) * 100_000 + int((part + "00000")[:5])


def a_line(organisation, *, person=None, dual_billing=False, number=None, kind=LineKind.MOBILE, **values):
    """Write a line with its open period."""
    number = number or f"+39351100{next(_numbers):04d}"
    with arrange():
        agreement, _new = Agreement.objects.for_(_system()).get_or_create(organisation=organisation, code="AGR")
        line = Line.objects.create(
            organisation=organisation, agreement=agreement, number=number, kind=kind, status=LineStatus.ACTIVE,
            active_from=START, person=person, dual_billing=dual_billing, **values,
        )  # fmt: skip
        LinePeriod.objects.create(
            line=line, organisation=organisation, number=number, active_from=START, status=LineStatus.ACTIVE,
            person=person, dual_billing=dual_billing,
        )  # fmt: skip
    return line


def count(line, amount="0", *, month=NOVEMBER, traffic="data", zone="national", personal=False, period=None, **sums):
    """Add to a counter of a line, as a load does; `amount` in euros."""
    period = period or line.periods.for_(_system()).order_by("-active_from").first()
    with arrange():
        row, _new = Counter.objects.for_(_system()).get_or_create(
            period=period, line=line, organisation=line.organisation, month=month, traffic_type=traffic, zone=zone,
            personal=personal,
        )  # fmt: skip
        grown = {name: F(name) + value for name, value in sums.items()}
        Counter.objects.for_(_system()).filter(pk=row.pk).update(
            amount=F("amount") + amount_value(_decimal(amount)), **grown
        )
    return row


def terms(limit="10", *, traffic="data", measure="amount", **others) -> Terms:
    """Return terms; a limit in euros when it is text, in units when it is a number."""
    return Terms(
        traffic_type=traffic, measure=measure, limit=euro(limit) if isinstance(limit, str) else limit, **others
    )


def a_threshold(line, limit="10", *, traffic="data", measure="amount", steps=(50, 80, 100), **values) -> Threshold:
    """Write a threshold directly, without holding it against a counter."""
    with arrange():
        row = Threshold.objects.create(
            organisation=line.organisation, line=line, traffic_type=traffic, measure=measure,
            limit_units=euro(limit) if isinstance(limit, str) else limit, steps=list(steps), first_step=min(steps),
            last_step=max(steps), **{"active_from": START, "counts_from": date(2026, 1, 1)} | values,
        )  # fmt: skip
        open_tallies([row], NOW)
        keep_tallies(_system(), Q(pk=row.pk), NOVEMBER)
    return row


def tallied(line, amount="0", **others):
    """Add to a counter of a line and keep its tallies, as a load does, but tell nothing."""
    row = count(line, amount, **others)
    with arrange():
        keep_tallies(_system(), Q(line_id=line.pk), row.month)
    return row


def _decimal(text):
    return from_units(-euro(text[1:]) if text.startswith("-") else euro(text))


def _system():
    return system_actor(reason="a test looks")
