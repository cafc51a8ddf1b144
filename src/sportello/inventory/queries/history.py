"""Who held what when: a line as of any instant, the holder of a number, all periods for placing usage."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import BigIntegerField, F, Func, Q, QuerySet

from sportello.inventory.models import Line, LinePeriod
from sportello.inventory.types import PlacingPeriod
from sportello.kernel.actor import Actor
from sportello.kernel.chunks import in_chunks

AT_ONCE: Final = 10_000
NUMBERS_AT_ONCE: Final = 800
STANDING: Final = ("plan", "person", "cost_centre", "site", "sim")


@dataclass(frozen=True, slots=True)
class AsOf:
    """A line with how it stood at one instant."""

    line: Line
    period: LinePeriod
    at: datetime


class _Microseconds(Func):
    """An instant as whole microseconds since 1970, computed by the database: a hundred thousand of them need no parsing."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, Any]:
        column, given = compiler.compile(self.source_expressions[0])
        # Instants are stored as text in UTC, with six digits after the second or none.
        seconds = f"CAST(strftime('%%s', {column}) AS INTEGER) * 1000000"
        return f"({seconds} + CAST(substr({column} || '.000000', 21, 6) AS INTEGER))", [*given, *given]

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, Any]:
        column, given = compiler.compile(self.source_expressions[0])
        return f"CAST(EXTRACT(EPOCH FROM {column}) * 1000000 AS bigint)", list(given)


def at_instant(at: datetime) -> Q:
    """Return the condition for what holds at the instant: begun, and not ended."""
    return Q(active_from__lte=at) & (Q(active_to=None) | Q(active_to__gt=at))


def history(actor: Actor, line: Line) -> QuerySet[LinePeriod]:
    """Return the periods of a line, the newest first, without those that were withdrawn."""
    rows = LinePeriod.objects.for_(actor).filter(line=line).filter(Q(active_to=None) | Q(active_to__gt=F("active_from")))
    return rows.select_related(*STANDING).order_by("-active_from")


def line_as_of(actor: Actor, pk: int, at: datetime) -> AsOf | None:
    """Return the line as it stood at an instant, or None when it was not held then. Raises `NotFound` for the line."""
    line = Line.objects.for_(actor).select_related("agreement", "organisation").get_or_refuse(pk=pk)
    period = history(actor, line).filter(at_instant(at)).first()
    return AsOf(line, period, at) if period else None


def holder_at(actor: Actor, number: str, at: datetime) -> LinePeriod | None:
    """Return the period in which the number was held at an instant, inside the actor's reach; None when by nobody there."""
    rows = LinePeriod.objects.for_(actor).filter(at_instant(at), number=number)
    return rows.select_related("line", *STANDING).first()


def line_periods_for_placing(*, reason: str, numbers: Collection[str] | None = None) -> Iterator[PlacingPeriod]:
    """Yield the periods of all customers' lines (of these numbers only, when told), in no order, as tuples ready for Arrow.

    Usage is placed by them on the line that held the number at that moment, never on today's holder (ABUSE G12).
    """
    rows = LinePeriod.objects.across_tenants(reason=reason).order_by()
    rows = rows.filter(Q(active_to=None) | Q(active_to__gt=F("active_from")))
    if numbers is None:
        yield from _placing(rows)
        return
    for some in in_chunks(dict.fromkeys(numbers), NUMBERS_AT_ONCE):
        yield from _placing(rows.filter(number__in=some))


def _placing(rows: QuerySet[LinePeriod]) -> Iterator[PlacingPeriod]:
    columns = (
        "pk", "line_id", "organisation_id", "number", _Microseconds("active_from"), _Microseconds("active_to"),
        "organisation__time_zone",
    )  # fmt: skip
    return map(PlacingPeriod._make, rows.values_list(*columns).iterator(chunk_size=AT_ONCE))
