"""The job that calls one handler for one event."""

from __future__ import annotations

from datetime import timedelta

from django.utils.module_loading import import_string

from sportello.kernel.jobs.declare import URGENT, job
from sportello.kernel.models import Event


@job(retries=10, pause=timedelta(seconds=2), priority=URGENT)
def handle_event(event_id: int, handler: str) -> None:
    """Call `handler` (dotted path) with the stored event; at least once."""
    import_string(handler)(Event.append_only.get(pk=event_id))
