"""When a counter reaches its limit at the pace of its period so far: whole numbers, no rounding in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sportello.thresholds.rules.periods import Span

PERMILLE: Final = 1000
EARLIEST: Final = 100
"""Thousandths of a period before which nothing is foretold."""

_MICROSECOND: Final = timedelta(microseconds=1)


def due_share(span: Span, now: datetime) -> int | None:
    """Return the share (thousandths) from which a counter reaches its limit before the period ends; None when it is too early to say."""
    gone = (now - span.at) // _MICROSECOND
    whole = (span.to - span.at) // _MICROSECOND
    if gone * PERMILLE < whole * EARLIEST or gone >= whole:
        return None
    return -(-gone * PERMILLE // whole)


def crosses_at(used: int, limit: int, *, period_at: datetime, now: datetime, latest: datetime) -> datetime | None:
    """Return when `used` becomes `limit` at the pace since `period_at`; None when it is reached, never will be, or after `latest`."""
    if used <= 0 or used >= limit or now <= period_at:
        return None
    needed = (now - period_at) // _MICROSECOND * limit // used
    if needed > (latest - period_at) // _MICROSECOND:
        return None
    return period_at + timedelta(microseconds=needed)
