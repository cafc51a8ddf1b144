"""The employees' own bills, and what was counted and not billed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum

from sportello.dual_billing.models import Enrolment, PrivateBill, PrivateBillLine
from sportello.kernel.actor import Actor
from sportello.kernel.scope import ScopedQuerySet
from sportello.usage.models import Counter

MONTHS_BACK: Final = 13
"""How long after its month a record or correction still comes onto a bill; records themselves are kept for half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbilled:
    """What one kind of private traffic of one month cost beyond what was billed of it (EUR net, exact)."""

    month: date
    traffic_type: str
    zone: str
    records: int
    amount: Decimal


Key = tuple[date, str, str]
Sums = dict[Key, tuple[int, Decimal]]


def bills(actor: Actor) -> ScopedQuerySet[PrivateBill]:
    """Return the bills in reach: all to the operator, their own to everybody else."""
    return PrivateBill.objects.for_(actor).select_related("person", "organisation", "enrolment__line")


def own_bills(actor: Actor) -> list[PrivateBill]:
    """Return the reader's own bills, the newest first."""
    return list(bills(actor).filter(person_id=actor.person_id or 0).order_by("-month", "-pk")[:60])


def bill(actor: Actor, pk: int) -> PrivateBill:
    """Return one of the reader's own bills. Raises `NotFound`."""
    return bills(actor).get_or_refuse(pk=pk, person_id=actor.person_id or 0)


def bill_lines(actor: Actor, row: PrivateBill) -> list[PrivateBillLine]:
    """Return the lines of a bill."""
    return list(PrivateBillLine.objects.for_(actor).filter(bill=row).order_by("month", "traffic_type", "zone"))


def unbilled(actor: Actor, until: date) -> Iterator[tuple[Enrolment, list[Unbilled]]]:
    """Yield the enrolments with private traffic of months up to `until` (a first day) that no bill holds, with what it is.

    A line and person enrolled twice are billed under the newest enrolment.
    """
    since = date(until.year - 1, until.month, 1)
    counted, billed = _counted(actor, since, until), _billed(actor, since)
    rows = Enrolment.objects.for_(actor).exclude(active_from=None).select_related("person", "line", "organisation")
    newest = {(row.line_id, row.person_id): row for row in rows.order_by("active_from", "pk")}
    for whose in sorted(newest):
        found = _left(counted.get(whose, {}), billed.get(whose, {}))
        if found:
            yield newest[whose], found


def _left(counted: Sums, billed: Sums) -> list[Unbilled]:
    left = []
    for key in sorted({*counted, *billed}):
        month, traffic_type, zone = key
        (records, amount), (records_before, before) = counted.get(key, _NOTHING), billed.get(key, _NOTHING)
        if amount != before:
            rest: dict[str, Any] = {"records": records - records_before, "amount": amount - before}
            left.append(Unbilled(month=month, traffic_type=traffic_type, zone=zone, **rest))
    return left


_NOTHING: Final = (0, Decimal(0))


def _counted(actor: Actor, since: date, until: date) -> Mapping[tuple[int, int], Sums]:
    rows = Counter.objects.for_(actor).filter(personal=True, month__gte=since, month__lte=until)
    keys = ("line_id", "period__person_id", "month", "traffic_type", "zone")
    return _summed(rows.order_by().values_list(*keys).annotate(count=Sum("records"), total=Sum("amount")))


def _billed(actor: Actor, since: date) -> Mapping[tuple[int, int], Sums]:
    rows = PrivateBillLine.objects.for_(actor).filter(month__gte=since)
    keys = ("bill__enrolment__line_id", "bill__person_id", "month", "traffic_type", "zone")
    return _summed(rows.order_by().values_list(*keys).annotate(count=Sum("records"), total=Sum("amount")))


def _summed(rows: Iterable[Any]) -> Mapping[tuple[int, int], Sums]:
    found: dict[tuple[int, int], Sums] = defaultdict(dict)
    for line_id, person_id, month, traffic_type, zone, records, amount in rows:
        found[line_id, person_id][month, traffic_type, zone] = (records, amount)
    return found
