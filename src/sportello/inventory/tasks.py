"""Background work of the inventory."""

from __future__ import annotations

from django.utils import timezone

from sportello.inventory import operations
from sportello.kernel.actor import system_actor
from sportello.kernel.jobs import job


@job(retries=3)
def end_due_lines() -> int:
    """Mark the lines whose end has come; return how many."""
    actor = system_actor(reason="the end of a line has come")
    ended = 0
    while some := operations.end_due_lines(actor=actor, now=timezone.now()):
        ended += some
    return ended
