"""The kernel's own background work."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from sportello.kernel.jobs import job
from sportello.kernel.models import Job, JobState

KEEP_DONE = timedelta(days=7)
KEEP_SCHEDULED = timedelta(minutes=30)
"""Frequent slots would fill the table; the slot's key is only needed while the slot lasts."""


@job(retries=1)
def purge_done_jobs() -> int:
    """Remove jobs that ended well and are old; failed ones stay until the operator looks at them. Return how many."""
    now = timezone.now()
    old = Q(finished_at__lt=now - KEEP_DONE)
    frequent = Q(key__startswith="schedule:", finished_at__lt=now - KEEP_SCHEDULED) & ~Q(
        key__regex=r":\d{4}-\d\d-\d\d$"
    )
    removed, _each = Job.objects.filter(old | frequent, state=JobState.SUCCEEDED).delete()
    return removed
