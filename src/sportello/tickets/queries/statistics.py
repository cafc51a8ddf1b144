"""Figures of tickets by month, type and partner: how many, how soon answered and ended, how many in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Avg, Case, Count, F, FloatField, Func, Q, QuerySet, Value, When

from sportello.kernel.actor import Actor
from sportello.tickets.models import Ticket
from sportello.tickets.queries.feedback import means_by
from sportello.tickets.states import OPEN
from sportello.tickets.types import in_words

MONTHS: Final = 12
MOST_PARTNERS: Final = 30


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one type or partner; times are of the clock on the wall, None where nothing was answered or ended."""

    name: str
    opened: int
    still_open: int
    answer: timedelta | None
    end: timedelta | None
    answered_in_time: int
    answered: int
    had_due: int
    satisfaction: Decimal | None = None

    @property
    def share_in_time(self) -> int | None:
        """Return how many of a hundred first answers that were due came in time, None without any."""
        return round(100 * self.answered_in_time / self.had_due) if self.had_due else None


class _Seconds(Func):
    """The seconds from the second instant to the first, reckoned by the database itself."""

    template = "EXTRACT(EPOCH FROM (%(expressions)s))"
    arg_joiner = " - "
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[str | int, ...]]:
        """Return the difference of days: Django's own would call Python for each row."""
        template = "(julianday(%(expressions)s)) * 86400.0"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **more)


def opened_by_month(actor: Actor, *, since: datetime, zone: ZoneInfo) -> list[tuple[datetime, int, int]]:
    """Return (month, opened, of these ended) of the tickets that an actor sees, from the first month with any."""
    first = since.astimezone(zone)
    starts = [_later(first, months) for months in range(MONTHS)]
    place = Case(
        *(When(opened_at__lt=end, then=Value(number)) for number, end in enumerate(starts[1:])), default=MONTHS - 1
    )
    rows = _since(actor, since).annotate(month=place).values("month").order_by("month")
    found = {
        row["month"]: (row["opened"], row["ended"])
        for row in rows.annotate(opened=Count("pk"), ended=Count("pk", filter=Q(ended_at__isnull=False)))
    }
    return [(starts[month], *found.get(month, (0, 0))) for month in range(min(found, default=MONTHS), MONTHS)]


def _later(first: datetime, months: int) -> datetime:
    place = first.year * 12 + first.month - 1 + months
    return first.replace(year=place // 12, month=place % 12 + 1)


def by_type(actor: Actor, *, since: datetime) -> list[Row]:
    """Return the figures of each type, the most frequent first."""
    rows = _figures(_since(actor, since), "type__code", "type__names")
    means = means_by(actor, "type__code", since=since)
    return [
        _row(in_words(row["type__names"]) or row["type__code"], row, means.get((row["type__code"],))) for row in rows
    ]


def by_partner(actor: Actor, *, since: datetime, direct: str) -> list[Row]:
    """Return the figures of each partner, the most frequent first; `direct` names the customers that have none."""
    name = "organisation__partner__legal_name"
    rows, means = _figures(_since(actor, since), name), means_by(actor, name, since=since)
    return [_row(row[name] or direct, row, means.get((row[name],))) for row in rows[:MOST_PARTNERS]]


def _since(actor: Actor, since: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.for_(actor).filter(opened_at__gte=since).order_by()


def _figures(rows: QuerySet[Ticket], *names: str) -> Sequence[dict[str, Any]]:
    figures = {
        "opened": Count("pk"),
        "still_open": Count("pk", filter=Q(state__in=OPEN)),
        "answered": Count("answered_at"),
        "due": Count("pk", filter=Q(answered_at__isnull=False, answer_due_at__isnull=False)),
        "in_time": Count("pk", filter=Q(answered_at__lte=F("answer_due_at"))),
        "answer": Avg(_Seconds("answered_at", "opened_at")),
        "end": Avg(_Seconds("ended_at", "opened_at")),
    }
    return list(rows.values(*names).annotate(**figures).order_by("-opened", *names))


def _row(name: str, row: dict[str, Any], satisfaction: Decimal | None) -> Row:
    return Row(
        name=name,
        opened=row["opened"],
        still_open=row["still_open"],
        answer=_time(row["answer"]),
        end=_time(row["end"]),
        answered_in_time=row["in_time"],
        answered=row["answered"],
        had_due=row["due"],
        satisfaction=satisfaction,
    )


def _time(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=round(seconds)) if seconds is not None else None
