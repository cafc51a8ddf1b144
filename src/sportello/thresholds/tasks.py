"""Background work of thresholds."""

from __future__ import annotations

from django.utils import timezone

from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job
from sportello.thresholds import operations


@job(retries=3)
def turn_periods() -> int:
    """Begin the present period of every counter whose period is over, and end its bars; return how many lines were turned."""
    actor = system_actor(reason="periods end by the clock")
    total = 0
    while turned := operations.turn_periods(actor=actor, now=timezone.now()):
        total += turned
    return total
