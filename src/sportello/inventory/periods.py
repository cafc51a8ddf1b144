"""The arithmetic of a line's history, on plain values: what stood from when to when, without gap or overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a line stands at one time: the facts that its history keeps."""

    status: str
    plan_id: int | None = None
    person_id: int | None = None
    cost_centre_id: int | None = None
    site_id: int | None = None
    sim_id: int | None = None
    dual_billing: bool = False
    agreement_id: int | None = None


STANDING_FIELDS = ("status", "plan_id", "person_id", "cost_centre_id", "site_id", "sim_id", "dual_billing", "agreement_id")


@dataclass(frozen=True, slots=True)
class Span:
    """A standing from `active_from` (inclusive) to `active_to` (exclusive, None = open); `period_id` None = not stored yet."""

    active_from: datetime
    active_to: datetime | None
    standing: Standing
    period_id: int | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether the span holds no instant: a line's end was moved before it. The row stays, others may refer to it."""
        return self.active_to is not None and self.active_to <= self.active_from

    def holds(self, at: datetime) -> bool:
        """Tell whether the instant lies in the span."""
        return self.active_from <= at and (self.active_to is None or at < self.active_to)


def last_of(spans: Sequence[Span]) -> Span:
    """Return the span that stands last; a line has one at least."""
    return max((span for span in spans if not span.is_withdrawn), key=lambda span: span.active_from)


def restanding(spans: Sequence[Span], standing: Standing, *, at: datetime) -> list[Span]:
    """Return the history in which the line stands so from `at` on.

    Where `at` is outside the last span (the line has ended, or not begun) or at its very start, that span is corrected in place.
    """
    last = last_of(spans)
    if last.standing == standing:
        return list(spans)
    if at == last.active_from or not last.holds(at):
        return _replaced(spans, last, replace(last, standing=standing))
    closed = _replaced(spans, last, replace(last, active_to=at))
    opened = Span(at, last.active_to, standing)
    withdrawn = next((span for span in closed if span.active_from == at), None)
    if withdrawn is None:
        return [*closed, opened]
    return _replaced(closed, withdrawn, replace(opened, period_id=withdrawn.period_id))


def ending(spans: Sequence[Span], active_to: datetime | None) -> list[Span]:
    """Return the history of a line that ends at `active_to` (None: does not end); spans that begin later are withdrawn."""
    kept = [
        replace(span, active_to=span.active_from) if active_to is not None and span.active_from >= active_to else span
        for span in spans
    ]
    last = last_of(kept)
    return _replaced(kept, last, replace(last, active_to=active_to))


def _replaced(spans: Sequence[Span], old: Span, new: Span) -> list[Span]:
    return [new if span is old else span for span in spans]
