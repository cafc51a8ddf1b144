"""What thresholds do when something happens elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.utils import timezone

from sportello.inventory.events import LineAdded, LinesAdded, LinesLoaded
from sportello.kernel.actor import system_actor
from sportello.kernel.events import handles
from sportello.kernel.models import Event
from sportello.thresholds import operations
from sportello.thresholds.events import BulkStarted, ThresholdsCrossed
from sportello.thresholds.tasks import inherit_profiles, run_bulk
from sportello.thresholds.types import bulk_job_key


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
        managers = event.payload.get("managers", True)
        operations.tell(
            actor=actor, crossings=event.payload["crossings"], span=span, now=timezone.now(), managers=managers
        )


@handles(LineAdded)
@handles(LinesAdded)
@handles(LinesLoaded)
def give_new_lines_their_profile(event: Event) -> None:
    """Let new lines inherit their customer's default profile; of the installation's files, all customers are looked at."""
    inherit_profiles.enqueue(event.organisation_id)


@handles(BulkStarted)
def go_through_many(event: Event) -> None:
    """Go through a change of many lines or thresholds."""
    run_bulk.enqueue_once(bulk_job_key(int(event.subject_id)), int(event.subject_id))
