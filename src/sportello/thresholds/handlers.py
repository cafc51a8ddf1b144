"""What thresholds do when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.thresholds import operations
from sportello.thresholds.events import ThresholdsCrossed


def counters_changed(*, load_id: int, line_ids: Collection[int], months: Collection[date], now: datetime) -> None:
    """Hold changed counters against the thresholds on them, inside the load's transaction (a `usage.types.CounterListener`)."""
    actor = system_actor(reason=f"usage load {load_id} changed counters")
    operations.evaluate(actor=actor, line_ids=line_ids, months=months, now=now)


@handles(ThresholdsCrossed)
def tell_of_crossings(event: Event) -> None:
    """Write the messages of a load that crossed too many thresholds to tell of them at once."""
    if not event.payload["told_at_once"]:
        actor = system_actor(reason="telling of crossed thresholds")
        span = (event.payload["first"], event.payload["last"])
        operations.tell(actor=actor, crossings=event.payload["crossings"], span=span, now=timezone.now())
