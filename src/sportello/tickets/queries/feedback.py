"""What people say of tickets that ended: of one ticket, of a link, and in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, QuerySet
from django.db.models.functions import TruncMonth

from sportello.kernel.actor import Actor
from sportello.tickets.models import FeedbackWish, Ticket, TicketFeedback, TicketRecipient
from sportello.tickets.states import Score

NEWEST: Final = 20


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """How satisfied people are: who was asked, who answered, how many of each score, the mean of each month with answers."""

    asked: int
    answered: int
    by_score: Sequence[int]
    by_month: Sequence[tuple[datetime, Decimal, int]]

    @property
    def mean(self) -> Decimal | None:
        """Return the mean score of all answers, with one decimal; None without any."""
        total = sum(score * count for score, count in zip(Score.values, self.by_score, strict=True))
        return round(Decimal(total) / self.answered, 1) if self.answered else None


def feedback_wish() -> FeedbackWish:
    """Return whether the operator asks, and for how many days answers are taken; off until somebody says so."""
    return FeedbackWish.objects.first() or FeedbackWish()


def feedback_of(actor: Actor, ticket: Ticket) -> list[TicketFeedback]:
    """Return what was said of a ticket, as an actor sees it; questions without an answer are not among it."""
    rows = TicketFeedback.objects.for_(actor).filter(ticket=ticket, answered_at__isnull=False)
    return list(rows.select_related("recipient__person", "recipient__home").order_by("answered_at"))


def feedback_asked(recipient: TicketRecipient) -> TicketFeedback | None:
    """Return the question that a recipient was asked, or None."""
    rows = TicketFeedback.objects.across_tenants(reason="a link says by itself what it answers")
    return rows.filter(recipient=recipient).first()


def satisfaction(actor: Actor, *, since: datetime, zone: ZoneInfo) -> Satisfaction:
    """Return how satisfied people are with the tickets that an actor sees, of those opened since an instant."""
    rows = _since(actor, since)
    answered = rows.filter(answered_at__isnull=False)
    counts = dict(answered.values_list("score").annotate(count=Count("pk")))
    months = answered.annotate(month=TruncMonth("answered_at", tzinfo=zone)).values("month").order_by("month")
    means = months.annotate(mean=Avg("score"), count=Count("pk"))
    return Satisfaction(
        asked=rows.count(),
        answered=sum(counts.values()),
        by_score=[counts.get(score, 0) for score in Score.values],
        by_month=[(row["month"], round(Decimal(str(row["mean"])), 2), row["count"]) for row in means],
    )


def newest_words(actor: Actor, *, since: datetime) -> list[TicketFeedback]:
    """Return what people wrote lately of the tickets that an actor sees, the newest first."""
    rows = _since(actor, since).filter(answered_at__isnull=False).exclude(words="")
    return list(rows.select_related("ticket__organisation", "recipient").order_by("-answered_at")[:NEWEST])


def means_by(actor: Actor, *names: str, since: datetime) -> dict[tuple[object, ...], Decimal]:
    """Return the mean score by lookups of the ticket (`type__code`), of those with an answer."""
    paths = [f"ticket__{name}" for name in names]
    rows = _since(actor, since).filter(answered_at__isnull=False).values(*paths).annotate(mean=Avg("score"))
    return {tuple(row[path] for path in paths): round(Decimal(str(row["mean"])), 1) for row in rows}


def _since(actor: Actor, since: datetime) -> QuerySet[TicketFeedback]:
    return TicketFeedback.objects.for_(actor).filter(ticket__opened_at__gte=since).order_by()
