"""Bill runs that went through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sportello.billing.events import BillRunEnded
from sportello.billing.types import RunFailure
from sportello.kernel.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run that went through every customer: when it ended, the first day of its month, its bills, and who has none and why."""

    at: datetime
    month: date
    bills: int
    failures: Sequence[RunFailure]


def ended_runs(*, most: int = 5) -> list[EndedRun]:
    """Return the last bill runs, the newest first; they are the operator's alone."""
    rows = Event.append_only.filter(kind=BillRunEnded.kind).order_by("-pk")[:most]
    return [
        EndedRun(
            at=row.at,
            month=date.fromisoformat(row.payload["month"]),
            bills=row.payload["bills"],
            failures=[RunFailure(**one) for one in row.payload["failures"]],
        )
        for row in rows
    ]
