"""What the reader's own private traffic cost, month by month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from sportello.dual_billing.models import Enrolment
from sportello.kernel.actor import Actor
from sportello.usage.models import Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMonth:
    """The private traffic of one month (its first day): EUR net by traffic type, and how many records."""

    month: date
    amounts: dict[str, Decimal]
    records: int

    @property
    def amount(self) -> Decimal:
        """Return the whole amount."""
        return sum(self.amounts.values(), Decimal(0))


def own_months(actor: Actor, row: Enrolment, *, most: int = 12) -> list[OwnMonth]:
    """Return the months with private traffic of the reader on the line, the newest first; of nobody else, whoever asks."""
    if actor.person_id is None or row.person_id != actor.person_id:
        return []
    counted = Counter.objects.for_(actor).filter(line_id=row.line_id, period__person_id=actor.person_id, personal=True)
    sums = counted.order_by().values_list("month", "traffic_type").annotate(total=Sum("amount"), count=Sum("records"))
    amounts: dict[date, dict[str, Decimal]] = defaultdict(dict)
    records: dict[date, int] = defaultdict(int)
    for month, traffic_type, total, count in sums:
        if count:
            amounts[month][traffic_type] = total
            records[month] += count
    months = sorted(amounts, reverse=True)[:most]
    return [OwnMonth(month=month, amounts=amounts[month], records=records[month]) for month in months]
